"""What an owner said of a table's columns, taken over to the file that takes the table's place.

A new file brings names, types and values. Meanings, units, rules and the key are said once, by people, and must not be
lost because next month's file comes; where the file or its schema says something itself, that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from catalog.table_schema import Constraints, Field, TableSchema


def carry(said: TableSchema, *, to: TableSchema) -> TableSchema:
    """``to`` with what ``said`` says of columns of the same name, and with its keys where all their columns are there.

    Constraints on values hold for one type only: of a column whose type is another, just "required" and "unique" stay.
    """
    before = {field.name: field for field in said.fields}
    names = set(to.names)
    return replace(
        to,
        fields=tuple(_carried(field, before.get(field.name)) for field in to.fields),
        primary_key=to.primary_key or (said.primary_key if _are_there(said.primary_key, names) else ()),
        unique_keys=to.unique_keys or tuple(key for key in said.unique_keys if _are_there(key, names)),
        foreign_keys=to.foreign_keys or tuple(key for key in said.foreign_keys if _are_there(key.fields, names)),
    )


def _carried(field: Field, before: Field | None) -> Field:
    if before is None:
        return field
    is_same = field.type == before.type
    return replace(
        field,
        title=field.title or before.title,
        description=field.description or before.description,
        unit=field.unit or before.unit,
        disclosure=field.disclosure or before.disclosure,
        aliases=field.aliases or before.aliases,
        group=field.group or before.group,
        categories=field.categories or (before.categories if is_same else ()),
        limits=field.limits or before.limits,
        constraints=_constraints(field.constraints, before.constraints, is_same=is_same),
    )


def _constraints(now: Constraints, before: Constraints, *, is_same: bool) -> Constraints:
    if now != Constraints():
        return now
    return before if is_same else Constraints(required=before.required, unique=before.unique)


def _are_there(key: Sequence[str], names: set[str]) -> bool:
    return set(key) <= names
