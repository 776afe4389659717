"""Which rules fail now that passed before, and the other way round: read off the outcomes of two reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Change = Literal[
    "failing",  # it did not fail before
    "passing",  # it did not pass before
    "unchecked",  # it could be checked before
    "worse",  # it fails in more values than before
    "better",
    "added",
    "gone",
]
_ORDER: tuple[Change, ...] = ("failing", "unchecked", "worse", "added", "passing", "better", "gone")


@dataclass(frozen=True, slots=True)
class RuleChange:
    """``before`` and ``after`` are stored outcomes of one rule without their samples; None where there was none."""

    change: Change
    rule: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        return {
            "change": self.change,
            "rule": dict(self.rule),
            "before": dict(self.before) if self.before else None,
            "after": dict(self.after) if self.after else None,
        }


def compare_outcomes(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> tuple[RuleChange, ...]:
    """What changed from one report's outcomes to the other's; the ones that need an eye first.

    Rules are the same when they ask the same, whatever their level (``Rule.id``).
    """
    found = list(_changes({item["rule"]["id"]: item for item in before}, {item["rule"]["id"]: item for item in after}))
    return tuple(sorted(found, key=lambda item: (_ORDER.index(item.change), item.rule["id"])))


def _changes(before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> Iterator[RuleChange]:
    for name, outcome in before.items():
        if name not in after:
            yield RuleChange("gone", outcome["rule"], _result(outcome), None)
    for name, outcome in after.items():
        earlier = before.get(name)
        if earlier is None:
            yield RuleChange("added", outcome["rule"], None, _result(outcome))
        elif (change := _change(earlier, outcome)) is not None:
            yield RuleChange(change, outcome["rule"], _result(earlier), _result(outcome))


def _change(before: Mapping[str, Any], after: Mapping[str, Any]) -> Change | None:
    if before["status"] != after["status"]:
        changes: Mapping[str, Change] = {"failed": "failing", "passed": "passing", "errored": "unchecked"}
        return changes[after["status"]]
    old, new = before.get("failing_count"), after.get("failing_count")
    if after["status"] == "failed" and old is not None and new is not None and old != new:
        return "worse" if new > old else "better"
    return None


def _result(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {name: outcome.get(name) for name in ("status", "failing_count", "failing_share", "checked")}
