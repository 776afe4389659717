"""What a steward says to each check that failed or could not be made. A broken rule never passes without a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from catalog.errors import Invalid
from catalog.models import Version
from catalog.outcomes import ShownOutcome, read_outcomes

Word = Literal["accept", "ask", "refuse"]
WORDS: tuple[Word, ...] = get_args(Word)
NOTE_LIMIT = 2_000


class FailuresUndecided(Invalid):
    code = "failures-undecided"
    title = "Checks of this version failed, and you have not said what is to become of them"


@dataclass(frozen=True, slots=True)
class Failure:
    """A check of a table that was not passed. ``must_answer``: it may not be published without a word."""

    table: str
    outcome: ShownOutcome

    @property
    def key(self) -> tuple[str, str]:
        return self.table, self.outcome.id

    @property
    def must_answer(self) -> bool:
        return self.outcome.mark in ("failed", "errored")


@dataclass(frozen=True, slots=True)
class FailureCall:
    """A steward's word on one failure: accept it, ask the owner about it, or refuse the version for it; and why."""

    table: str
    rule: str
    decision: Word
    note: str = ""


def failures_of(version: Version, *, with_values: bool = False) -> tuple[Failure, ...]:
    """The checks that failed or could not be made, and warnings, table by table; notes are none."""
    found: list[Failure] = []
    for resource in version.resources.select_related("report"):
        outcomes = read_outcomes(resource.report.outcomes if resource.report else (), with_values=with_values)
        marked = (outcome for outcome in outcomes if outcome.mark in ("failed", "errored", "warning"))
        found.extend(Failure(resource.name, outcome) for outcome in marked)
    return tuple(found)


def settle(*, version: Version, decision: str, calls: Sequence[FailureCall]) -> list[dict[str, Any]]:
    """The words as they are kept with the review and in the manifest.

    Raises FailuresUndecided when a version is approved and an error that failed, or any check that could not be made,
    has no word; when a word is without a note; when a version is approved that somebody is asked about; or when a word
    is about a check that did not fail.
    """
    known = {failure.key: failure for failure in failures_of(version)}
    said = {(call.table, call.rule): call for call in calls}
    problems: dict[str, list[str]] = {}
    for key in said.keys() - known.keys():
        problems[_field(key)] = [f"{key[0]}: no such check failed in this version."]
    for key, failure in known.items():
        problem = _problem(failure, said.get(key), decision)
        if problem:
            problems[_field(key)] = [f"{failure.table}: {failure.outcome.sentence} {problem}"]
    if problems:
        raise FailuresUndecided(
            " ".join(line for lines in problems.values() for line in lines),
            remedy="Say for each failed check whether it is accepted, and why; or ask for changes.",
            fields=problems,
        )
    return [_kept(key, said[key]) for key in known if key in said]


def _problem(failure: Failure, call: FailureCall | None, decision: str) -> str:
    if call is None:
        return "Say whether you accept it." if decision == "approve" and failure.must_answer else ""
    if not call.note.strip():
        return "Say why."
    if decision == "approve" and call.decision != "accept":
        return "You do not accept it, so ask for changes instead of publishing."
    return ""


def _field(key: tuple[str, str]) -> str:
    return f"failures.{key[0]}.{key[1]}"


def _kept(key: tuple[str, str], call: FailureCall) -> dict[str, Any]:
    table, rule = key
    return {"table": table, "rule": rule, "decision": call.decision, "note": call.note.strip()[:NOTE_LIMIT]}


def calls_of(given: Sequence[Mapping[str, str]]) -> tuple[FailureCall, ...]:
    """The words of a request: each is ``{"table", "rule", "decision": accept | ask | refuse, "note"}``."""
    return tuple(
        FailureCall(said["table"], said["rule"], cast("Word", said["decision"]), said.get("note", "")) for said in given
    )


def problem_field(failure: Failure) -> str:
    """Where a refusal's ``fields`` speak of this failure."""
    return _field(failure.key)
