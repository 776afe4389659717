"""What an owner changes in the columns of a draft's table, all at once: units in place, the rest by one reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from catalog.actor import Actor
from catalog.models import Resource
from catalog.services.publishing.resources import edit_resource
from ingest.models import Upload
from ingest.outcome import RecipeStep
from ingest.recipes.vocabulary import chosen_cast
from ingest.services.recipes import add_steps


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """What is to become of a column; what is None or empty stays as it is.

    ``column`` is its name in the table, ``cleaned_name`` the one by which cleaning knows it. ``missing`` is a value
    that means that there is none.
    """

    column: str
    cleaned_name: str
    name: str | None = None
    type: str | None = None
    unit: str | None = None
    is_left_out: bool = False
    is_trimmed: bool = False
    missing: str = ""

    @property
    def is_read(self) -> bool:
        """Whether the table has to be read again for it."""
        return bool(self.name or self.type or self.is_left_out or self.is_trimmed or self.missing)


@transaction.atomic
def change_columns(*, actor: Actor, resource: Resource, changes: Sequence[ColumnChange]) -> Upload | None:
    """Save the units, and have the table read again where that is needed; None where it is not.

    All is done or nothing. Raises what ``ingest.services.recipes.add_steps`` and ``edit_resource`` raise.
    """
    steps = steps_of(changes)
    upload = add_steps(actor=actor, resource=resource, steps=steps) if steps else None
    units = {change.column: change.unit for change in changes if change.unit is not None}
    if units:
        fields = [
            {**field, "unit": units[field["name"]]} if field["name"] in units else field
            for field in resource.schema["fields"]
        ]
        edit_resource(actor=actor, resource=resource, schema={**resource.schema, "fields": fields})
    return upload


def steps_of(changes: Sequence[ColumnChange]) -> list[RecipeStep]:
    """The recipe's steps: cells under the old names, then columns that go, then new names and types.

    Each is a step of its own, so that each can be undone alone; only names that change places go together.
    """
    kept = [change for change in changes if not change.is_left_out]
    steps: list[RecipeStep] = []
    for change in kept:
        if change.is_trimmed:
            steps.append({"step": "trim-text", "column": change.cleaned_name})
        if change.missing:
            steps.append({"step": "clear", "column": change.cleaned_name, "values": [change.missing]})
    gone = (change for change in changes if change.is_left_out)
    steps += [{"step": "drop-columns", "columns": [change.cleaned_name]} for change in gone]
    renamed = [[change.cleaned_name, change.name] for change in kept if change.name]
    if {old for old, _ in renamed} & {new for _, new in renamed}:
        steps.append({"step": "rename-columns", "columns": renamed})
    else:
        steps += [{"step": "rename-columns", "columns": [pair]} for pair in renamed]
    return steps + [chosen_cast(change.name or change.cleaned_name, change.type) for change in kept if change.type]
