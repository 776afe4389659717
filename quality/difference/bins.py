"""Two histograms of one column held against each other, though each was made of bins of its own.

A histogram says how many values a bin holds and not where in it they lie. So an index is taken in the bins of the
coarser one where they differ by far: a single value far out stretches all bins of its version, and what then lies in
the first of them would look as if it had spread over many of the other's. What such a bin hides, the profiles'
quantiles tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

from quality.stability import index, kept_edges

COARSER = 4.0
"""A histogram is the coarser one whose bins are so many times as wide."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Bins between ``edges`` (moments as seconds) and how many values each holds."""

    edges: Sequence[float]
    counts: Sequence[int]

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Histogram | None:
        """None where it has no bins, or an edge that can't be placed."""
        edges = [_number(edge) for edge in stored.get("edges", ())]
        counts = stored.get("counts", ())
        known = [edge for edge in edges if edge is not None]
        if len(known) != len(edges) or len(known) < 2 or not sum(counts):
            return None
        return cls(known, counts)

    @property
    def width(self) -> float:
        """That of one bin; all are of one width."""
        return (self.edges[-1] - self.edges[0]) / len(self.counts)

    def inner_edges(self) -> list[float]:
        """The edges between bins that hold enough, and both ends, so that what comes to lie outside is seen."""
        kept = [self.edges[place] for place in kept_edges(self.counts)]
        # The last value itself belongs inside: bins are closed above.
        return [below(self.edges[0]), *kept, self.edges[-1]]

    def shares(self, edges: Sequence[float]) -> list[float]:
        """The share of the values in each of the bins between ``edges``."""
        total = sum(self.counts)
        at = [self._up_to(edge) for edge in edges]
        return [(right - left) / total for left, right in pairwise(at)]

    def _up_to(self, edge: float) -> float:
        """How many values lie up to an edge; evenly spread over the bin in which it falls."""
        found = 0.0
        for left, right, count in zip(self.edges, self.edges[1:], self.counts, strict=False):
            if edge >= right:
                found += count
            elif edge > left:
                found += count * (edge - left) / (right - left)
        return found


def histogram_index(before: Mapping[str, Any], after: Mapping[str, Any]) -> float | None:
    """The index between two columns' profiles, by their histograms; None where these can't be placed.

    Where the newer one is coarser by far, the quantiles are asked too, and whichever moved more counts.
    """
    bins = common_bins(before["histogram"], after["histogram"])
    if bins is None:
        return None
    values = min(before["count"], after["count"])
    found = index(*bins, values=values)
    if _is_coarser(after["histogram"], before["histogram"]):
        by_quantiles = _quantile_bins(before.get("quantiles") or {}, after.get("quantiles") or {})
        found = max(found, index(*by_quantiles, values=values)) if by_quantiles else found
    return found


def common_bins(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[float], list[float]] | None:
    """Shares of both histograms in the same bins, joined until each holds some, open at both ends.

    The bins are the older one's, or the newer one's where that is coarser by far. Values of the other one are spread
    evenly over their bin where one of these ends within it.
    """
    old, new = Histogram.read(before), Histogram.read(after)
    if old is None or new is None:
        return None
    inner = (new if _is_coarser(after, before) else old).inner_edges()
    edges = [-math.inf, *inner, math.inf]
    return old.shares(edges), new.shares(edges)


def _is_coarser(stored: Mapping[str, Any], than: Mapping[str, Any]) -> bool:
    one, other = Histogram.read(stored), Histogram.read(than)
    # One of no width holds one value: nothing of it is hidden, and everything else is coarser.
    return one is not None and other is not None and other.width > 0 and one.width > COARSER * other.width


def _quantile_bins(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[float], list[float]] | None:
    """Shares of both between the older quantiles, open at both ends; between its own the newer one is spread evenly."""
    names = [name for name in before if name in after]
    old, new = ([at for name in names if (at := _number(of[name])) is not None] for of in (before, after))
    levels = [int(name.removeprefix("p")) / 100 for name in names]
    if len(names) < 2 or not len(old) == len(new) == len(names):
        return None
    edges = sorted(set(old))
    both = [[0.0, *(_share_up_to(edge, values, levels) for edge in edges), 1.0] for values in (old, new)]
    before_shares, after_shares = ([right - left for left, right in pairwise(at)] for at in both)
    return before_shares, after_shares


def _share_up_to(edge: float, values: Sequence[float], levels: Sequence[float]) -> float:
    """The share of values up to an edge, by quantiles in their order; beyond the outermost it is 0 or 1."""
    if edge < values[0]:
        return 0.0
    if edge > values[-1]:
        return 1.0
    place = max(number for number, value in enumerate(values) if value <= edge)
    if place == len(values) - 1 or values[place] == edge:
        return levels[place]
    within = (edge - values[place]) / (values[place + 1] - values[place])
    return levels[place] + within * (levels[place + 1] - levels[place])


def below(edge: float) -> float:
    """The next number below an edge: what lies on the lowest edge itself belongs into the first bin."""
    return math.nextafter(edge, -math.inf)


def _number(edge: Any) -> float | None:
    """An edge as a number: moments as seconds, for which ISO texts stand in a profile."""
    if isinstance(edge, int | float):
        return float(edge)
    if not isinstance(edge, str):
        return None
    try:
        if len(edge) > 10 or "T" in edge:
            return datetime.fromisoformat(edge.removesuffix("Z") + "+00:00").timestamp()
        if ":" in edge:
            clock = time.fromisoformat(edge)
            return clock.hour * 3600.0 + clock.minute * 60 + clock.second + clock.microsecond / 1e6
        return date.fromisoformat(edge).toordinal() * 86_400.0
    except ValueError:
        return None
