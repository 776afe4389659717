"""Tables that refer to another one of their version: what is found of them depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.events import SchemaChanged, raise_event
from catalog.models import Resource, VerdictStatus, Version
from catalog.table_schema import TableSchema


def recheck_referring(version: Version, *, name: str) -> None:
    """Have the tables checked again that refer to the table ``name``, which has come, changed or gone.

    To be called inside a transaction that has the version's row, before its verdict is summed up.
    """
    for resource in version.resources.exclude(name=name):
        if name in set(referred_by(resource.schema, version.dataset.all_rules)):
            Resource.objects.filter(pk=resource.pk).update(verdict=VerdictStatus.PENDING)
            raise_event(SchemaChanged(resource_id=resource.pk))


def referred_by(schema: dict[str, Any], rules: list[dict[str, Any]]) -> Iterator[str]:
    """The names of the tables that foreign keys of a schema and of rules refer to; its own is an empty one."""
    yield from (key.resource for key in TableSchema.from_descriptor(schema).foreign_keys)
    yield from (str(rule["resource"]) for rule in rules if rule.get("resource"))
