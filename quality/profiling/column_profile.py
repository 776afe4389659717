"""One column's profile: what is asked of DuckDB in each step, and what the answers mean.

Three steps: the limits, which stand in the Parquet's footers; quantiles and candidates for the top, which a sample
tells; then one scan of everything for what adds up, histograms and exact counts of the candidates among it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Literal

from quality.table import NUMERIC, ORDERED, Column, Family, quoted
from quality.values import shown

Kind = Literal["num", "cat", "text", "time", "bool", "nested"]

BINS = 20
TOP = 10
# Texts of more bytes than this are not compared for the top.
TOP_SOURCE_LIMIT = 10_000
# As many candidates are followed; when fewer values exist, the top is exact.
TOP_CANDIDATES = 20
TOP_TEXT_LIMIT = 200
CATEGORY_LIMIT = 200

QUANTILES: Mapping[str, float] = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}

# DuckDB refuses a spread whose square is no double: the scan is then asked again without it.
SPREAD = "sd"

_DAY = 86_400
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (all clocks here are UTC, without saying so)
_UNITS: Mapping[Family, float] = {"integer": 1, "date": _DAY}

_KINDS: Mapping[Family, Kind] = {
    "integer": "num",
    "decimal": "num",
    "float": "num",
    "bool": "bool",
    "date": "time",
    "timestamp": "time",
    "time": "time",
    "nested": "nested",
    "other": "nested",
}

_WITH_TOP: frozenset[Family] = frozenset({"text", "integer", "date"})

_LOGICAL: Mapping[Family, str] = {
    "integer": "integer",
    "decimal": "number",
    "float": "number",
    "text": "string",
    "bool": "boolean",
    "date": "date",
    "timestamp": "datetime",
    "time": "time",
    "nested": "any",
    "other": "any",
}


class Precision(Enum):
    EXACT = "exact"
    APPROXIMATE = "approximate"


@dataclass(frozen=True, slots=True)
class Scan:
    """A column and what was found of it so far. ``careful``: its values that are not finite are left out."""

    column: Column
    rows: int
    found: Mapping[str, Any]
    careful: bool

    @property
    def is_odd(self) -> bool:
        """Whether values that are not finite spoilt what was found, so that it is to be asked again with care."""
        found = self.found
        if self.careful or "low" not in found:
            return False
        is_unlimited = found["min"] is not None and (found["low"] is None or found["high"] is None)
        mean = found.get("mean")
        return is_unlimited or (mean is not None and not math.isfinite(mean))


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """``count`` is of the values that are there; ``details`` has only what a column of its kind has:

    distinct, distinct_approximate, min, max, mean, sd, quantiles, quantiles_approximate, histogram
    ``{edges, counts}`` (one edge more than counts), nan, infinite, top ``[{value, count, clipped?}]``,
    top_approximate, lengths ``{min, max, mean}``, true_count. Moments and their edges are ISO 8601 texts; a
    zoned moment is told in UTC. Numbers are of the finite values: ``nan`` and ``infinite`` count the others.
    """

    name: str
    type: str
    kind: Kind
    count: int
    nulls: int
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "kind": self.kind,
            "count": self.count,
            "nulls": self.nulls,
            **self.details,
        }

    @classmethod
    def of(cls, scan: Scan, type_: str | None, precision: Precision) -> ColumnProfile:
        count = scan.found["count"]
        return cls(
            name=scan.column.name,
            type=type_ or _LOGICAL[scan.column.family],
            kind=_kind(scan),
            count=count,
            nulls=scan.rows - count,
            details=dict(_details(scan, precision)),
        )


def limits_of(column: Column, *, careful: bool) -> dict[str, str]:
    """The lowest and the highest value, as SQL by name; also as doubles (``low``, ``high``), null if not finite."""
    if column.family not in ORDERED:
        return {}
    name, finite = quoted(column.name), _where(*_finite(column, careful=careful))
    text = "" if column.family in NUMERIC else "::VARCHAR"
    ends = {"min": f"(min({name}){finite})", "max": f"(max({name}){finite})"}
    asked = {end: f"{value}{text}" for end, value in ends.items()}
    return asked | {"low": _as_finite_double(column, ends["min"]), "high": _as_finite_double(column, ends["max"])}


def sample_of(column: Column, precision: Precision, *, careful: bool) -> dict[str, str]:
    """What a sample of the rows tells of a column (all rows where it is to be exact), as SQL by name."""
    asked = {}
    if column.family in ORDERED:
        quantile = "quantile_cont" if precision is Precision.EXACT else "approx_quantile"
        points = ", ".join(str(point) for point in QUANTILES.values())
        finite = _where(*_finite(column, careful=careful))
        asked["quantiles"] = f"{quantile}({_as_double(column, quoted(column.name))}, [{points}]){finite}"
    return asked


def candidates_of(column: Column, source: str) -> str:
    """What may be the column's top, as a query over the rows that tell it; empty where the column has no top.

    By sorting out all values: ``approx_top_k`` is no faster, and of two threads' counts DuckDB 1.5.5 makes one in
    which each of the frequent values of one thread may hide the only value of the other, however often that stands.
    """
    if column.family not in _WITH_TOP:
        return ""
    counted = f"SELECT {_comparable(column)} AS value, count(*) AS often FROM {source} GROUP BY 1"
    return (
        f"SELECT list(value) FROM (SELECT value FROM ({counted}) WHERE value IS NOT NULL "
        f"ORDER BY often DESC, value LIMIT {TOP_CANDIDATES})"
    )


def guess_of(column: Column) -> dict[str, str]:
    """The same in one query with other columns, for tables of very many. It is right where one thread has all rows."""
    if column.family not in _WITH_TOP:
        return {}
    return {"candidates": f"approx_top_k({_comparable(column)}, {TOP_CANDIDATES})"}


def scan_of(scan: Scan, precision: Precision) -> dict[str, tuple[str, list[Any]]]:
    """What the scan of all rows asks of a column whose limits and sample are known: SQL and parameters by name."""
    column, found = scan.column, scan.found
    name, family = quoted(column.name), column.family
    asked: dict[str, tuple[str, list[Any]]] = {"count": (f"count({name})", [])}
    if family in ("nested", "other"):
        return asked
    distinct = "count(DISTINCT {})" if precision is Precision.EXACT else "approx_count_distinct({})"
    asked["distinct"] = (distinct.format(name), [])
    if family == "bool":
        asked["true_count"] = (f"count(*) FILTER (WHERE {name})", [])
    elif family == "text":
        text = _as_text(column)
        asked |= {
            "min": (f"min({text})", []),
            "max": (f"max({text})", []),
            "shortest": (f"min(length({text}))", []),
            "longest": (f"max(length({text}))", []),
            "length": (f"avg(length({text}))", []),
        }
    else:
        asked |= _numbers(scan)
    if candidates := [value for value in found.get("candidates") or () if value not in (None, "")]:
        asked["top"] = (f"histogram_exact({_as_text(column)}, ?)", [candidates])
    if family == "text" and "" in (found.get("candidates") or ()):
        # DuckDB counts all values that are not asked for under the empty text, so that is asked for apart.
        asked["empty"] = (f"count(*) FILTER (WHERE {_as_text(column)} = '')", [])
    return asked


def _numbers(scan: Scan) -> dict[str, tuple[str, list[Any]]]:
    """Middle, spread and shape; as doubles, which moments are as seconds."""
    column, found = scan.column, scan.found
    name = quoted(column.name)
    number, finite = _as_double(column, name), _where(*_finite(column, careful=scan.careful))
    asked: dict[str, tuple[str, list[Any]]] = {}
    if column.family in NUMERIC:
        asked |= {"mean": (f"avg({number}){finite}", []), SPREAD: (f"stddev_samp({number}){finite}", [])}
    if column.family == "float" and scan.careful:
        asked["nan"] = (f"count(*) FILTER (WHERE isnan({name}))", [])
        asked["infinite"] = (f"count(*) FILTER (WHERE isinf({name}))", [])
    if found["low"] is not None and found["high"] is not None:
        asked["histogram"] = (f"histogram({number}, ?){finite}", [upper_edges(scan)[1:]])
    return asked


def _as_text(column: Column) -> str:
    """A text column as text (a UUID is one, too); the others as they are."""
    name = quoted(column.name)
    return f"{name}::VARCHAR" if column.family == "text" and column.sql_type != "VARCHAR" else name


def _comparable(column: Column) -> str:
    """The column's values without texts that are too long to be compared for the top."""
    text = _as_text(column)
    return text if column.family != "text" else f"CASE WHEN strlen({text}) <= {TOP_SOURCE_LIMIT} THEN {text} END"


