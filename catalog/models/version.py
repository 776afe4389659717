from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.models.dataset import Access, Dataset, dataset_is_visible_to
from catalog.models.grant import AccessGrant
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
NO_EMBARGO = (models.Q(embargo_until__isnull=True) | models.Q(embargo_until__lte=Now())) & (
    models.Q(dataset__embargo_until__isnull=True) | models.Q(dataset__embargo_until__lte=Now())
)
"""Neither the version nor its dataset is held back any more. The database's clock says so: no job has to lift it."""


class VersionQuerySet(models.QuerySet["Version"]):
    def visible_to(self, actor: Actor) -> VersionQuerySet:
        """Published ones of visible datasets; open ones for contributors and stewards of the organisation."""
        if not actor.may("read") and not actor.is_anonymous:
            return self.none()
        if actor.is_staff:
            return self._within(actor)
        seen = models.Q(dataset_is_visible_to(actor), state__in=PUBLIC_STATES)
        if actor.user is not None:
            working = actor.user.memberships.filter(
                models.Q(role__in=Role.at_least(Role.CONTRIBUTOR)) | models.Q(is_steward=True)
            )
            seen |= models.Q(dataset__organization__in=working.values("organization"))
        return self._within(actor).filter(seen)

    def downloadable_by(self, actor: Actor) -> VersionQuerySet:
        """Visible, and the bytes too: a member's; or published, under no embargo, and open, registered or granted.

        A grant counts while it is in force, for the versions that it is of. What was withdrawn is among them: that its
        bytes are gone is another answer.
        """
        visible = self.visible_to(actor)
        if actor.is_staff:
            return visible
        allowed = models.Q(dataset__access=Access.PUBLIC)
        if actor.user is None:
            return visible.filter(NO_EMBARGO, allowed)
        grants = AccessGrant.objects.in_force().held_by(actor.user)
        allowed |= models.Q(dataset__access=Access.REGISTERED)
        allowed |= models.Q(dataset__in=grants.filter(all_versions=True).values("dataset"))
        allowed |= models.Q(pk__in=grants.filter(all_versions=False).values("versions"))
        member = models.Q(dataset__organization__in=actor.user.memberships.values("organization"))
        return visible.filter(member | (NO_EMBARGO & allowed))

    def _within(self, actor: Actor) -> VersionQuerySet:
        if actor.limit is None:
            return self
        return self.filter(dataset__in=Dataset.objects.within(actor).values("pk"))

    def published(self) -> VersionQuerySet:
        return self.filter(state=VersionState.PUBLISHED)

    def open(self) -> VersionQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def newest_first(self) -> VersionQuerySet:
        return self.order_by(models.F("sequence").desc(nulls_first=True), "-created")


class Version(models.Model):
    """One numbered state of a dataset; immutable once published (dcat:version), by a trigger in the database.

    ``started_from`` is the version whose tables the draft was filled with when it was opened; null if it began empty.
    Not frozen are the embargo and the deprecation (as Dataset has them), and withdrawing.
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
    embargo_until = models.DateTimeField(null=True, blank=True)
    embargo_noted_at = models.DateTimeField(null=True, blank=True)
    deprecated_at = models.DateTimeField(null=True, blank=True)
    deprecated_reason = models.TextField(blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

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
            models.CheckConstraint(
                condition=models.Q(deprecated_at__isnull=True, successor__isnull=True)
                | (models.Q(deprecated_at__isnull=False) & ~models.Q(deprecated_reason="")),
                name="version_deprecated_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["dataset", "-sequence"], name="version_newest"),
            models.Index(
                fields=["embargo_until"],
                condition=models.Q(embargo_until__isnull=False, embargo_noted_at__isnull=True),
                name="version_embargo_to_end",
            ),
        ]

    def __str__(self) -> str:
        return self.number or self.state

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def embargoed_until(self) -> datetime | None:
        """Until when only members have the bytes: the later of its own and its dataset's; None where it is over."""
        ends = [end for end in (self.embargo_until, self.dataset.embargo_until) if end and end > timezone.now()]
        return max(ends, default=None)

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
