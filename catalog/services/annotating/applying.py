"""Accepted descriptions of columns on their way into the schema of a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import (
    Annotation,
    AnnotationAspect,
    AnnotationKind,
    AnnotationState,
    Dataset,
)
from catalog.permissions import Action, require
from catalog.services.publishing.resources import draft_for, edit_resource
from catalog.table_schema import Field, TableSchema
from catalog.transitions import move


@dataclass(frozen=True, slots=True)
class Applied:
    """How many descriptions the draft has now, and the ids of those whose column it does not have."""

    applied: int
    left: tuple[int, ...]


def accepted(dataset: Dataset, table: str, kind: str) -> QuerySet[Annotation]:
    """What is accepted and not in the data yet, in the order of the decisions."""
    rows = Annotation.objects.filter(dataset=dataset, table=table, kind=kind, state=AnnotationState.ACCEPTED)
    return rows.order_by("decided_at", "pk")


@transaction.atomic
def apply_descriptions(*, actor: Actor, dataset: Dataset, table: str) -> Applied:
    """Write what was accepted of a table's columns into the schema of the draft, opened if there is none.

    Raises NotFound, Forbidden, VersionNotDraft.
    """
    require(actor, Action.EDIT, dataset)
    waiting = list(accepted(dataset, table, AnnotationKind.COLUMN))
    if not waiting:
        return Applied(0, ())
    draft = draft_for(actor, dataset)
    resource = draft.resources.filter(name=table).first()
    if resource is None:
        raise NotFound(
            _("The draft has no table “%(table)s”.") % {"table": table},
            remedy=_("Start the draft from the latest version."),
        )
    resource.version = draft
    schema = TableSchema.from_descriptor(resource.schema)
    fitting = [item for item in waiting if item.column in schema.names]
    for item in fitting:
        schema = schema.with_field(_with(schema[item.column], item.aspect, item.value))
    if fitting:
        edit_resource(actor=actor, resource=resource, schema=schema.to_descriptor())
    for item in fitting:
        move(item, to=AnnotationState.APPLIED, actor=actor, dataset_id=dataset.pk, applied_in=draft)
    return Applied(len(fitting), tuple(item.pk for item in waiting if item not in fitting))


def _with(field: Field, aspect: str, value: Any) -> Field:
    if aspect == AnnotationAspect.MEANING:
        return replace(field, description=value)
    if aspect == AnnotationAspect.UNIT:
        return replace(field, unit=value)
    if aspect == AnnotationAspect.LIMIT:
        return replace(field, limits="\n".join(filter(None, (field.limits, value))))
    return replace(field, categories=_categories(field, value))


def _categories(field: Field, codes: Mapping[str, str]) -> tuple[tuple[Any, str], ...]:
    """The codes as values of the column's type: JSON has texts only as the keys of an object."""
    return tuple((_typed(code, field.type), label) for code, label in codes.items())


def _typed(code: str, kind: str) -> Any:
    try:
        return int(code) if kind == "integer" else float(code) if kind == "number" else code
    except ValueError:
        return code
