"""Findings in words: sentences are made when they are shown, in the reader's language."""

from __future__ import annotations

from typing import Any

from catalog.findings.catalogue import CATALOGUE
from catalog.findings.finding import Finding, FindingGroup


class _Shown(dict[str, Any]):
    """A template may name what a finding does not have; it then reads as a dash and never fails."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(item: Finding | FindingGroup) -> str:
    """What happened, for a person, in the active language."""
    shown = _Shown(item.params)
    if item.column is not None:
        shown.setdefault("column", item.column)
    # A group speaks by its first sample: "n.a. in price is not of the type number", 31 times.
    example = item if isinstance(item, Finding) else next(iter(item.samples), None)
    if example is not None:
        pairs = (("row", example.row), ("line", example.line), ("value", example.value))
        shown.update({key: value for key, value in pairs if value is not None})
    shown["count"] = 1 if isinstance(item, Finding) else item.count
    return str(CATALOGUE[item.code].template) % shown
