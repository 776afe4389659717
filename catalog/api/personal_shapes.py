"""The shapes of what the search for personal data found, and of a steward's words on it (see shapes.py)."""

from __future__ import annotations

from typing import Any, TypedDict


class PersonalExampleShape(TypedDict):
    row: int | None
    masked: str


# "for" and "against" are sentences; "for" is a word of Python, hence the other way of writing it.
PersonalHitShape = TypedDict(
    "PersonalHitShape",
    {
        "kind": str,
        "title": str,
        "column": str | None,
        "confidence": float,
        "matched": int,
        "matched_is_estimate": bool,
        "checked": int,
        "valid": int,
        "schemes": dict[str, str],
        "for": list[str],
        "against": list[str],
        "examples": list[PersonalExampleShape],
    },
)


class PersonalDismissedShape(TypedDict):
    kind: str
    title: str
    column: str | None
    against: list[str]


class PersonalWordShape(TypedDict):
    kind: str
    where: list[dict[str, str | None]]
    decision: str
    note: str


class PersonalShape(TypedDict):
    status: str
    obstacle: str
    rows: int | None
    hits: list[PersonalHitShape]
    considered: list[PersonalDismissedShape]
    uniqueness: dict[str, Any] | None
    skipped: list[dict[str, str]]
    sampling: dict[str, Any] | None
    decided: list[PersonalWordShape]


class HeldShape(TypedDict):
    kind: str
    title: str
    where: str
