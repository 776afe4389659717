"""What a steward says to each kind of personal data that holds a version. Nothing of it passes without a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from catalog.errors import Invalid
from catalog.models import Version
from catalog.personal.kinds import PersonalKind, title_of
from catalog.personal.reading import Held, held_by

Word = Literal["accept", "return"]
NOTE_LIMIT = 2_000


class PersonalDataUndecided(Invalid):
    code = "personal-data-undecided"
    title = "Something in this version may be personal data, and you have not said what is to become of it"


@dataclass(frozen=True, slots=True)
class PersonalCall:
    """A steward's word on one kind: published as it is, with a note that says why, or a reason to return."""

    kind: PersonalKind
    decision: Word
    note: str = ""


def held_version(version: Version) -> tuple[Held, ...]:
    """What of the version's tables needs a person's word."""
    return held_by(version.resources.select_related("report"))


def settle(*, version: Version, decision: str, calls: Sequence[PersonalCall]) -> list[dict[str, Any]]:
    """The words as they are kept with the review and in the manifest: one for each kind that was decided.

    Raises PersonalDataUndecided when a version is approved and a kind that it is held for has no word, has one without
    a note, or has "return". What is said of a kind that is not there is refused too: it is about another version.
    """
    held = {item.kind: item for item in held_version(version)}
    said = {call.kind: call for call in calls}
    problems: dict[str, list[str]] = {}
    for kind in said.keys() - held.keys():
        problems[kind.value] = [f"{title_of(kind)}: none were found in this version."]
    if decision == "approve":
        for kind, item in held.items():
            problem = _problem(item, said.get(kind))
            if problem:
                problems[kind.value] = [problem]
    if problems:
        raise PersonalDataUndecided(
            " ".join(line for lines in problems.values() for line in lines),
            remedy="Say for each kind whether it may be published, and why; or ask for changes.",
            fields={f"personal.{kind}": lines for kind, lines in problems.items()},
        )
    return [_kept(item, said[kind]) for kind, item in held.items() if kind in said]


def _problem(item: Held, call: PersonalCall | None) -> str:
    where = f"{item.title} ({item.where})"
    if call is None:
        return f"{where}: say whether they may be published."
    if call.decision == "return":
        return f"{where}: you want them returned, so ask for changes instead of publishing."
    return "" if call.note.strip() else f"{where}: say why they may be published."


def _kept(item: Held, call: PersonalCall) -> dict[str, Any]:
    return {
        "kind": item.kind.value,
        "where": [{"table": table, "column": column or None} for table, column in item.places],
        "decision": call.decision,
        "note": call.note.strip()[:NOTE_LIMIT],
    }


def calls_of(given: Mapping[str, Mapping[str, str]]) -> tuple[PersonalCall, ...]:
    """The words of a request, by kind; each is ``{"decision": accept | return, "note": …}``."""
    return tuple(
        PersonalCall(PersonalKind(kind), "accept" if said["decision"] == "accept" else "return", said.get("note", ""))
        for kind, said in given.items()
    )
