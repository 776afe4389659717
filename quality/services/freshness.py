"""Stored outcomes judged again because time has passed, in the form that the core asks for (catalog/freshness.py)."""

from __future__ import annotations

from datetime import UTC, datetime

from catalog.freshness import JudgedAgain, Outcomes
from quality.checking.freshness import judged_again
from quality.checking.outcome import RuleOutcome
from quality.checking.verdict import verdict
from quality.rules.rule import RuleType


def judge(outcomes: Outcomes, promised: str, now: datetime) -> JudgedAgain | None:
    """The outcomes of a report as of ``now``; None where no rule asks how old the newest value is."""
    if not any(item["rule"]["type"] == RuleType.FRESH for item in outcomes):
        return None
    read = [RuleOutcome.from_json(item) for item in outcomes]
    again = judged_again(read, promised=promised, now=now.astimezone(UTC).replace(tzinfo=None))
    summary = verdict(again)
    return JudgedAgain([item.to_json() for item in again], summary.status, summary.score, dict(summary.counts))
