"""Rules that Great Expectations has no word for, as SQL that finds the rows which break them.

It is asked them as UnexpectedRowsExpectation, and the file of failing rows is made by the same SQL. ``{batch}`` stands
for the view that is asked; each query gives ``failing_row`` and, column by column, ``failing_value_1`` and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from quality.checking.asked import SCALAR, Asked, CannotCheckError
from quality.rules.durations import Duration
from quality.rules.rule import RuleType
from quality.table import NUMERIC, TEMPORAL, Column, Family, literal, quoted

VALUE = "failing_value"


def row_query(asked: Asked) -> str | None:
    """The query for a rule, None for a type that has none. Raises CannotCheckError."""
    build = _QUERIES.get(asked.rule.type)
    return None if build is None else _failing(asked, build(asked))


def outside_query(asked: Asked, bounds: Mapping[str, object], strict: Mapping[str, bool]) -> str:
    """Values outside of bounds, in exact SQL, for bounds that Great Expectations would make doubles of."""
    column = asked.columns[0]
    parts = []
    for name, sign in (("min", "<"), ("max", ">")):
        bound = bounds.get(f"{name}_value")
        if bound is not None:
            text = str(bound) if column.family in NUMERIC else f"CAST({literal(str(bound))} AS {column.sql_type})"
            parts.append(f"{quoted(column.alias)} {sign}{'=' if strict[f'strict_{name}'] else ''} {text}")
    return _failing(asked, _rows(asked, " OR ".join(parts)))


def _rows(asked: Asked, fails: str, *, source: str = "{batch}", where: Sequence[str] = ()) -> str:
    """All rows that are looked at, those with a value in each column, and whether they fail."""
    row = quoted(asked.table.row_column)
    values = ", ".join(f"{name} AS {VALUE}_{number}" for number, name in enumerate(asked.names, start=1))
    present = [*(f"{name} IS NOT NULL" for name in asked.names), *where]
    return f"SELECT {row} AS failing_row, {values}, ({fails}) AS fails FROM {source} WHERE {' AND '.join(present)}"


def _failing(asked: Asked, rows: str) -> str:
    """Of rows, those that fail; none while few enough do."""
    values = ", ".join(f"{VALUE}_{number}" for number in range(1, len(asked.columns) + 1))
    if asked.rule.mostly >= 1:
        return f"SELECT failing_row, {values} FROM ({rows}) AS looked_at WHERE fails"
    counted = (
        f"SELECT *, count(*) OVER () AS total, count(*) FILTER (WHERE fails) OVER () AS failing FROM ({rows}) AS one"
    )
    return (
        f"SELECT failing_row, {values} FROM ({counted}) AS looked_at "
        f"WHERE fails AND CAST(total - failing AS DOUBLE) / total < {asked.rule.mostly!r}"
    )


def _window(asked: Asked, order: str) -> str:
    group = [quoted(column.alias) for column in asked.others(asked.params.get("group", ()), SCALAR)]
    partition = f"PARTITION BY {', '.join(group)} " if group else ""
    return f"OVER ({partition}ORDER BY {order})"


def _increasing(asked: Asked) -> str:
    sign = "<=" if asked.params.get("strictly") else "<"
    value = asked.names[0] if len(asked.names) == 1 else f"row({', '.join(asked.names)})"
    return _rows(asked, f"{value} {sign} lag({value}) {_window(asked, quoted(asked.table.row_column))}")


def _no_gaps(asked: Asked) -> str:
    """A row fails that comes later after the one before it, in the order of the values, than a step."""
    column, name = asked.columns[0], asked.names[0]
    before = f"lag({name}) {_window(asked, name)}"
    step = asked.params["step"]
    is_length = isinstance(step, str)
    is_time = column.family in TEMPORAL
    if is_length != is_time:
        raise CannotCheckError("value-unsuited", str(step))
    number = f"CAST({step!r} AS DOUBLE)" if isinstance(step, float) else str(step)
    expected = Duration.parse(step).after("earlier") if is_length else f"earlier + {number}"
    row = quoted(asked.table.row_column)
    rows = f"SELECT {row}, {name}, {before} AS earlier FROM {{batch}} WHERE {name} IS NOT NULL"
    return _rows(asked, f"{name} > {expected}", source=f"({rows}) AS stepped")


def _foreign_key(asked: Asked) -> str:
    other = asked.table.others.get(asked.params["resource"])
    if other is None:
        raise CannotCheckError("table-missing", asked.params["resource"])
    known = {column.name: column for column in other.columns}
    wanted = asked.params["fields"]
    pairs: list[tuple[Column, Column]] = []
    for mine, name in zip(asked.columns, wanted, strict=True):
        theirs = known.get(name)
        if theirs is None:
            raise CannotCheckError("column-missing", f"{asked.params['resource']}.{name}")
        if not _are_comparable(mine, theirs):
            raise CannotCheckError("type-unsuited", f"{mine.sql_type}, {theirs.sql_type}")
        pairs.append((mine, theirs))
    keys = ", ".join(f"{quoted(theirs.name)} AS key_{number}" for number, (_, theirs) in enumerate(pairs))
    row = quoted(asked.table.row_column)
    same = " AND ".join(f"{quoted(mine.alias)} = key_{number}" for number, (mine, _) in enumerate(pairs))
    joined = (
        f"(SELECT {row}, {', '.join(asked.names)}, is_known FROM {{batch}} LEFT JOIN "
        f"(SELECT DISTINCT {keys}, true AS is_known FROM {other.view}) AS known_keys ON {same}) AS referring"
    )
    return _rows(asked, "is_known IS NULL", source=joined)


def _are_comparable(first: Column, second: Column) -> bool:
    families: frozenset[Family] = frozenset({first.family, second.family})
    return len(families) == 1 or families <= NUMERIC or families <= TEMPORAL


def _sum_equals(asked: Asked) -> str:
    total = asked.params["total"]
    columns = list(asked.columns)
    where: list[str] = []
    if isinstance(total, str):
        (column,) = asked.others([total], NUMERIC)
        columns.append(column)
        where.append(f"{quoted(column.alias)} IS NOT NULL")
    is_float = any(column.family == "float" for column in columns)
    wide = "DOUBLE" if is_float else "HUGEINT"

    def number(column: Column) -> str:
        name = quoted(column.alias)
        return name if column.family == "decimal" and not is_float else f"CAST({name} AS {wide})"

    added = " + ".join(number(column) for column in asked.columns)
    expected = number(columns[-1]) if isinstance(total, str) else _exact(total)
    tolerance = _exact(asked.params.get("tolerance", 0))
    return _rows(asked, f"abs({added} - {expected}) > {tolerance}", where=where)


def _exact(number: Any) -> str:
    return f"CAST({number!r} AS DOUBLE)" if isinstance(number, float) else str(number)


def _within_area(asked: Asked) -> str:
    """Latitude and longitude in a box; one that crosses the 180th meridian has its west beyond its east."""
    west, south, east, north = (_exact(side) for side in asked.params["box"])
    latitude, longitude = asked.names
    beside = f"{longitude} >= {west} AND {longitude} <= {east}"
    if asked.params["box"][0] > asked.params["box"][2]:
        beside = f"({longitude} >= {west} AND {longitude} <= 180) OR ({longitude} >= -180 AND {longitude} <= {east})"
    return _rows(asked, f"NOT ({latitude} >= {south} AND {latitude} <= {north} AND ({beside}))")


_QUERIES: Mapping[RuleType, Callable[[Asked], str]] = {
    RuleType.INCREASING: _increasing,
    RuleType.INCREASING_TOGETHER: _increasing,
    RuleType.NO_GAPS: _no_gaps,
    RuleType.FOREIGN_KEY: _foreign_key,
    RuleType.SUM_EQUALS: _sum_equals,
    RuleType.WITHIN_AREA: _within_area,
}
