"""The population stability index (PSI): how far shares of the same classes lie from those of an earlier time.

Over shares p (earlier) and q (now) it is ``Σ (q - p) · ln(q / p)``: the symmetric Kullback-Leibler divergence (Jeffreys
1946). Below 0.1 it is read as no shift, from 0.25 as a major one (Lewis, *An Introduction to Credit Scoring*, 1994;
Siddiqi, *Credit Risk Scorecards*, 2006). These are conventions, not tests: in a very large table a tiny shift is sure
and still small.

The difference of two versions takes it of two stored profiles, in Python; the rule ``drift`` of a profile and a table,
in SQL. Both are made here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

Level = Literal["none", "moderate", "major"]
MODERATE = 0.1
MAJOR = 0.25
LEAST_SHARE = 1e-4
"""An empty class counts as so much: the logarithm of nothing would make every new value infinite."""


def index(before: Sequence[float], after: Sequence[float]) -> float:
    """The index over two lists of shares of the same classes."""
    pairs = [(max(p, LEAST_SHARE), max(q, LEAST_SHARE)) for p, q in zip(before, after, strict=True)]
    return sum((q - p) * math.log(q / p) for p, q in pairs)


def index_sql(relation: str, *, before: str, after: str) -> str:
    """SQL of a query whose one row ``observed`` is the index over the rows of ``relation``, of two of its columns."""
    shares = f"SELECT greatest({after}, {LEAST_SHARE}) AS q, greatest({before}, {LEAST_SHARE}) AS p FROM {relation}"
    return f"SELECT sum((q - p) * ln(q / p)) AS observed FROM ({shares}) AS shares"


def level_of(*indexes: float | None) -> Level:
    """How the worst of the indexes is read."""
    worst = max((index for index in indexes if index is not None), default=0.0)
    if worst >= MAJOR:
        return "major"
    return "moderate" if worst >= MODERATE else "none"
