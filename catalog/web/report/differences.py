"""What changed in tables, rows and columns between two versions, for the steward's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Resource
from catalog.templatetags.kit import num

Change = Literal[
    "table-added", "table-removed", "added", "removed", "retyped", "described", "constrained", "rows", "file"
]


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
    """Differences of two versions' columns, the breaking ones first."""
    before = {resource.name: resource.schema for resource in old}
    after = {resource.name: resource.schema for resource in new}
    found = [Difference("table-removed", name) for name in before if name not in after]
    found += [Difference("table-added", name) for name in after if name not in before]
    for name, schema in before.items():
        if name in after:
            found += _compare_fields(name, schema, after[name])
    return sorted(found, key=lambda difference: not difference.is_breaking)


def compare_rows(old: Sequence[Resource], new: Sequence[Resource]) -> list[Difference]:
    """How many rows tables of both versions have, and the files that were added since, with what became of their rows.

    A table that shares all of its parts has the same rows and is not told.
    """
    earlier = {resource.name: resource for resource in old}
    return [
        difference
        for resource in new
        if resource.name in earlier
        for difference in _compare_rows(earlier[resource.name], resource)
    ]


def _compare_rows(old: Resource, new: Resource) -> list[Difference]:
    parts = [[part.sha256 for part in resource.parts.all()] for resource in (old, new)]
    if parts[0] == parts[1]:
        return []
    found = [Difference("rows", new.name, before=num(old.rows), after=_rows_now(old.rows, new.rows))]
    known = {source.upload_id for source in old.sources.all()}
    added = [source for source in new.sources.all() if source.counts and source.upload_id not in known]
    return found + [Difference("file", new.name, source.filename, after=counted(source.counts)) for source in added]


def _rows_now(before: int, after: int) -> str:
    if before == after:
        return _("%(rows)s, others than before") % {"rows": num(after)}
    change = f"+{num(after - before)}" if after > before else f"−{num(before - after)}"
    return f"{num(after)} ({change})"


_COUNTED: Mapping[str, Promise | str] = {
    "inserted": gettext_lazy("%(count)s added"),
    "updated": gettext_lazy("%(count)s updated"),
    "unchanged": gettext_lazy("%(count)s the same already"),
    "deleted": gettext_lazy("%(count)s deleted"),
    "unknown": gettext_lazy("%(count)s not found"),
}


def counted(counts: Mapping[str, int]) -> str:
    """What became of a file's rows, in words."""
    return ", ".join(str(words) % {"count": num(counts[name])} for name, words in _COUNTED.items() if name in counts)


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
