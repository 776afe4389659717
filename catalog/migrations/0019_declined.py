from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0018_stored_queries"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notice",
            name="notice_kind_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="review",
            name="review_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="review",
            name="review_return_has_a_reason",
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
                    ("review_declined", "Your version was declined"),
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
        migrations.AlterField(
            model_name="review",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Waiting"),
                    ("approved", "Approved"),
                    ("changes_requested", "Changes requested"),
                    ("declined", "Declined"),
                    ("cancelled", "Cancelled"),
                ],
                default="open",
                max_length=24,
            ),
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
                            "review_declined",
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
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "approved", "changes_requested", "declined", "cancelled"])),
                name="review_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["changes_requested", "declined"]), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="review_return_has_a_reason",
            ),
        ),
    ]