def _finite(column: Column, *, careful: bool) -> tuple[str, ...]:
    """The condition of being finite, where a value may be anything else and somebody cares."""
    can = careful and column.family in ("float", "date", "timestamp")
    return (f"isfinite({quoted(column.name)})",) if can else ()


def _where(*conditions: str) -> str:
    """An aggregate's filter by the conditions."""
    return f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""


def _as_double(column: Column, value: str) -> str:
    if column.family in NUMERIC:
        return f"{value}::DOUBLE"
    return f"epoch({value})" if column.family == "time" else f"epoch({value}::TIMESTAMP)"


def _as_finite_double(column: Column, value: str) -> str:
    """The same for a limit, null where it is not finite."""
    double = _as_double(column, value)
    can = column.family in ("float", "date", "timestamp")
    return f"CASE WHEN isfinite({value}) THEN {double} END" if can else double


def upper_edges(scan: Scan) -> list[float]:
    """The edges of the bins from the lowest value up. Of a short range each whole number or day is a bin."""
    low, high = scan.found["low"], scan.found["high"]
    step = _UNITS.get(scan.column.family)
    if step is not None and (high - low) / step < BINS:
        return [low + (index - 0.5) * step for index in range(round((high - low) / step) + 2)]
    # Written as a mean of both ends, so that the width of all doubles does not overflow.
    edges = [low * (1 - index / BINS) + high * (index / BINS) for index in range(BINS)] + [high]
    distinct = sorted({min(max(edge, low), high) for edge in edges})
    return distinct if len(distinct) > 1 else [low, high]


