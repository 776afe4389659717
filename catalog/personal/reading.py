"""A stored scan (``QualityReport.personal``) as people may see it, and what of it holds a version.

A scan is stored by `quality` as JSON: ``status`` (done, errored), ``hits``, ``considered`` (what looked like a hit and
was dismissed), ``uniqueness``, ``skipped``, ``checked_texts`` and so on; see quality/personal/result.py. An empty one
means that nobody looked, which is a reason to hold a version like a hit is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.models import Resource
from catalog.personal.kinds import SCHEMES, PersonalKind, title_of
from catalog.personal.sentences import OBSTACLES, SKIPPED, sentence

DONE = "done"


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of personal data in a version: the question that a steward answers.

    ``places`` are (table, column) pairs, the column "" where it is the whole table.
    """

    kind: PersonalKind
    places: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        return title_of(self.kind)

    @property
    def where(self) -> str:
        """The places in a few words."""
        return ", ".join(f"{table}.{column}" if column else table for table, column in self.places)


def held_by(resources: Iterable[Resource]) -> tuple[Held, ...]:
    """What of the tables' newest reports needs a person's decision, in the order of the kinds."""
    places: dict[PersonalKind, list[tuple[str, str]]] = {}
    for resource in resources:
        for kind, column in _hits_of(resource.report.personal if resource.report else {}):
            places.setdefault(kind, []).append((resource.name, column))
    return tuple(Held(kind, tuple(dict.fromkeys(places[kind]))) for kind in PersonalKind if kind in places)


def is_scanned(personal: Mapping[str, Any]) -> bool:
    """Whether the search came to its end."""
    return personal.get("status") == DONE


def _hits_of(personal: Mapping[str, Any]) -> Iterable[tuple[PersonalKind, str]]:
    if not is_scanned(personal):
        yield PersonalKind.UNSCANNED, ""
        return
    for hit in personal.get("hits", ()):
        # A kind of a later release is held as what it is to this one: unknown.
        known = hit["kind"] in set(PersonalKind)
        yield PersonalKind(hit["kind"]) if known else PersonalKind.UNSCANNED, hit.get("column") or ""


def brief(personal: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest keeps: kinds, columns and counts; nothing of a value."""
    return {
        "status": personal.get("status", "never"),
        "hits": [
            {"kind": hit["kind"], "column": hit.get("column"), "matched": hit.get("matched")}
            for hit in personal.get("hits", ())
        ],
    }


def shown(personal: Mapping[str, Any], *, with_values: bool) -> dict[str, Any]:
    """The scan in words as a JSON value.

    Masked examples and the numbers of their rows are for those who may have the bytes; kinds and columns for all.
    """
    if not is_scanned(personal):
        obstacle = "failed" if personal else "never"
        return {
            "status": personal.get("status", "never"),
            "obstacle": str(OBSTACLES[obstacle]),
            "rows": None,
            "hits": [],
            "considered": [],
            "uniqueness": None,
            "skipped": [],
            "sampling": None,
        }
    uniqueness = personal.get("uniqueness")
    return {
        "status": DONE,
        "obstacle": "",
        "rows": personal.get("rows"),
        "hits": [_hit(hit, with_values=with_values) for hit in personal.get("hits", ())],
        "considered": [
            {
                "kind": item["kind"],
                "title": title_of(item["kind"]),
                "column": item.get("column"),
                "against": _sentences(item.get("against", ())),
            }
            for item in personal.get("considered", ())
        ],
        "uniqueness": uniqueness if with_values or uniqueness is None else {"columns": uniqueness["columns"]},
        "skipped": [
            {"column": item["column"], "reason": str(SKIPPED.get(item["reason"], item["reason"]))}
            for item in personal.get("skipped", ())
        ],
        "sampling": personal.get("sampling"),
    }


def _hit(hit: Mapping[str, Any], *, with_values: bool) -> dict[str, Any]:
    return {
        "kind": hit["kind"],
        "title": title_of(hit["kind"]),
        "column": hit.get("column"),
        "confidence": hit["confidence"],
        "matched": hit.get("matched"),
        "matched_is_estimate": hit.get("matched_is_estimate", False),
        "checked": hit.get("checked"),
        "valid": hit.get("valid"),
        "schemes": {scheme: str(SCHEMES.get(scheme, scheme)) for scheme in hit.get("schemes", ())},
        "for": _sentences(hit.get("for", ())),
        "against": _sentences(hit.get("against", ())),
        "examples": [dict(item) for item in hit.get("examples", ())] if with_values else [],
    }


def _sentences(evidence: Iterable[Mapping[str, Any]]) -> list[str]:
    return [sentence(item["code"], item.get("params", {})) for item in evidence]
