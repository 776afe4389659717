"""Standard schemas and what uses them, as an actor sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from catalog.actor import Actor
from catalog.models import Dataset, Organization, StandardSchema
from catalog.numbering import Proposal, TableState, propose


@dataclass(frozen=True, slots=True)
class ListedSchema:
    """The newest version of a schema; ``uses`` are datasets that the reader sees and that conform to any version."""

    schema: StandardSchema
    columns: int
    uses: int


@dataclass(frozen=True, slots=True)
class Change:
    """A version of a schema beside the one before it; ``proposal`` is None for the first."""

    schema: StandardSchema
    proposal: Proposal | None


def list_schemas(*, actor: Actor, organization: Organization | None = None, text: str = "") -> Sequence[ListedSchema]:
    """Every schema's newest version, by name; of one organization where it is given."""
    newest = StandardSchema.objects.order_by("name", "-created").distinct("name").select_related("organization")
    if organization is not None:
        newest = newest.filter(organization=organization)
    if text:
        newest = newest.filter(Q(name__icontains=text) | Q(title__icontains=text) | Q(description__icontains=text))
    uses = Counter(
        Dataset.objects.visible_to(actor)
        .filter(conforms_to__isnull=False)
        .order_by()
        .values_list("conforms_to__name", flat=True)
    )
    return [ListedSchema(item, len(item.descriptor.get("fields", [])), uses[item.name]) for item in newest]


def versions_of(name: str) -> list[Change]:
    """All versions of a schema, the newest first, each with what is other than before."""
    rows = list(StandardSchema.objects.filter(name=name).select_related("created_by").order_by("-created"))
    older: list[StandardSchema | None] = [*rows[1:], None]
    return [
        Change(row, None if before is None else change_from(before, row.descriptor))
        for row, before in zip(rows, older, strict=True)
    ]


def change_from(before: StandardSchema, descriptor: dict[str, Any]) -> Proposal:
    """What a descriptor changes, and the number that this asks for."""
    states = [{before.name: TableState(item, ())} for item in (before.descriptor, descriptor)]
    return propose(before.version, *states)
