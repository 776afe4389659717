import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KINDS = ["storage", "downloads", "requests"]


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_audit_chain")]

    operations = [
        migrations.CreateModel(
            name="Quota",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("storage", "Bytes kept"),
                            ("downloads", "Bytes downloaded in 30 days"),
                            ("requests", "Requests in a day"),
                        ],
                        max_length=16,
                    ),
                ),
                ("amount", models.PositiveBigIntegerField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quotas",
                        to="catalog.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quotas",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "kind"), name="quota_once_per_organization"),
                    models.UniqueConstraint(fields=("user", "kind"), name="quota_once_per_person"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organization__isnull", True), ("user__isnull", False)),
                            models.Q(("organization__isnull", False), ("user__isnull", True)),
                            _connector="OR",
                        ),
                        name="quota_of_a_person_or_an_organization",
                    ),
                    models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="quota_kind_is_known"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "storage"), _negated=True),
                            ("organization__isnull", False),
                            _connector="OR",
                        ),
                        name="quota_storage_is_an_organizations",
                    ),
                ],
            },
        ),
    ]
