"""What stewards said of checks that failed, for readers of a report and for owners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.models import Version
from catalog.outcomes import read_outcomes
from catalog.selectors.decisions import approving_review
from catalog.services.reviewing.failures import UNCHECKED, unchecked


@dataclass(frozen=True, slots=True)
class SaidOfCheck:
    """A steward's word on one check. ``sentence`` is empty where the check is no more."""

    table: str
    sentence: str
    decision: str
    note: str


def said_of_checks(version: Version, words: Iterable[Mapping[str, Any]]) -> list[SaidOfCheck]:
    """A review's words on the checks of its version."""
    words = list(words)
    sentences = dict(_sentences(version)) if words else {}
    return [
        SaidOfCheck(word["table"], sentences.get((word["table"], word["rule"]), ""), word["decision"], word["note"])
        for word in words
    ]


def _sentences(version: Version) -> Iterator[tuple[tuple[str, str], str]]:
    """What each check asks, also of those that pass by now: an owner may have mended what was asked about."""
    for resource in version.resources.select_related("report"):
        stored = resource.report.outcomes if resource.report else ()
        for outcome in read_outcomes(stored, with_values=False):
            yield (resource.name, outcome.id), outcome.sentence
        yield (resource.name, UNCHECKED), unchecked().sentence


def accepted_checks(version: Version | None) -> list[SaidOfCheck]:
    """What the steward accepted who approved the version."""
    if version is None:
        return []
    review = approving_review(version)
    return [] if review is None else said_of_checks(version, review.failures)
