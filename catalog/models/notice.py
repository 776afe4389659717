from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.user import User


class NoticeKind(models.TextChoices):
    REQUEST_MADE = "request_made", _("Somebody asks for access")
    REQUEST_REMARK = "request_remark", _("A word on a request")
    REQUEST_GRANTED = "request_granted", _("A request was granted")
    REQUEST_DENIED = "request_denied", _("A request was declined")
    REQUEST_ENDS = "request_ends", _("A request is about to expire")
    REQUEST_EXPIRED = "request_expired", _("A request expired")
    GRANT_GIVEN = "grant_given", _("Access was given")
    GRANT_ENDS = "grant_ends", _("Access is about to end")
    GRANT_ENDED = "grant_ended", _("Access has ended")
    GRANT_REVOKED = "grant_revoked", _("Access was taken back")


class Notice(models.Model):
    """A mail to a person, written in the transaction that it tells of and sent by the sweep (catalog/tasks.py).

    ``params`` are what its words are made of (catalog/services/letters.py). ``try_after`` is when it may be sent, or
    tried again; ``failures`` counts refusals of the mail server.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=24, choices=NoticeKind)
    params = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
    try_after = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=NoticeKind.values), name="notice_kind_is_known")
        ]
        indexes = [
            models.Index(fields=["try_after"], condition=models.Q(sent_at__isnull=True), name="notice_next_to_send")
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_id}"
