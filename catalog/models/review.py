from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.models.dataset import Dataset
from catalog.models.user import User
from catalog.models.version import Version


class ReviewState(models.TextChoices):
    OPEN = "open", _("Waiting")
    APPROVED = "approved", _("Approved")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")


REVIEW_MOVES: dict[str, frozenset[str]] = {
    ReviewState.OPEN: frozenset(
        {ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED, ReviewState.DECLINED, ReviewState.CANCELLED}
    ),
    ReviewState.APPROVED: frozenset(),
    ReviewState.CHANGES_REQUESTED: frozenset(),
    ReviewState.DECLINED: frozenset(),
    ReviewState.CANCELLED: frozenset(),
}
SENT_BACK = frozenset({ReviewState.CHANGES_REQUESTED, ReviewState.DECLINED})
"""Ends of a review after which the version is its owner's draft again, with a reason."""


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, actor: Actor) -> ReviewQuerySet:
        """For stewards of the organisation, and for those who can see the version as its makers."""
        if actor.is_staff:
            return self.filter(version__in=Version.objects.visible_to(actor).values("pk"))
        return self.filter(version__in=Version.objects.visible_to(actor).values("pk")).exclude(
            ~models.Q(version__dataset__in=Dataset.objects.stewarded_by(actor).values("pk"))
            & ~models.Q(version__dataset__in=Dataset.objects.working(actor).values("pk"))
        )


class Review(models.Model):
    """A steward's recorded decision on a submitted version.

    ``personal`` are their words on personal data, one of a kind (catalog/services/reviewing/personal.py); ``failures``
    those on checks that failed, one of a check (catalog/services/reviewing/failures.py). ``claimed_by`` looks at it.
    """

    MOVES = REVIEW_MOVES

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="reviews")
    state = models.CharField(max_length=24, choices=ReviewState, default=ReviewState.OPEN)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    personal = models.JSONField(default=list)
    failures = models.JSONField(default=list)
    claimed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    claimed_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(state=ReviewState.OPEN),
                name="review_one_open_per_version",
            ),
            models.CheckConstraint(condition=models.Q(state__in=ReviewState.values), name="review_state_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state__in=sorted(SENT_BACK)) | ~models.Q(reason=""),
                name="review_return_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(state=ReviewState.APPROVED)
                | ~models.Q(decided_by=models.F("opened_by")),
                name="review_never_approved_by_its_submitter",
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"
