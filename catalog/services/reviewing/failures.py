"""What a steward says to each check that failed or could not be made. A broken rule never passes without a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import Invalid
from catalog.models import VerdictStatus, Version
from catalog.outcomes import ShownOutcome, read_outcomes
from catalog.services.reviewing import settling

Word = Literal["accept", "ask", "refuse"]
WORDS: tuple[Word, ...] = get_args(Word)
UNCHECKED = "unchecked"
"""Stands for a check's id where a table could not be checked at all, so that there is no check to name."""


class FailuresUndecided(Invalid):
    code = "failures-undecided"
    title = gettext_lazy("Checks of this version failed, and you have not said what is to become of them")


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
    """The checks that failed or could not be made, and warnings, table by table; notes are none.

    A table that could not be checked at all is one of them, told as ``UNCHECKED``: nothing of it was passed.
    """
    found: list[Failure] = []
    for resource in version.resources.select_related("report"):
        outcomes = read_outcomes(resource.report.outcomes if resource.report else (), with_values=with_values)
        marked = (outcome for outcome in outcomes if outcome.mark in ("failed", "errored", "warning"))
        found.extend(Failure(resource.name, outcome) for outcome in marked)
        if resource.verdict == VerdictStatus.ERRORED and not outcomes:
            found.append(Failure(resource.name, unchecked()))
    return tuple(found)


def unchecked() -> ShownOutcome:
    """What stands for the checks of a table of which none could be made: its file is damaged, or workers died of it."""
    return ShownOutcome(
        id=UNCHECKED,
        type=UNCHECKED,
        level="error",
        origin="schema",
        status="errored",
        columns=(),
        sentence=_("The table can be checked."),
        expected="",
        observed=_("Could not check: no check of this table came to its end."),
        failing_count=None,
        failing_share=None,
        samples=(),
    )


def settle(*, version: Version, decision: str, calls: Sequence[FailureCall]) -> list[dict[str, Any]]:
    """The words as they are kept with the review and in the manifest.

    Raises FailuresUndecided when a version is approved and an error that failed, or any check that could not be made,
    has no word; when a word is without a note; when a version is approved that somebody is asked about; or when a word
    is about a check that did not fail.
    """
    settled = settling.settle(
        known={failure.key: failure for failure in failures_of(version)},
        said={(call.table, call.rule): call for call in calls},
        unknown=lambda key: _("%(table)s: no such check failed in this version.") % {"table": key[0]},
        problem=lambda failure, call: _problem(failure, call, decision),
        field=_field,
        refusal=FailuresUndecided,
        remedy=_("Say for each failed check whether it is accepted, and why; or ask for changes."),
    )
    return [
        {"table": call.table, "rule": call.rule, "decision": call.decision, "note": settling.kept_note(call.note)}
        for _known, call in settled
    ]


def _problem(failure: Failure, call: FailureCall | None, decision: str) -> str:
    wrong = ""
    if call is None:
        wrong = _("Say whether you accept it.") if decision == "approve" and failure.must_answer else ""
    elif not call.note.strip():
        wrong = _("Say why.")
    elif decision == "approve" and call.decision != "accept":
        wrong = _("You do not accept it, so ask for changes instead of publishing.")
    return wrong and f"{failure.table}: {failure.outcome.sentence} {wrong}"


def _field(key: tuple[str, str]) -> str:
    return f"failures.{key[0]}.{key[1]}"


def calls_of(given: Sequence[Mapping[str, str]]) -> tuple[FailureCall, ...]:
    """The words of a request: each is ``{"table", "rule", "decision": accept | ask | refuse, "note"}``."""
    return tuple(
        FailureCall(said["table"], said["rule"], cast("Word", said["decision"]), said.get("note", "")) for said in given
    )


def problem_field(failure: Failure) -> str:
    """Where a refusal's ``fields`` speak of this failure."""
    return _field(failure.key)
