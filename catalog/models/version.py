from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.models.dataset import Access, Dataset
from catalog.models.organization import Role
from catalog.models.report import VerdictStatus
from catalog.models.schema import validate_number
from catalog.models.user import User


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


VERSION_MOVES: dict[str, frozenset[str]] = {
    VersionState.DRAFT: frozenset({VersionState.IN_REVIEW}),
    VersionState.IN_REVIEW: frozenset({VersionState.DRAFT, VersionState.APPROVED}),
    VersionState.APPROVED: frozenset({VersionState.PUBLISHED, VersionState.DRAFT}),
    VersionState.PUBLISHED: frozenset({VersionState.WITHDRAWN}),
    VersionState.WITHDRAWN: frozenset(),
}
PUBLIC_STATES = (VersionState.PUBLISHED, VersionState.WITHDRAWN)
OPEN_STATES = (VersionState.DRAFT, VersionState.IN_REVIEW, VersionState.APPROVED)


class VersionQuerySet(models.QuerySet["Version"]):
    def visible_to(self, actor: Actor) -> VersionQuerySet:
        """Published ones of visible datasets; open ones for contributors and stewards of the organisation."""
        if actor.is_staff:
            return self
        seen = models.Q(state__in=PUBLIC_STATES, dataset__in=Dataset.objects.visible_to(actor).values("pk"))
        if actor.may("read") and actor.user is not None:
            working = actor.user.memberships.filter(
                models.Q(role__in=Role.at_least(Role.CONTRIBUTOR)) | models.Q(is_steward=True)
            )
            seen |= models.Q(dataset__organization__in=working.values("organization"))
        return self.filter(seen)

    def downloadable_by(self, actor: Actor) -> VersionQuerySet:
        """Visible, and the bytes too. What was withdrawn is among them: that its bytes are gone is another answer."""
        return self.visible_to(actor).filter(dataset__in=Dataset.objects.downloadable_by(actor).values("pk"))

    def published(self) -> VersionQuerySet:
        return self.filter(state=VersionState.PUBLISHED)

    def open(self) -> VersionQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def newest_first(self) -> VersionQuerySet:
        return self.order_by(models.F("sequence").desc(nulls_first=True), "-created")


class Version(models.Model):
    """One numbered state of a dataset; immutable once published (dcat:version), by a trigger in the database.

    ``started_from`` is the version whose tables the draft was filled with when it was opened; null if it began empty.
    """

    MOVES = VERSION_MOVES

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    state = models.CharField(max_length=16, choices=VersionState, default=VersionState.DRAFT)
    number = models.CharField(max_length=32, null=True, blank=True, validators=[validate_number])
    sequence = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)
    verdict = models.CharField(max_length=16, choices=VerdictStatus, default=VerdictStatus.PENDING)
    rows = models.BigIntegerField(default=0)
    columns = models.IntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    started_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    submitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="version_number_once_per_dataset"),
            models.UniqueConstraint(fields=["dataset", "sequence"], name="version_sequence_once_per_dataset"),
            models.UniqueConstraint(
                fields=["dataset"],
                condition=models.Q(state__in=OPEN_STATES),
                name="version_one_open_per_dataset",
            ),
            models.CheckConstraint(condition=models.Q(state__in=VersionState.values), name="version_state_is_known"),
            models.CheckConstraint(
                condition=~models.Q(state__in=PUBLIC_STATES)
                | (
                    models.Q(number__isnull=False, sequence__isnull=False, published_at__isnull=False)
                    & ~models.Q(manifest_sha256="")
                ),
                name="version_published_is_numbered_and_frozen",
            ),
            models.CheckConstraint(
                condition=models.Q(state=VersionState.DRAFT) | ~models.Q(note=""),
                name="version_submitted_has_a_note",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=VersionState.WITHDRAWN) | ~models.Q(withdrawn_reason=""),
                name="version_withdrawn_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["dataset", "-sequence"], name="version_newest")]

    def __str__(self) -> str:
        return self.number or self.state

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def address(self) -> str:
        """How the version is called in addresses: its number, or "draft" while it is open."""
        return self.number if self.number is not None and not self.is_open else "draft"


__all__ = [
    "OPEN_STATES",
    "PUBLIC_STATES",
    "VERSION_MOVES",
    "Access",
    "Version",
    "VersionQuerySet",
    "VersionState",
]
