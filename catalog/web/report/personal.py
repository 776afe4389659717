"""Personal data on pages: what was found in the tables, and what stewards said of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.models import QualityReport, Resource, Version
from catalog.personal.kinds import title_of
from catalog.personal.reading import shown
from catalog.selectors.decisions import approving_review


@dataclass(frozen=True, slots=True)
class FoundTable:
    """One table with its search in words (``catalog.personal.reading.shown``)."""

    name: str
    found: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SaidOfKind:
    """A steward's word on a kind, as it stays."""

    title: str
    where: str
    decision: str
    note: str


def found_in(
    resources: Iterable[Resource], *, with_values: bool, later: QualityReport | None = None
) -> list[FoundTable]:
    """What the searches found, table by table; masked examples only for those who may have the bytes.

    ``later`` is a look at the one table after its publication, whose own report has no search.
    """
    return [
        FoundTable(resource.name, shown(_search(later or resource.report), with_values=with_values))
        for resource in resources
    ]


def _search(report: QualityReport | None) -> dict[str, Any]:
    return report.personal if report is not None else {}


def said_of(words: Iterable[dict[str, Any]]) -> list[SaidOfKind]:
    """A review's words on personal data, for a reader."""
    return [
        SaidOfKind(title_of(word["kind"]), _places(word.get("where", ())), word["decision"], word["note"])
        for word in words
    ]


def accepted_for(version: Version | None) -> list[SaidOfKind]:
    """What the steward said who approved the version; nothing where nobody had to."""
    if version is None:
        return []
    review = approving_review(version)
    return [] if review is None else said_of(review.personal)


def _places(places: Iterable[dict[str, Any]]) -> str:
    return ", ".join(f"{place['table']}.{place['column']}" if place["column"] else place["table"] for place in places)
