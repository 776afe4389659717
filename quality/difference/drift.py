"""How far the values of a column have moved from one version to the other, read off the two stored profiles.

The index and how it is read are in quality.stability.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from quality.difference.bins import Histogram, below, histogram_index
from quality.difference.renames import Rename
from quality.stability import Level, index, level_of

DRAWN_BINS = 24


@dataclass(frozen=True, slots=True)
class Distribution:
    """Shares of the same classes in both versions, to be drawn over each other.

    Of a histogram, ``labels`` are the two ends of the range that both lie in, cut into bins of one width; of values
    they are the values, with what is left as a class of its own, whose label is None.
    """

    of: Literal["histogram", "values", "truth"]
    labels: tuple[Any, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "of": self.of,
            "labels": list(self.labels),
            "before": [round(share, 6) for share in self.before],
            "after": [round(share, 6) for share in self.after],
        }


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """What moved in one column; None where the profiles don't say it.

    ``nulls_share`` and ``distinct`` are (older, newer). ``mean`` and ``sd`` too, and ``mean_moved_sd`` is how many of
    the older standard deviations the mean moved. ``quantiles`` are {"p50": (older, newer), …}. ``psi_of`` says over
    what the index was taken. ``new_values`` and ``vanished_values`` are entries of the tops; ``values_approximate``
    says that they may have been there, out of the top.
    """

    name: str
    kind: str
    nulls_share: tuple[float, float]
    level: Level
    psi: float | None = None
    psi_of: Literal["", "histogram", "values", "truth"] = ""
    distinct: tuple[Any, Any] = (None, None)
    distinct_approximate: bool = False
    mean: tuple[Any, Any] = (None, None)
    sd: tuple[Any, Any] = (None, None)
    mean_moved_sd: float | None = None
    limits: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    quantiles: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    new_values: tuple[Mapping[str, Any], ...] = ()
    vanished_values: tuple[Mapping[str, Any], ...] = ()
    values_approximate: bool = False
    distribution: Distribution | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": self.kind,
            "level": self.level,
            "psi": self.psi,
            "psi_of": self.psi_of,
            "nulls_share": list(self.nulls_share),
            "distinct": list(self.distinct),
            "distinct_approximate": self.distinct_approximate,
            "mean": list(self.mean),
            "sd": list(self.sd),
            "mean_moved_sd": self.mean_moved_sd,
            "limits": {name: list(pair) for name, pair in self.limits.items()},
            "quantiles": {name: list(pair) for name, pair in self.quantiles.items()},
            "new_values": [dict(item) for item in self.new_values],
            "vanished_values": [dict(item) for item in self.vanished_values],
            "values_approximate": self.values_approximate,
            "distribution": self.distribution.to_json() if self.distribution else None,
        }


def compare_profiles(
    before: Mapping[str, Any], after: Mapping[str, Any], *, renames: Sequence[Rename] = ()
) -> tuple[ColumnDrift, ...]:
    """The drift of every column that both profiles have, the strongest first."""
    old = {column["name"]: column for column in before.get("columns", ())}
    earlier = {rename.after: rename.before for rename in renames}
    found = []
    for column in after.get("columns", ()):
        known = old.get(earlier.get(column["name"], column["name"]))
        if known is not None:
            found.append(drift_of(known, column))
    order: Mapping[Level, int] = {"major": 0, "moderate": 1, "none": 2}
    return tuple(sorted(found, key=lambda item: (order[item.level], -(item.psi or 0))))


def drift_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> ColumnDrift:
    """The drift of one column, from its two profiles (``ColumnProfile.to_json``)."""
    # By the values, or by the share that is missing, whichever moved more.
    found, over = _index(before, after)
    nulls = (_nulls_share(before), _nulls_share(after))
    both = {"p": before, "q": after}
    new, vanished, approximate = _values(before, after)
    moved = index(nulls_of(nulls[0]), nulls_of(nulls[1]), values=_fewer(both, "count", "nulls"))
    return ColumnDrift(
        name=str(after["name"]),
        kind=str(after["kind"]),
        nulls_share=nulls,
        level=level_of(found, moved),
        psi=found,
        psi_of=over,
        distinct=_pair(both, "distinct"),
        distinct_approximate=any(item.get("distinct_approximate") for item in both.values()),
        mean=_pair(both, "mean"),
        sd=_pair(both, "sd"),
        mean_moved_sd=_moved(before, after),
        limits={name: _pair(both, name) for name in ("min", "max") if name in before and name in after},
        quantiles=_quantiles(before, after),
        new_values=new,
        vanished_values=vanished,
        values_approximate=approximate,
        distribution=distribution_of(before, after),
    )


def _fewer(both: Mapping[str, Mapping[str, Any]], *names: str) -> float:
    """The smaller of both sums; infinite where one has nothing at all, of which nothing is to be said."""
    return min(sum(column[name] for name in names) for column in both.values()) or math.inf


def nulls_of(share: float) -> tuple[float, float]:
    """Present and missing, as two bins."""
    return (1 - share, share)


def _pair(both: Mapping[str, Mapping[str, Any]], name: str) -> tuple[Any, Any]:
    return (both["p"].get(name), both["q"].get(name))


def _nulls_share(column: Mapping[str, Any]) -> float:
    total = column["count"] + column["nulls"]
    return column["nulls"] / total if total else 0.0


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> float | None:
    mean, new, spread = before.get("mean"), after.get("mean"), before.get("sd")
    if mean is None or new is None or not spread:
        return None
    moved = (new - mean) / spread
    return moved if math.isfinite(moved) else None


def _quantiles(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    old, new = before.get("quantiles") or {}, after.get("quantiles") or {}
    return {name: (old[name], new[name]) for name in old if name in new}


def _index(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[float | None, Literal["", "histogram", "values", "truth"]]:
    """By what both profiles have: truth, histograms, or the most frequent values; None where there is nothing."""
    if before["kind"] != after["kind"] and not {before["kind"], after["kind"]} <= {"cat", "text"}:
        return None, ""
    if not before["count"] or not after["count"]:
        return None, ""
    values = min(before["count"], after["count"])
    if "true_count" in before and "true_count" in after:
        shares = [nulls_of(column["true_count"] / column["count"]) for column in (before, after)]
        return index(*shares, values=values), "truth"
    if before.get("histogram") and after.get("histogram"):
        found = histogram_index(before, after)
        return (found, "histogram") if found is not None else (None, "")
    tops = _top_shares(before, after)
    return (index(*tops, values=values), "values") if tops else (None, "")


def distribution_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Distribution | None:
    """What can be drawn of a column in both versions; None where the profiles have no classes in common."""
    _found, over = _index(before, after)
    if over == "truth":
        shares = [nulls_of(column["true_count"] / column["count"]) for column in (before, after)]
        return Distribution("truth", (False, True), shares[0], shares[1])
    if over == "histogram":
        return _drawn_histograms(before["histogram"], after["histogram"])
    tops = _top_shares(before, after) if over == "values" else None
    if tops is None:
        return None
    names = _top_names(before, after)
    return Distribution("values", (*names, None), tuple(tops[0]), tuple(tops[1]))


def _drawn_histograms(before: Mapping[str, Any], after: Mapping[str, Any]) -> Distribution | None:
    old, new = Histogram.read(before), Histogram.read(after)
    if old is None or new is None:
        return None
    first = before["edges"][0] if old.edges[0] <= new.edges[0] else after["edges"][0]
    last = before["edges"][-1] if old.edges[-1] >= new.edges[-1] else after["edges"][-1]
    low, high = min(old.edges[0], new.edges[0]), max(old.edges[-1], new.edges[-1])
    # What lies on the lowest edge itself belongs into the first bin.
    edges = [below(low), *(low + (high - low) * number / DRAWN_BINS for number in range(1, DRAWN_BINS)), high]
    return Distribution("histogram", (first, last), tuple(old.shares(edges)), tuple(new.shares(edges)))


def _top_shares(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[list[float], list[float]] | None:
    """Shares of the most frequent values of either version, and of all others together as one more bin."""
    old, new = _counts(before), _counts(after)
    if not old or not new:
        return None
    names = _names(before, after)
    shares = []
    for counts, column in ((old, before), (new, after)):
        known = [counts.get(name, 0) / column["count"] for name in names]
        shares.append([*known, max(0.0, 1 - sum(known))])
    return shares[0], shares[1]


def _names(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The values of both tops of which the shares in both versions are known, by their ``repr``."""
    old, new = _counts(before), _counts(after)
    names = [*old, *(name for name in new if name not in old)]
    if _is_whole(before, old) and _is_whole(after, new):
        return names
    # A value that is in one top only may stand in the other version as often as its last: it says nothing sure.
    return [name for name in names if name in old and name in new]


def _top_names(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Any]:
    values = {repr(item["value"]): item["value"] for column in (before, after) for item in column["top"]}
    return [values[name] for name in _names(before, after)]


def _counts(column: Mapping[str, Any]) -> dict[str, int]:
    return {repr(item["value"]): item["count"] for item in column.get("top") or ()}


def _is_whole(column: Mapping[str, Any], counts: Mapping[str, int]) -> bool:
    """Whether the top has all values that there are."""
    return sum(counts.values()) >= int(column["count"])


def _values(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[tuple[Mapping[str, Any], ...], tuple[Mapping[str, Any], ...], bool]:
    """Values of one top that the other lacks, and whether they may be there all the same."""
    old, new = _counts(before), _counts(after)
    if not old or not new:
        return (), (), False
    added = tuple(item for item in after["top"] if repr(item["value"]) not in old)
    gone = tuple(item for item in before["top"] if repr(item["value"]) not in new)
    unsure = (bool(added) and not _is_whole(before, old)) or (bool(gone) and not _is_whole(after, new))
    return added, gone, unsure
