import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0023_documents'),
        ('ingest', '0005_corrections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='upload',
            name='description',
            field=models.CharField(blank=True, db_default='', default='', max_length=1000),
        ),
        migrations.AddField(
            model_name='upload',
            name='keeps',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='kept_as', to='ingest.upload'),
        ),
        migrations.AddField(
            model_name='upload',
            name='kind',
            field=models.CharField(choices=[('table', 'Table'), ('document', 'Document')], db_default='table', default='table', max_length=16),
        ),
        migrations.AddField(
            model_name='upload',
            name='title',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddConstraint(
            model_name='upload',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['table', 'document'])), name='upload_kind_is_known'),
        ),
    ]