def _kind(scan: Scan) -> Kind:
    family = scan.column.family
    if family == "text":
        distinct = scan.found["distinct"]
        few = distinct <= CATEGORY_LIMIT and (distinct <= 2 * TOP or distinct <= scan.found["count"] / 2)
        return "cat" if few else "text"
    return _KINDS[family]


def _details(scan: Scan, precision: Precision) -> Iterator[tuple[str, Any]]:
    found = scan.found
    approximate = precision is Precision.APPROXIMATE
    if "distinct" in found:
        yield "distinct", min(found["distinct"], found["count"])
        yield "distinct_approximate", approximate
    if "true_count" in found:
        yield "true_count", found["true_count"]
    if "min" in found:
        yield "min", _limit(scan, found["min"])
        yield "max", _limit(scan, found["max"])
    if "mean" in found:
        yield "mean", _number(found["mean"])
    if scan.column.family == "float":
        # Where nobody had to take care, there was none.
        yield "nan", found.get("nan", 0)
        yield "infinite", found.get("infinite", 0)
    if "mean" in found:
        yield "sd", _number(found.get(SPREAD))
    if "quantiles" in found:
        points = found["quantiles"] or [None] * len(QUANTILES)
        yield "quantiles", {name: _point(scan, at) for name, at in zip(QUANTILES, points, strict=True)}
        yield "quantiles_approximate", approximate
        yield "histogram", _histogram(scan, found.get("histogram"))
    if "shortest" in found:
        yield "lengths", {"min": found["shortest"], "max": found["longest"], "mean": found["length"]}
    if "candidates" in found:
        counts = _counts(found)
        yield "top", _top(scan, counts)
        yield "top_approximate", _might_miss(scan, counts)


def _counts(found: Mapping[str, Any]) -> dict[Any, int]:
    """How often the candidates stand; what the engine counts under the empty text are all others."""
    counts = {value: count for value, count in (found.get("top") or {}).items() if value != ""}
    return counts | {"": found["empty"]} if "empty" in found else counts


def _limit(scan: Scan, value: Any) -> Any:
    if value is None:
        return None
    if scan.column.family in ("timestamp", "time", "date"):
        return str(value).replace(" ", "T") + _zone(scan)
    return shown(value, TOP_TEXT_LIMIT)


def _number(value: Any) -> Any:
    return None if value is None or not math.isfinite(value) else value


def _point(scan: Scan, value: float | None) -> Any:
    """A number of the column's own kind: seconds become moments again."""
    if value is None or not math.isfinite(value):
        return None
    family = scan.column.family
    if family in NUMERIC:
        return value
    try:
        moment = _EPOCH + timedelta(seconds=round(value, 6))
    except OverflowError:
        return None
    if family == "time":
        return moment.time().isoformat() if 0 <= value < _DAY else "24:00:00"
    if family == "date":
        return moment.date().isoformat()
    return moment.isoformat() + _zone(scan)


def _zone(scan: Scan) -> str:
    return "Z" if scan.column.sql_type == "TIMESTAMP WITH TIME ZONE" else ""


def _histogram(scan: Scan, found: Mapping[float, int] | None) -> dict[str, Any]:
    if not found:
        return {"edges": [], "counts": []}
    edges = upper_edges(scan)
    # Bins of one day are counted from noon to noon and told from midnight to midnight.
    told = [edge + _DAY / 2 for edge in edges] if _has_day_bins(scan) else edges
    return {
        "edges": [_point(scan, edge) for edge in told],
        "counts": [int(found.get(edge, 0)) for edge in edges[1:]],
    }


def _has_day_bins(scan: Scan) -> bool:
    return scan.column.family == "date" and (scan.found["high"] - scan.found["low"]) / _DAY < BINS


def _top(scan: Scan, counts: Mapping[Any, int]) -> list[dict[str, Any]]:
    """The most frequent values; empty where every value stands once and there are many: no value is top."""
    candidates = set(scan.found["candidates"] or ())
    found = [(value, count) for value, count in counts.items() if value in candidates and count]
    found.sort(key=lambda item: (-item[1], str(item[0])))
    if len(found) > TOP and found[0][1] == 1:
        return []
    return [_top_value(value, count) for value, count in found[:TOP]]


def _might_miss(scan: Scan, counts: Mapping[Any, int]) -> bool:
    """Whether a value that is no candidate could stand more often than the last of the top."""
    candidates = set(scan.found["candidates"] or ())
    known = sorted((count for value, count in counts.items() if value in candidates), reverse=True)
    rest = int(scan.found["count"]) - sum(known)
    return rest > (known[TOP - 1] if len(known) >= TOP else 0)


def _top_value(value: Any, count: int) -> dict[str, Any]:
    clipped = isinstance(value, str) and len(value) > TOP_TEXT_LIMIT
    item = {"value": shown(value, TOP_TEXT_LIMIT), "count": int(count)}
    return item | {"clipped": True} if clipped else item
