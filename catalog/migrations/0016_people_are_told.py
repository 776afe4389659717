import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import catalog.models.user

FILL = """
UPDATE catalog_notice SET read_at = created, dataset_id = (
    SELECT id FROM catalog_dataset WHERE catalog_dataset.id = (params ->> 'dataset')::bigint
)
"""
"""What was told by mail alone has its dataset beside its words, and is no news on the page any more."""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0015_changed_datasets"),
    ]

    operations = [
        migrations.CreateModel(
            name="Follow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_kind_is_known",
        ),
        migrations.AddField(
            model_name="notice",
            name="dataset",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.dataset"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="read_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="affiliation",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="user",
            name="orcid",
            field=models.CharField(blank=True, max_length=19, validators=[catalog.models.user.validate_orcid]),
        ),
        migrations.AddField(
            model_name="user",
            name="theme",
            field=models.CharField(
                blank=True, choices=[("", "As the device says"), ("light", "Light"), ("dark", "Dark")], max_length=8
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="unwanted_mail",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("reviews", "Reviews: versions and suggestions that wait for you, and what becomes of yours"),
                        ("drafts", "Your drafts: long checks that are done, files that can’t be read"),
                        ("access", "Access: requests for your data, and for what you asked or were given"),
                        ("following", "Datasets that you follow: new versions, embargoes that end, warnings"),
                    ],
                    max_length=16,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("request_made", "Somebody asks for access"),
                    ("request_remark", "A word on a request"),
                    ("request_granted", "A request was granted"),
                    ("request_denied", "A request was declined"),
                    ("request_ends", "A request is about to expire"),
                    ("request_expired", "A request expired"),
                    ("grant_given", "Access was given"),
                    ("grant_ends", "Access is about to end"),
                    ("grant_ended", "Access has ended"),
                    ("grant_revoked", "Access was taken back"),
                    ("review_opened", "A version waits for review"),
                    ("review_remark", "A word on a review"),
                    ("review_approved", "Your version is published"),
                    ("review_returned", "Changes are asked for"),
                    ("check_done", "A check is done"),
                    ("upload_rejected", "A file could not be read"),
                    ("annotation_made", "Somebody suggests something"),
                    ("annotation_decided", "A suggestion was looked at"),
                    ("followed_published", "A new version"),
                    ("followed_opened", "An embargo has ended"),
                    ("followed_withdrawn", "A version was withdrawn"),
                    ("followed_deprecated", "Should not be used any more"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["user", "-created"], name="notice_newest"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("read_at__isnull", True)), fields=["user"], name="notice_unread"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "request_made",
                            "request_remark",
                            "request_granted",
                            "request_denied",
                            "request_ends",
                            "request_expired",
                            "grant_given",
                            "grant_ends",
                            "grant_ended",
                            "grant_revoked",
                            "review_opened",
                            "review_remark",
                            "review_approved",
                            "review_returned",
                            "check_done",
                            "upload_rejected",
                            "annotation_made",
                            "annotation_decided",
                            "followed_published",
                            "followed_opened",
                            "followed_withdrawn",
                            "followed_deprecated",
                        ],
                    )
                ),
                name="notice_kind_is_known",
            ),
        ),
        migrations.AddField(
            model_name="follow",
            name="dataset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="follows", to="catalog.dataset"
            ),
        ),
        migrations.AddField(
            model_name="follow",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="follows", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="follow",
            constraint=models.UniqueConstraint(fields=("user", "dataset"), name="follow_once_per_dataset"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop, elidable=True),
    ]
