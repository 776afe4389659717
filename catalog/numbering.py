"""Version numbers: MAJOR.MINOR.PATCH proposed by the difference to the last published version.

A breaking schema change (a table or column gone or retyped, a key changed) is major, changed or added data is
minor, description or documents only is patch. The owner may raise the number, never lower it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import Invalid

Change = Literal["major", "minor", "patch"]
FIRST = "1.0.0"


class NumberTooLow(Invalid):
    code = "number-too-low"
    title = gettext_lazy("The version number is too low for what changed")


@dataclass(frozen=True, slots=True)
class TableState:
    """What of a resource decides on the number: its schema descriptor and the sha256 of its parts."""

    schema: Mapping[str, Any]
    parts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """``reasons`` are facts such as ("column-removed", "flights.tailnum"), for the page that shows why."""

    number: str
    change: Change
    reasons: tuple[tuple[str, str], ...] = field(default=())


def parse(number: str) -> tuple[int, int, int]:
    """Raises Invalid unless ``number`` is MAJOR.MINOR.PATCH."""
    pieces = number.split(".")
    if len(pieces) != 3 or not all(piece.isascii() and piece.isdigit() and len(piece) < 10 for piece in pieces):
        raise Invalid(
            _("%(number)s is no version number.") % {"number": f"{number!r}"},
            remedy=_("Use MAJOR.MINOR.PATCH, such as 1.2.0."),
        )
    major, minor, patch = (int(piece) for piece in pieces)
    return major, minor, patch


def raised(number: str, change: Change) -> str:
    major, minor, patch = parse(number)
    if change == "major":
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if change == "minor" else f"{major}.{minor}.{patch + 1}"


def propose(
    previous_number: str | None,
    previous: Mapping[str, TableState],
    current: Mapping[str, TableState],
    *,
    documents: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
) -> Proposal:
    """The lowest number that the difference allows, and why. Tables are given by resource name.

    ``documents`` are those of both, the sha256 by name.
    """
    if previous_number is None:
        return Proposal(FIRST, "major")
    breaking = [("table-removed", name) for name in previous if name not in current]
    added = [("table-added", name) for name in current if name not in previous]
    for name in previous.keys() & current.keys():
        old, new = previous[name], current[name]
        breaking += _breaking(name, old.schema, new.schema)
        added += [("column-added", f"{name}.{column}") for column in _new_columns(old.schema, new.schema)]
        if list(old.parts) != list(new.parts):
            is_longer = list(new.parts[: len(old.parts)]) == list(old.parts)
            added.append(("rows-added" if is_longer else "data-changed", name))
    change: Change = "major" if breaking else "minor" if added else "patch"
    reasons = (*sorted(breaking), *sorted(added), *document_changes(*documents))
    return Proposal(raised(previous_number, change), change, reasons)


def document_changes(previous: Mapping[str, str], current: Mapping[str, str]) -> list[tuple[str, str]]:
    """What became of documents, which are given as sha256 by name: added, removed, changed."""
    return [
        *(("document-added", name) for name in sorted(current.keys() - previous.keys())),
        *(("document-changed", name) for name in sorted(current) if previous.get(name, current[name]) != current[name]),
        *(("document-removed", name) for name in sorted(previous.keys() - current.keys())),
    ]


def _new_columns(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    before = {item["name"] for item in old.get("fields", [])}
    return [item["name"] for item in new.get("fields", []) if item["name"] not in before]


def _breaking(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str]]:
    types = {item["name"]: item.get("type", "any") for item in new.get("fields", [])}
    found = []
    for item in old.get("fields", []):
        name = item["name"]
        if name not in types:
            found.append(("column-removed", f"{table}.{name}"))
        elif types[name] != item.get("type", "any"):
            found.append(("column-retyped", f"{table}.{name}"))
    if (old.get("primaryKey") or []) != (new.get("primaryKey") or []):
        found.append(("key-changed", table))
    return found


def chosen(proposal: Proposal, wanted: str | None) -> str:
    """The number to publish under: the proposed one, or the owner's if it is not lower.

    Raises NumberTooLow.
    """
    if not wanted:
        return proposal.number
    if parse(wanted) < parse(proposal.number):
        raise NumberTooLow(
            _("%(wanted)s is lower than %(number)s, which the changes ask for.")
            % {"wanted": wanted, "number": proposal.number},
            remedy=_("Use %(number)s or a higher number.") % {"number": proposal.number},
        )
    return wanted
