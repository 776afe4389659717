from __future__ import annotations

from django.db import models
from django.utils import timezone

from catalog.models.review import Review
from catalog.models.user import User


class PendingDecisionQuerySet(models.QuerySet["PendingDecision"]):
    def waiting(self) -> PendingDecisionQuerySet:
        """Neither undone nor, since that takes the row away, carried out."""
        return self.filter(undone_at__isnull=True)

    def due(self) -> PendingDecisionQuerySet:
        return self.waiting().filter(decide_after__lte=timezone.now())


class PendingDecision(models.Model):
    """A steward's decision in the seconds in which it may be undone; nothing of it has happened yet.

    What is published is immutable from the first moment, so it is carried out only after ``decide_after``
    (catalog/services/reviewing/pending.py), and the row goes then. One that was undone, at ``undone_at``, keeps what
    was typed. ``seen`` is when the dataset was last changed before the decision; ``personal`` and ``failures`` are the
    steward's words as they were said (PersonalCall and FailureCall, as JSON).
    """

    review = models.OneToOneField(Review, primary_key=True, on_delete=models.CASCADE, related_name="pending")
    decided_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=64, blank=True)
    decision = models.CharField(max_length=16)
    reason = models.TextField(blank=True)
    personal = models.JSONField(default=list)
    failures = models.JSONField(default=list)
    seen = models.DateTimeField()
    recorded_at = models.DateTimeField()
    decide_after = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = PendingDecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision="approve") | ~models.Q(reason=""), name="pending_return_has_a_reason"
            )
        ]
        indexes = [
            models.Index(
                fields=["decide_after"], condition=models.Q(undone_at__isnull=True), name="pending_decision_next"
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision} of review {self.review_id}"
