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
LEAST_COUNT = 0.5
"""An empty class counts as so much, or as half a value: the logarithm of nothing would make every new value infinite.

(Half a value, as Jeffreys' prior has it: of forty rows one that is new is no shift.)
"""
SMALLEST_BIN = 0.02
LEAST_VALUES = 20
"""Bins of the earlier histogram that hold a smaller share, or fewer values, are joined with their neighbours.

Of two samples (n and m values) of one distribution in B bins the index is (B - 1) · (1 / n + 1 / m) on average
(Yurdakul, *Statistical Properties of Population Stability Index*, 2018): in twenty bins a hundred rows would "drift" by
chance.
"""


def kept_edges(counts: Sequence[int]) -> list[int]:
    """The places of the inner edges that are left when small bins are joined; 1 is the edge behind the first bin."""
    smallest = max(LEAST_VALUES, SMALLEST_BIN * sum(counts))
    kept, waiting = [], 0
    for place, count in enumerate(counts[:-1], start=1):
        waiting += count
        if waiting >= smallest:
            kept.append(place)
            waiting = 0
    if kept and waiting + counts[-1] < smallest:
        kept.pop()
    return kept


def index(before: Sequence[float], after: Sequence[float], *, values: float = math.inf) -> float:
    """The index over two lists of shares of the same classes; ``values`` is how many the smaller of both times has."""
    least = max(LEAST_SHARE, LEAST_COUNT / values)
    pairs = [(max(p, least), max(q, least)) for p, q in zip(before, after, strict=True)]
    return sum((q - p) * math.log(q / p) for p, q in pairs)


def index_sql(relation: str, *, before: str, after: str, values: str) -> str:
    """SQL of a query whose one row ``observed`` is the index over the rows of ``relation``, of two of its columns.

    ``values`` is SQL for how many values the smaller of both times has.
    """
    least = f"greatest({LEAST_SHARE}, {LEAST_COUNT} / {values})"
    shares = f"SELECT greatest({after}, {least}) AS q, greatest({before}, {least}) AS p FROM {relation}"
    return f"SELECT sum((q - p) * ln(q / p)) AS observed FROM ({shares}) AS shares"


def level_of(*indexes: float | None) -> Level:
    """How the worst of the indexes is read."""
    worst = max((index for index in indexes if index is not None), default=0.0)
    if worst >= MAJOR:
        return "major"
    return "moderate" if worst >= MODERATE else "none"
