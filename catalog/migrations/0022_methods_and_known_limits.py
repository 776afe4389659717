from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0021_verified_organizations'),
    ]

    operations = [
        migrations.AddField(
            model_name='dataset',
            name='known_limits',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='dataset',
            name='methods',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
    ]
