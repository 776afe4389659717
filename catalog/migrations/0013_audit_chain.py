"""Every event of the audit trail gets a place in a chain of hashes (catalog/services/audit_chain.py)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TRIGGERS = """
CREATE FUNCTION catalog_audit_waits_for_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_auditpending (event_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_waits_for_its_link AFTER INSERT ON catalog_auditevent
    FOR EACH ROW EXECUTE FUNCTION catalog_audit_waits_for_link();
CREATE TRIGGER audit_link_is_append_only BEFORE UPDATE OR DELETE ON catalog_auditlink
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_audit_change();
CREATE TRIGGER audit_link_is_never_emptied BEFORE TRUNCATE ON catalog_auditlink
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_audit_change();
INSERT INTO catalog_auditpending (event_id) SELECT id FROM catalog_auditevent;
"""
UNDO = """
DROP TRIGGER audit_waits_for_its_link ON catalog_auditevent;
DROP FUNCTION catalog_audit_waits_for_link();
DROP TRIGGER audit_link_is_append_only ON catalog_auditlink;
DROP TRIGGER audit_link_is_never_emptied ON catalog_auditlink;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0012_access_guards")]

    operations = [
        migrations.CreateModel(
            name="AuditPending",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="catalog.auditevent",
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="link", to="catalog.auditevent"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1)), name="auditlink_positions_begin_with_1"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("faults", models.JSONField(default=list)),
                ("faults_count", models.BigIntegerField(default=0)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["-pk"], "default_permissions": ()},
        ),
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
