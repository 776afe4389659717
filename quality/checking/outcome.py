"""What became of a rule: passed, failed, or could not be checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from quality.rules.rule import Rule

Status = Literal["passed", "failed", "errored"]

# Why a rule could not be checked; the sentences are in quality/rules/sentences.py.
Obstacle = Literal[
    "",
    "column-missing",  # detail: the name
    "table-missing",  # detail: the name of the table that a foreign key refers to
    "other-table",  # detail: the name of the table that the rule is of
    "memory",  # more of it was needed than there is; no detail
    "too-long",  # a trial has bounds; no detail
    "not-tried",  # a trial says nothing of this type of rule; no detail
    "no-promise",  # no length of time is given, and the dataset promises none
    "type-unsuited",  # detail: the column's SQL type
    "value-unsuited",  # detail: the value that is none of the column's kind
    "pattern-unsupported",  # detail: what the regular expression engine said
    "no-values",  # an average of nothing
    "engine",  # detail: the first line of the engine's message
]

SAMPLE_LIMIT = 20
MESSAGE_LIMIT = 300


def first_line(error: BaseException | str) -> str:
    """The first line of an engine's message, cut to a length that a page can show."""
    lines = str(error).strip().splitlines()
    return lines[0][:MESSAGE_LIMIT] if lines else type(error).__name__


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """``samples`` are ``{"row": n, "value": v}``: ``row`` is the data row from 1 over all parts.

    ``value`` is an object by column name where the rule looks at several. ``checked`` counts the values
    looked at, ``failing_share`` is of those. ``failing_sha256`` names the file of all failing rows in the store
    (``quality/checking/failing_rows.py``). ``obstacle`` and ``error`` (its detail) say why an errored rule
    could not be checked. ``judged_at`` is the moment (ISO 8601, UTC) of a verdict that time changes.
    """

    rule: Rule
    status: Status
    observed: Any = None
    failing_count: int | None = None
    failing_share: float | None = None
    checked: int | None = None
    samples: tuple[Mapping[str, Any], ...] = ()
    error: str = ""
    obstacle: Obstacle = ""
    failing_sha256: str = ""
    judged_at: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule.to_json(),
            "status": self.status,
            "observed": self.observed,
            "failing_count": self.failing_count,
            "failing_share": self.failing_share,
            "checked": self.checked,
            "samples": [dict(sample) for sample in self.samples],
            "error": self.error,
            "obstacle": self.obstacle,
            "failing_sha256": self.failing_sha256,
            "judged_at": self.judged_at,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RuleOutcome:
        """Read what ``to_json`` wrote."""
        return cls(
            rule=Rule.from_stored(data["rule"]),
            status=data["status"],
            observed=data["observed"],
            failing_count=data["failing_count"],
            failing_share=data["failing_share"],
            checked=data["checked"],
            samples=tuple(data["samples"]),
            error=data["error"],
            obstacle=data["obstacle"],
            # Reports from before there were such files have none.
            failing_sha256=data.get("failing_sha256", ""),
            judged_at=data.get("judged_at", ""),
        )


def broken_off(rule: Rule, message: str, checked: int | None = None) -> RuleOutcome:
    """The outcome of a rule over which the engine gave up, with its first line; memory has a word of its own."""
    # Great Expectations hands the engine's exception on as a text, in which it is named.
    if "OutOfMemoryException" in message or "Out of Memory Error" in message:
        return RuleOutcome(rule, "errored", checked=checked, obstacle="memory")
    return RuleOutcome(rule, "errored", checked=checked, error=message, obstacle="engine")
