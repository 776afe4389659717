from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0007_lines_of_rows_and_attached_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='qualityreport',
            name='personal',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='review',
            name='personal',
            field=models.JSONField(default=list),
        ),
    ]
