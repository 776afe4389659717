"""What the outcomes of all rules come to: one word, the counts and a score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from quality.checking.outcome import RuleOutcome
from quality.rules.rule import Level

VerdictStatus = Literal["passed", "warnings", "failed", "errored"]

WEIGHTS: Mapping[Level, int] = {"error": 4, "warning": 2, "info": 1}


@dataclass(frozen=True, slots=True)
class Verdict:
    """``counts`` has passed, warnings, failed and errored; the middle two are failed rules by their level.

    ``notes`` counts the failed rules of level info, which change no verdict. ``score`` is 0 to 100.
    """

    status: VerdictStatus
    counts: Mapping[str, int]
    notes: int
    score: int

    def to_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "counts": dict(self.counts),
            "notes": self.notes,
            "score": self.score,
        }


def verdict(outcomes: Sequence[RuleOutcome]) -> Verdict:
    """The worst thing known decides: failed, then could not be checked, then warnings, then passed.

    A rule that could not be checked is never taken for passed, whatever its level.
    """
    broken = [outcome.rule.level for outcome in outcomes if outcome.status == "failed"]
    counts = {
        "passed": sum(outcome.status == "passed" for outcome in outcomes),
        "warnings": broken.count("warning"),
        "failed": broken.count("error"),
        "errored": sum(outcome.status == "errored" for outcome in outcomes),
    }
    return Verdict(_status(counts), counts, broken.count("info"), score(outcomes))


def score(outcomes: Sequence[RuleOutcome]) -> int:
    """``floor(100 × Σ weight × credit / Σ weight)`` over all rules; 100 where there are none.

    The weight is 4 for an error, 2 for a warning, 1 for an info rule. The credit is 1 for a passed rule, 0
    for one that could not be checked, and for a failed one half of the share of the values that satisfy it
    (0 where no values are counted): a broken rule never earns more than half, and 100 means that all passed.
    """
    total = sum(WEIGHTS[outcome.rule.level] for outcome in outcomes)
    earned = sum(WEIGHTS[outcome.rule.level] * _credit(outcome) for outcome in outcomes)
    return math.floor(100 * earned / total) if total else 100


def _credit(outcome: RuleOutcome) -> float:
    if outcome.status == "passed":
        return 1.0
    if outcome.status == "failed" and outcome.failing_share is not None:
        return 0.5 * (1 - outcome.failing_share)
    return 0.0


def _status(counts: Mapping[str, int]) -> VerdictStatus:
    if counts["failed"]:
        return "failed"
    if counts["errored"]:
        return "errored"
    return "warnings" if counts["warnings"] else "passed"
