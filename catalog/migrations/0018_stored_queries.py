from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0017_invitations")]

    operations = [
        migrations.CreateModel(
            name="StoredQuery",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("text", models.TextField()),
                ("tables", models.JSONField()),
                ("engine", models.CharField(max_length=64)),
                ("created", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
