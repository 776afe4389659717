"""How far a column's values lie from those of the last published version, in SQL over the table: quality.stability.

The classes are those of the earlier profile: its histogram, else its most frequent values. What lies outside of them
are classes of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from quality.checking.asked import Asked, CannotCheckError
from quality.stability import index_sql, kept_edges
from quality.table import NUMERIC, TEMPORAL, literal


def drift_query(asked: Asked) -> str:
    """The index of a column as one row ``observed``, with ``{batch}`` for the view. Raises CannotCheckError."""
    column, name = asked.columns[0], asked.names[0]
    earlier = (asked.circumstances.earlier or {}).get(column.name)
    if earlier is None:
        raise CannotCheckError("column-missing", column.name)
    histogram = earlier.get("histogram") or {}
    if histogram.get("counts") and column.family in NUMERIC | TEMPORAL | {"time"}:
        classes, counts = _by_range(asked, earlier, histogram)
    elif earlier.get("top") or "true_count" in earlier:
        classes, counts = _by_value(name, earlier)
    else:
        raise CannotCheckError("no-values", column.name)
    total = sum(counts)
    if not total:
        raise CannotCheckError("no-values", column.name)
    then = ", ".join(f"({number}, {count / total!r})" for number, count in enumerate(counts))
    present = f"(SELECT count({name}) FROM {{batch}})"
    return index_sql(
        f"(SELECT coalesce(found, 0) / {present} AS now, share AS before "
        f"FROM (VALUES {then}) AS earlier(class, share) LEFT JOIN ("
        f"SELECT {classes} AS class, count(*) AS found FROM {{batch}} WHERE {name} IS NOT NULL GROUP BY 1"
        f") AS present USING (class)) AS both_times",
        before="before",
        after="now",
        values=f"least({total}, {present})",
    )


def _by_range(asked: Asked, earlier: Mapping[str, Any], histogram: Mapping[str, Any]) -> tuple[str, list[int]]:
    """The class of a value, as SQL: 0 lies below the earlier range, the last above it; and the earlier counts."""
    column, name = asked.columns[0], asked.names[0]
    edges, counts = _joined(histogram)
    if column.family in NUMERIC:
        value, limits = f"CAST({name} AS DOUBLE)", [f"CAST({edge!r} AS DOUBLE)" for edge in edges]
    else:
        kind = "TIME" if column.family == "time" else "TIMESTAMP"
        value, limits = f"CAST({name} AS {kind})", [f"CAST({literal(_clock(edge))} AS {kind})" for edge in edges]
    # Bins of single days are told from their own midnight to the next; the upper edge belongs to all others.
    has_days = column.family == "date" and str(edges[-1]) > str(earlier.get("max"))
    sign, first = ("<", "<") if has_days else ("<=", "<")
    ends = " ".join(f"WHEN {value} {sign} {limit} THEN {place}" for place, limit in enumerate(limits[1:], start=1))
    return f"CASE WHEN {value} {first} {limits[0]} THEN 0 {ends} ELSE {len(limits)} END", [0, *counts, 0]


def _joined(histogram: Mapping[str, Any]) -> tuple[list[Any], list[int]]:
    """The edges of bins that hold enough, and what they hold."""
    edges, counts = list(histogram["edges"]), [int(count) for count in histogram["counts"]]
    places = [0, *kept_edges(counts), len(counts)]
    return [edges[place] for place in places], [sum(counts[left:right]) for left, right in pairwise(places)]


def _clock(edge: Any) -> str:
    """A moment of a profile as DuckDB reads it: moments are those of UTC, whether they say so or not."""
    return str(edge).removesuffix("Z").replace("T", " ")


def _by_value(name: str, earlier: Mapping[str, Any]) -> tuple[str, list[int]]:
    """The class of a value, as SQL: one for each of the most frequent values, 0 for all others."""
    if "true_count" in earlier:
        known: Sequence[tuple[str, int]] = [("true", int(earlier["true_count"]))]
    else:
        # A text that was cut is no value of the column.
        whole = [item for item in earlier["top"] if not item.get("clipped")]
        known = [(str(item["value"]), int(item["count"])) for item in whole]
    rest = max(0, int(earlier["count"]) - sum(count for _, count in known))
    ends = " ".join(
        f"WHEN CAST({name} AS VARCHAR) = {_in_template(value)} THEN {place}"
        for place, (value, _) in enumerate(known, start=1)
    )
    return (f"CASE {ends} ELSE 0 END" if ends else "0"), [rest, *(count for _, count in known)]


def _in_template(value: str) -> str:
    """A text as a literal in a query that braces are filled into."""
    return literal(value).replace("{", "{{").replace("}", "}}")
