"""What changed in the columns between two versions, for the steward's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from catalog.models import Resource

Change = Literal["table-added", "table-removed", "added", "removed", "retyped", "described", "constrained"]


@dataclass(frozen=True, slots=True)
class Difference:
    """``before`` and ``after`` are what the columns said; empty where there was none."""

    change: Change
    table: str
    column: str = ""
    before: str = ""
    after: str = ""

    @property
    def is_breaking(self) -> bool:
        return self.change in {"removed", "retyped", "table-removed"}


def compare(old: Sequence[Resource], new: Sequence[Resource]) -> list[Difference]:
    """Differences of two versions' tables, the breaking ones first."""
    before = {resource.name: resource.schema for resource in old}
    after = {resource.name: resource.schema for resource in new}
    found = [Difference("table-removed", name) for name in before if name not in after]
    found += [Difference("table-added", name) for name in after if name not in before]
    for name, schema in before.items():
        if name in after:
            found += _compare_fields(name, schema, after[name])
    return sorted(found, key=lambda difference: not difference.is_breaking)


def _compare_fields(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    before = {item["name"]: item for item in old.get("fields", [])}
    after = {item["name"]: item for item in new.get("fields", [])}
    found = [Difference("removed", table, name, before[name].get("type", "")) for name in before if name not in after]
    for name, item in after.items():
        earlier = before.get(name)
        if earlier is None:
            found.append(Difference("added", table, name, after=item.get("type", "")))
            continue
        if earlier.get("type") != item.get("type"):
            found.append(Difference("retyped", table, name, earlier.get("type", ""), item.get("type", "")))
        if _said(earlier) != _said(item):
            found.append(Difference("described", table, name, _said(earlier), _said(item)))
        if earlier.get("constraints") != item.get("constraints"):
            found.append(Difference("constrained", table, name, _constraints(earlier), _constraints(item)))
    return found


def _said(item: Mapping[str, Any]) -> str:
    return " · ".join(part for part in (item.get("description", ""), item.get("unit", "")) if part)


def _constraints(item: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in (item.get("constraints") or {}).items())
