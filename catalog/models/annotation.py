from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.models.dataset import Dataset, dataset_is_visible_to
from catalog.models.user import User
from catalog.models.version import Version, VersionState
from catalog.slugs import SLUG_LENGTH


class AnnotationKind(models.TextChoices):
    """What is annotated: a column, one cell that is wrong, or a row that is given a label."""

    COLUMN = "column", _("Column")
    CORRECTION = "correction", _("Correction")
    LABEL = "label", _("Label")


class AnnotationAspect(models.TextChoices):
    """What is said of a column."""

    MEANING = "meaning", _("Meaning")
    UNIT = "unit", _("Unit")
    CODES = "codes", _("Codes")
    LIMIT = "limit", _("Known limit")


class AnnotationState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    APPLIED = "applied", _("In the data")
    WITHDRAWN = "withdrawn", _("Withdrawn")


ANNOTATION_MOVES: dict[str, frozenset[str]] = {
    AnnotationState.PROPOSED: frozenset(
        {AnnotationState.ACCEPTED, AnnotationState.DECLINED, AnnotationState.WITHDRAWN}
    ),
    AnnotationState.ACCEPTED: frozenset({AnnotationState.APPLIED, AnnotationState.WITHDRAWN}),
    AnnotationState.DECLINED: frozenset(),
    # The draft that had it lost its table: it is not in the data any more.
    AnnotationState.APPLIED: frozenset({AnnotationState.ACCEPTED}),
    AnnotationState.WITHDRAWN: frozenset(),
}
STANDING = (AnnotationState.ACCEPTED, AnnotationState.APPLIED)
COUNTED = (AnnotationState.PROPOSED, AnnotationState.ACCEPTED)


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    def visible_to(self, actor: Actor) -> AnnotationQuerySet:
        """Proposals for their authors and the organization's members, what stands for everybody who sees the matter.

        A column's matter is the dataset, a row's are its bytes: of a version that was withdrawn nobody has them.
        """
        if actor.is_staff:
            return self.filter(dataset__in=Dataset.objects.within(actor).values("pk"))
        matter = models.Q(dataset_is_visible_to(actor), kind=AnnotationKind.COLUMN)
        matter |= (
            ~models.Q(kind=AnnotationKind.COLUMN)
            & models.Q(version__in=Version.objects.downloadable_by(actor).values("pk"))
            & ~models.Q(version__state=VersionState.WITHDRAWN)
        )
        concerned = models.Q(state__in=STANDING)
        if actor.user is not None:
            concerned |= models.Q(author=actor.user)
            concerned |= models.Q(dataset__organization__in=actor.user.memberships.values("organization"))
        return self.filter(matter, concerned, version__in=Version.objects.visible_to(actor).values("pk"))

    def of_table(self, version: Version, table: str) -> AnnotationQuerySet:
        """Those that concern a table of a version: rows without a key are meant in the version that was looked at."""
        bound = models.Q(version=version) | models.Q(row_number__isnull=True)
        return self.filter(bound, dataset=version.dataset_id, table=table)

    def corrections(self) -> AnnotationQuerySet:
        return self.filter(kind=AnnotationKind.CORRECTION)


class Annotation(models.Model):
    """What a person says of a column or a row, beside the data until it is applied (W3C ``oa:Annotation``).

    ``version`` is the one that was looked at. Of a column, ``aspect`` says what ``value`` is; codes are
    ``{value: label}``. A row is meant by ``row_key`` ({column: value} of the table's primary key), or where there is no
    key by ``row_number`` (from 1) in exactly that version; ``row_hash`` is the same for the same row. ``before`` is
    the cell as it was seen and ``value`` as it should be, both as catalog/rows/cells.py writes them; null is "missing".
    ``applied_in`` has it by the upload ``applied_by``, which is empty where a schema was edited.
    """

    MOVES = ANNOTATION_MOVES

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="annotations")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="annotations")
    table = models.CharField(max_length=SLUG_LENGTH)
    kind = models.CharField(max_length=16, choices=AnnotationKind)
    state = models.CharField(max_length=16, choices=AnnotationState, default=AnnotationState.PROPOSED)
    column = models.CharField(max_length=255, blank=True)
    aspect = models.CharField(max_length=16, choices=AnnotationAspect, blank=True)
    label = models.CharField(max_length=100, blank=True)
    row_key = models.JSONField(null=True, blank=True)
    row_number = models.BigIntegerField(null=True, blank=True)
    row_hash = models.CharField(max_length=64, blank=True)
    before = models.JSONField(null=True, blank=True)
    value = models.JSONField(null=True, blank=True)
    reason = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    applied_in = models.ForeignKey(Version, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    applied_by = models.UUIDField(null=True, blank=True)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=AnnotationState.values), name="annotation_state_is_known"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=AnnotationKind.values), name="annotation_kind_is_known"),
            models.CheckConstraint(
                condition=~models.Q(kind=AnnotationKind.CORRECTION) | ~models.Q(reason=""),
                name="annotation_correction_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=AnnotationState.DECLINED) | ~models.Q(decision_note=""),
                name="annotation_declined_has_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=AnnotationKind.COLUMN, row_hash="")
                | (~models.Q(kind=AnnotationKind.COLUMN) & ~models.Q(row_hash="")),
                name="annotation_of_a_row_names_it",
            ),
            models.UniqueConstraint(
                fields=["dataset", "table", "label", "row_hash", "author"],
                condition=models.Q(kind=AnnotationKind.LABEL, state__in=COUNTED),
                name="annotation_label_once_per_person_and_row",
            ),
            models.UniqueConstraint(
                fields=["dataset", "table", "column", "row_hash"],
                condition=models.Q(kind=AnnotationKind.CORRECTION, state=AnnotationState.ACCEPTED),
                name="annotation_one_accepted_correction_per_cell",
            ),
            models.UniqueConstraint(
                fields=["dataset", "table", "column", "aspect"],
                condition=models.Q(kind=AnnotationKind.COLUMN, state=AnnotationState.ACCEPTED)
                & ~models.Q(aspect=AnnotationAspect.LIMIT),
                name="annotation_one_accepted_word_per_aspect",
            ),
        ]
        indexes = [models.Index(fields=["dataset", "table", "state"], name="annotation_of_table")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} of {self.table}"
