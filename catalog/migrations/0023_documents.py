"""Documents of versions, frozen as their tables are."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


# The function of the tables: it looks at the version that a row is of.
GUARD = """
CREATE TRIGGER document_is_immutable_once_published BEFORE INSERT OR UPDATE OR DELETE ON catalog_document
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_resource_change();
"""
UNGUARD = "DROP TRIGGER document_is_immutable_once_published ON catalog_document;"


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0022_methods_and_known_limits'),
    ]

    operations = [
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('description', models.CharField(blank=True, max_length=1000)),
                ('position', models.PositiveIntegerField(default=0)),
                ('bytes', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('media_type', models.CharField(max_length=100)),
                ('upload_id', models.UUIDField(blank=True, null=True)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='catalog.version')),
            ],
            options={
                'ordering': ['position', 'name'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), models.F('version'), name='document_name_once_per_version'), models.CheckConstraint(condition=models.Q(('bytes__gt', 0)), name='document_has_bytes'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='document_is_hashed'), models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('name__contains', '/'), _negated=True)), name='document_name_is_of_a_file')],
            },
        ),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
