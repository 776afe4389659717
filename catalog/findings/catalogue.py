"""The single list of codes."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.findings import combining, doubts, notes, recipe, refusals, rejections
from catalog.findings.kind import FindingType, Severity

CATALOGUE: Mapping[str, FindingType] = {
    item.code: item for part in (rejections, refusals, doubts, notes, recipe, combining) for item in part.TYPES
}
"""Every finding type by its code; the docs are checked against it."""


def severity(code: str) -> Severity:
    return CATALOGUE[code].severity


def title(code: str) -> str:
    return str(CATALOGUE[code].title)


def remedy(code: str) -> str:
    return str(CATALOGUE[code].remedy)
