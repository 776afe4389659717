"""Verdicts that time changes: the core says when they are to be judged again, ``quality`` knows how.

It hands its function over when the site starts, as it does its wording (catalog/outcomes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Outcomes = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class JudgedAgain:
    """A report's outcomes as of now, and what they come to."""

    outcomes: list[dict[str, Any]]
    verdict: str
    score: float
    counts: dict[str, int]


# Outcomes as stored, the dataset's promised update frequency, and now; None where time changes nothing of them.
Judge = Callable[[Outcomes, str, datetime], JudgedAgain | None]
_judges: list[Judge] = []


def register_judge(judge: Judge) -> None:
    """Take the function that judges outcomes again."""
    _judges[:] = [judge]


def judge_again(outcomes: Outcomes, promised: str, now: datetime) -> JudgedAgain | None:
    """The outcomes as of now; None where none of them depends on the time."""
    return _judges[0](outcomes, promised, now) if _judges else None
