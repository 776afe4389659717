"""Rows gathered by the values of columns, with counts, sums and the like of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from django.utils.translation import gettext

from catalog.rows.query import QueryInvalid, RowQuery, TableColumn, conditions, require_column

Function = Literal["count", "sum", "mean", "min", "max", "distinct", "missing"]
FUNCTIONS: tuple[Function, ...] = get_args(Function)
MAX_GROUPS = 5
MAX_MEASURES = 20
_NUMBERS = {"integer", "decimal", "float"}
_ORDERED = {*_NUMBERS, "text", "date", "timestamp", "instant", "time", "bool"}
_SQL: Mapping[str, str] = {
    "sum": "sum({})",
    "mean": "avg({})",
    "min": "min({})",
    "max": "max({})",
    "distinct": "count(DISTINCT {})",
    "missing": "count(*) FILTER (WHERE {} IS NULL)",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """``count`` counts rows and has no column."""

    function: Function
    column: str = ""

    @property
    def name(self) -> str:
        """As it was asked for, which is its column's name in the answer."""
        return f"{self.function}:{self.column}" if self.column else self.function


@dataclass(frozen=True, slots=True)
class Grouping:
    columns: tuple[str, ...]
    measures: tuple[Measure, ...]
    sort: str = ""


def parse_grouping(group: Sequence[str], measures: Sequence[str], sort: str = "") -> Grouping | None:
    """``region``, ``count`` and ``sum:amount``, sorted by one of them (``-count``); None where none is asked for.

    Raises QueryInvalid.
    """
    columns = tuple(name for name in group if name)
    wanted = [text for text in measures if text]
    if not columns and not wanted:
        return None
    if len(columns) > MAX_GROUPS or len(wanted) > MAX_MEASURES:
        raise QueryInvalid(
            gettext("At most %(max_groups)s columns and %(max_measures)s measures at once.")
            % {"max_groups": MAX_GROUPS, "max_measures": MAX_MEASURES}
        )
    return Grouping(columns, tuple(_measure(text) for text in wanted or ["count"]), sort)


def group_sql(
    source: str,
    known: Mapping[str, TableColumn],
    grouping: Grouping,
    *,
    query: RowQuery,
    offset: int,
    limit: int | None,
) -> str:
    """The groups, their columns and then the measures, in the order of their values. Raises QueryInvalid."""
    columns = [require_column(name, known) for name in grouping.columns]
    if wrong := [column.name for column in columns if column.family not in _ORDERED]:
        raise QueryInvalid(
            gettext("Rows can't be gathered by %(wrong)s.") % {"wrong": wrong[0]},
            remedy=gettext("Use a column of numbers, texts or dates."),
        )
    cells = [f"{column.alias} AS g{place}" for place, column in enumerate(columns)]
    cells += [f"{_measured(item, known)} AS m{place}" for place, item in enumerate(grouping.measures)]
    sql = f"SELECT {', '.join(cells)} FROM ({source}) WHERE {conditions(query, known)}"
    if columns:
        sql += f" GROUP BY {', '.join(column.alias for column in columns)} ORDER BY {_order(grouping)}"
    if limit is not None:
        sql += f" LIMIT {limit:d} OFFSET {offset:d}"
    return sql


def names_of(grouping: Grouping) -> tuple[str, ...]:
    """The answer's columns."""
    return (*grouping.columns, *(measure.name for measure in grouping.measures))


def _measure(text: str) -> Measure:
    function, _, column = text.partition(":")
    if function not in FUNCTIONS or (function == "count") == bool(column):
        raise QueryInvalid(
            gettext("“%(text)s” is no measure.") % {"text": text[:200]},
            remedy=gettext("Use count, or one of sum, mean, min, max, distinct, missing with a column: sum:amount."),
        )
    return Measure(function, column)


def _measured(item: Measure, known: Mapping[str, TableColumn]) -> str:
    if item.function == "count":
        return "count(*)"
    column = require_column(item.column, known)
    families: Any = _NUMBERS if item.function in {"sum", "mean"} else _ORDERED
    if item.function != "missing" and column.family not in families:
        raise QueryInvalid(
            gettext("“%(name)s”: %(name_2)s is of no type for that.") % {"name": item.name, "name_2": column.name},
            remedy=gettext("Use another column."),
        )
    return _SQL[item.function].format(column.alias)


def _order(grouping: Grouping) -> str:
    keys = [f"g{place} NULLS LAST" for place in range(len(grouping.columns))]
    if not grouping.sort:
        return ", ".join(keys)
    names = names_of(grouping)
    wanted = grouping.sort.removeprefix("-")
    if wanted not in names:
        raise QueryInvalid(
            gettext("The answer has no column “%(wanted)s”.") % {"wanted": wanted[:200]},
            remedy=gettext("Sort by one of %(names)s.") % {"names": ", ".join(names)},
        )
    place = names.index(wanted)
    alias = f"g{place}" if place < len(grouping.columns) else f"m{place - len(grouping.columns)}"
    return ", ".join([f"{alias} {'DESC' if grouping.sort.startswith('-') else 'ASC'} NULLS LAST", *keys])
