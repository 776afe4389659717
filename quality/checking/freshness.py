"""Whether the newest value is recent enough: asked when a table is checked, and again when time has passed.

A table that nobody touches gets older by itself, so that the verdict on the rule ``fresh`` holds for a moment only. The
newest value is kept with the outcome, and judging it anew needs neither the table nor an engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from quality.checking.asked import Asked, CannotCheckError
from quality.checking.outcome import RuleOutcome
from quality.rules.durations import Duration
from quality.rules.rule import Rule, RuleType


def oldest_allowed(held: Asked) -> date | datetime:
    """What the newest value of the rule's column must not lie before. Raises CannotCheckError where nothing says so."""
    oldest = _oldest(held.rule, held.circumstances.promised, held.circumstances.now)
    return oldest.date() if held.columns[0].family == "date" else oldest


def judged_again(outcomes: Sequence[RuleOutcome], *, promised: str, now: datetime) -> list[RuleOutcome]:
    """The outcomes as of ``now`` (UTC, without saying so); of other rules, and without a newest value, as they were."""
    return [_judged(outcome, promised, now) for outcome in outcomes]


def dated(outcomes: Sequence[RuleOutcome], now: datetime) -> list[RuleOutcome]:
    """The outcomes with the moment at which those that depend on it were judged."""
    return [
        replace(outcome, judged_at=_moment(now)) if outcome.rule.type is RuleType.FRESH else outcome
        for outcome in outcomes
    ]


def _judged(outcome: RuleOutcome, promised: str, now: datetime) -> RuleOutcome:
    if outcome.rule.type is not RuleType.FRESH or not isinstance(outcome.observed, str):
        return outcome
    try:
        newest = datetime.fromisoformat(outcome.observed)
        oldest = _oldest(outcome.rule, promised, now)
    except ValueError:
        return outcome
    except CannotCheckError as error:
        return replace(outcome, status="errored", error=error.detail, obstacle=error.obstacle, judged_at=_moment(now))
    if newest.tzinfo is not None:
        newest = newest.astimezone(UTC).replace(tzinfo=None)
    is_day = len(outcome.observed) == len("2026-01-31")
    is_fresh = newest.date() >= oldest.date() if is_day else newest >= oldest
    return replace(outcome, status="passed" if is_fresh else "failed", error="", obstacle="", judged_at=_moment(now))


def _oldest(rule: Rule, promised: str, now: datetime) -> datetime:
    length = rule.params.get("within") or promised
    if not length:
        raise CannotCheckError("no-promise", rule.columns[0])
    return Duration.parse(length).before(now)


def _moment(now: datetime) -> str:
    return f"{now.isoformat(timespec='seconds')}Z"
