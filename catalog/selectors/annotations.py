"""Annotations as an actor sees them: of a table of one version, by what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.agreement import Agreement, agreement
from catalog.errors import Invalid, NotFound
from catalog.models import Annotation, AnnotationKind, AnnotationState, Dataset, Version
from catalog.models.annotation import COUNTED


@dataclass(frozen=True, slots=True)
class AnnotationFilter:
    """Empty means all. ``label`` is a label's name."""

    kind: str = ""
    column: str = ""
    state: str = ""
    label: str = ""


def visible_annotations(
    *, actor: Actor, version: Version, table: str, wanted: AnnotationFilter = AnnotationFilter()
) -> QuerySet[Annotation]:
    """What the actor may see of a table's annotations, oldest first. Raises Invalid for an unknown kind or state."""
    for name, value, known in (
        ("kind", wanted.kind, AnnotationKind.values),
        ("state", wanted.state, AnnotationState.values),
    ):
        if value and value not in known:
            raise Invalid(fields={name: [_("Use one of %(known)s.") % {"known": ", ".join(known)}]})
    given = {"kind": wanted.kind, "column": wanted.column, "state": wanted.state, "label": wanted.label}
    return (
        _described(actor)
        .filter(pk__in=Annotation.objects.of_table(version, table).values("pk"))
        .filter(**{name: value for name, value in given.items() if value})
    )


def get_annotation(*, actor: Actor, dataset: Dataset, annotation_id: int) -> Annotation:
    """Raises NotFound, also where it exists and the actor may not see it."""
    found = _described(actor).filter(dataset=dataset, pk=annotation_id).first()
    if found is None:
        raise NotFound(_("There is no such annotation that you can see."))
    return found


def agreement_on(*, actor: Actor, version: Version, table: str, label: str) -> Agreement:
    """How far people agree on a label, of those that the actor can see; declined and withdrawn ones do not count."""
    rows = (
        Annotation.objects.visible_to(actor)
        .of_table(version, table)
        .filter(kind=AnnotationKind.LABEL, label=label, state__in=COUNTED)
        .values_list("row_hash", "author__username", "value")
    )
    return agreement(_ratings(rows))


def labels_of(*, actor: Actor, version: Version, table: str) -> list[str]:
    """The names of the labels that rows of the table were given."""
    rows = Annotation.objects.visible_to(actor).of_table(version, table)
    counted = rows.filter(kind=AnnotationKind.LABEL, state__in=COUNTED)
    return list(counted.order_by("label").values_list("label", flat=True).distinct())


def _ratings(rows: Iterable[tuple[str, str, object]]) -> dict[str, dict[str, str]]:
    ratings: dict[str, dict[str, str]] = {}
    for row, person, value in rows:
        ratings.setdefault(row, {})[person] = str(value)
    return ratings


def _described(actor: Actor) -> QuerySet[Annotation]:
    return Annotation.objects.visible_to(actor).select_related("author", "decided_by", "applied_in", "version")
