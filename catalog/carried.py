"""What an owner said of a table's columns, taken over to the file that takes the table's place.

A new file brings names, types and values. Meanings, units, rules and the key are said once, by people, and must not be
lost because next month's file comes; where the file or its schema says something itself, that counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from catalog.table_schema import Constraints, Field, TableSchema


def carry(
    said: TableSchema, *, to: TableSchema, names: Mapping[str, str] = MappingProxyType({}), same_file: bool = False
) -> TableSchema:
    """``to`` with what ``said`` says of columns of the same name, and with its keys where all their columns are there.

    ``names`` has the new name of columns that are called otherwise in ``to``. Of the ``same_file`` people have seen
    already what it says itself: their word for a unit counts then.
    Constraints on values hold for one type only: of a column whose type is another, just "required" and "unique" stay.
    """
    said = _called(said, names)
    before = {field.name: field for field in said.fields}
    if same_file:
        known = {name: field.unit for name, field in before.items() if field.unit}
        to = replace(to, fields=tuple(replace(item, unit=known.get(item.name, item.unit)) for item in to.fields))
    return _joined(before, said, to)


def new_names(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What columns of the table that the recipe ``before`` made are called in the one that ``after`` makes."""
    was, now = _first_names(before), _first_names(after)
    called = {first: name for name, first in now.items()}
    pairs = {name: called.get(first, first) for name, first in was.items()}
    pairs |= {first: name for first, name in called.items() if first not in was and first not in was.values()}
    return {old: new for old, new in pairs.items() if old != new}


def _first_names(recipe: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names that columns had before they were renamed, by those that they have."""
    first: dict[str, str] = {}
    for step in recipe:
        if step.get("step") == "rename-columns":
            pairs = [(str(old), str(new)) for old, new in step["columns"]]
            firsts = {new: first.get(old, old) for old, new in pairs}
            gone = {old for old, _ in pairs}
            first = {name: one for name, one in first.items() if name not in gone} | firsts
    return first


def _called(said: TableSchema, names: Mapping[str, str]) -> TableSchema:
    """The schema with columns under their new names; one whose name another column has now is out of it."""
    if not names:
        return said
    taken = {names[name] for name in said.names if name in names}
    fields = tuple(
        replace(field, name=names.get(field.name, field.name))
        for field in said.fields
        if field.name in names or field.name not in taken
    )
    return replace(
        said,
        fields=fields,
        primary_key=_renamed(said.primary_key, names),
        unique_keys=tuple(_renamed(key, names) for key in said.unique_keys),
        foreign_keys=tuple(replace(key, fields=_renamed(key.fields, names)) for key in said.foreign_keys),
    )


def _renamed(key: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names.get(name, name) for name in key)


def _joined(before: Mapping[str, Field], said: TableSchema, to: TableSchema) -> TableSchema:
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
