from __future__ import annotations

from django.db import models

from catalog.models.audit_event import AuditEvent
from catalog.models.user import User


class AuditPending(models.Model):
    """An event that is not linked yet. A trigger writes the row with each event, so that none can be passed over."""

    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, primary_key=True, related_name="+")

    class Meta:
        # Nobody but the trigger writes here, and a row is gone once its event is linked.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.event_id)


class AuditLink(models.Model):
    """The place of an event in the hash chain: ``sha256`` is of the event, its position and the link before.

    Append-only like the trail itself: the database refuses UPDATE, DELETE and TRUNCATE.
    """

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="link")
    sha256 = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(position__gte=1), name="auditlink_positions_begin_with_1")
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.sha256}"


class AuditCheck(models.Model):
    """The chain was verified: by whom (null: by the clock), from which position to which, and what was wrong."""

    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    # Each with position, event, kind and sentence; the first hundred.
    faults = models.JSONField(default=list)
    faults_count = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.first} to {self.last}: {self.faults_count} faults"
