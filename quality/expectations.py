"""A rule as an expectation of Great Expectations' own vocabulary, on a given table.

Great Expectations is imported inside the function: importing it takes three seconds, and this module stays
cheap to import for whoever only names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from quality.outcome import Obstacle, first_line
from quality.rule import Rule, RuleType
from quality.table import NUMERIC, ORDERED, TEMPORAL, Column, Family, Table, literal, quoted
from quality.values import as_value_of, is_exact_in_double

# "map" looks at rows and can name them, "aggregate" at a whole column, "shape" at names and types (the only
# kind that meets the columns by their own names), "query" is our SQL.
Kind = Literal["map", "aggregate", "shape", "query"]

SEVERITIES = {"error": "critical", "warning": "warning", "info": "info"}

_ANYTHING: frozenset[Family] = frozenset(
    {"integer", "decimal", "float", "text", "bool", "date", "timestamp", "time", "nested", "other"}
)
_SCALAR: frozenset[Family] = _ANYTHING - {"nested", "other"}

# The families of columns that a type of rule can be asked of.
SUITED: Mapping[RuleType, frozenset[Family]] = {
    RuleType.TYPE: _ANYTHING,
    RuleType.NOT_NULL: _ANYTHING,
    RuleType.UNIQUE: _SCALAR,
    RuleType.UNIQUE_TOGETHER: _SCALAR,
    RuleType.IN_SET: _SCALAR,
    RuleType.BETWEEN: ORDERED,
    RuleType.MATCHES: frozenset({"text"}),
    RuleType.LENGTH_BETWEEN: frozenset({"text"}),
    RuleType.COLUMN_PAIR: ORDERED | {"text"},
    RuleType.MEAN_BETWEEN: NUMERIC,
    RuleType.MEDIAN_BETWEEN: NUMERIC,
    RuleType.STDEV_BETWEEN: NUMERIC,
    RuleType.SUM_BETWEEN: NUMERIC,
    RuleType.DISTINCT_COUNT_BETWEEN: _SCALAR,
    RuleType.DISTINCT_IN_SET: _SCALAR,
    RuleType.INCREASING: ORDERED | {"text"},
}

_INTEGERS = ["SMALLINT", "INTEGER", "BIGINT"]

# Table Schema's types as the SQL type names that Great Expectations compares (quality/dialect.py).
TYPE_NAMES: Mapping[str, list[str]] = {
    "string": ["VARCHAR", "UUID"],
    "integer": _INTEGERS,
    "number": ["FLOAT", "DECIMAL", *_INTEGERS],
    "boolean": ["BOOLEAN"],
    "date": ["DATE"],
    "datetime": ["TIMESTAMP"],
    # Times of day are stored as ISO 8601 texts, as not every reader of Parquet has the type; so are the next two.
    "time": ["TIME", "VARCHAR"],
    "year": _INTEGERS,
    "yearmonth": ["VARCHAR"],
    "duration": ["VARCHAR"],
    "object": ["JSON", "VARCHAR"],
    "array": ["JSON", "VARCHAR"],
    # A geometry is well-known binary; the engine gives it a type of its own.
    "geojson": ["BLOB", "JSON", "VARCHAR"],
}


class CannotCheckError(Exception):
    """The rule can't be asked of this table; ``obstacle`` says why, ``detail`` names the culprit."""

    def __init__(self, obstacle: Obstacle, detail: str = "") -> None:
        super().__init__(f"{obstacle}: {detail}")
        self.obstacle = obstacle
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Question:
    """An expectation and how it is to be run."""

    rule: Rule
    kind: Kind
    expectation: Any


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a builder works from: the rule, the table and the rule's columns as the table has them."""

    rule: Rule
    table: Table
    columns: tuple[Column, ...]

    @property
    def params(self) -> Mapping[str, Any]:
        return self.rule.params


Built = tuple[Kind, str, dict[str, Any]]


def to_expectation(rule: Rule, *, table: Table, index: int) -> Question:
    """The rule as an expectation whose ``meta`` has its id and ``index``: results come in any order.

    Raises CannotCheckError when the table has no such column or the rule makes no sense for it.
    """
    import great_expectations.expectations as gxe

    columns = _columns_of(rule, table)
    kind, name, arguments = _BUILDERS[rule.type](_Asked(rule, table, columns))
    meta = {"rule": rule.id, "index": index}
    try:
        expectation = getattr(gxe, name)(**arguments, meta=meta, severity=SEVERITIES[rule.level])
    except ValueError as error:
        # A schema's constraints are not proved as an owner's rules are; Great Expectations refuses some.
        raise CannotCheckError("engine", first_line(error)) from error
    return Question(rule, kind, expectation)


def _columns_of(rule: Rule, table: Table) -> tuple[Column, ...]:
    if rule.type not in SUITED:
        return ()
    columns = []
    for name in rule.columns:
        column = table.column(name)
        if column is None:
            raise CannotCheckError("column-missing", name)
        if column.family not in SUITED[rule.type]:
            raise CannotCheckError("type-unsuited", column.sql_type)
        columns.append(column)
    return tuple(columns)


def _on_column(asked: _Asked) -> dict[str, Any]:
    mostly = {"mostly": asked.rule.mostly} if "mostly" in asked.params else {}
    return {"column": asked.columns[0].alias, **mostly}


def _bounds(asked: _Asked, *, coerced: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("min", "max"):
        value = asked.params.get(name)
        if value is not None:
            found[f"{name}_value"] = _coerced(asked, value) if coerced else value
    return found


def _coerced(asked: _Asked, value: Any) -> Any:
    try:
        return as_value_of(asked.columns[0], value)
    except ValueError:
        raise CannotCheckError("value-unsuited", str(value)) from None


def _type(asked: _Asked) -> Built:
    names = TYPE_NAMES[asked.params["is"]]
    column = asked.columns[0]
    if asked.params["is"] in ("integer", "year") and column.sql_type.endswith(",0)"):
        # Whole numbers too big for 64 bits are kept as decimals without a fraction.
        names = [*names, "DECIMAL"]
    return "shape", "ExpectColumnValuesToBeInTypeList", {"column": column.name, "type_list": names}


def _not_null(asked: _Asked) -> Built:
    return "map", "ExpectColumnValuesToNotBeNull", _on_column(asked)


def _unique(asked: _Asked) -> Built:
    return "map", "ExpectColumnValuesToBeUnique", _on_column(asked)


def _unique_together(asked: _Asked) -> Built:
    arguments = {
        "column_list": [column.alias for column in asked.columns],
        "ignore_row_if": "any_value_is_missing",
    }
    return "map", "ExpectCompoundColumnsToBeUnique", arguments


def _value_set(asked: _Asked) -> list[Any]:
    """A schema may list null among its values: constraints are not asked of nulls, so it says nothing."""
    return [_coerced(asked, value) for value in asked.params["values"] if value is not None]


def _in_set(asked: _Asked) -> Built:
    return "map", "ExpectColumnValuesToBeInSet", _on_column(asked) | {"value_set": _value_set(asked)}


def _distinct_in_set(asked: _Asked) -> Built:
    arguments = _on_column(asked) | {"value_set": _value_set(asked)}
    return "aggregate", "ExpectColumnDistinctValuesToBeInSet", arguments


def _between(asked: _Asked) -> Built:
    bounds = _bounds(asked, coerced=True)
    strict = {name: bool(asked.params.get(name)) for name in ("strict_min", "strict_max")}
    if not all(is_exact_in_double(value) for value in bounds.values()):
        return _query(asked, _outside(asked.columns[0], bounds, strict))
    return "map", "ExpectColumnValuesToBeBetween", _on_column(asked) | bounds | strict


def _outside(column: Column, bounds: Mapping[str, Any], strict: Mapping[str, bool]) -> str:
    """A condition in exact SQL, for bounds that Great Expectations would make doubles of."""
    parts = []
    for name, sign in (("min", "<"), ("max", ">")):
        bound = bounds.get(f"{name}_value")
        if bound is not None:
            text = str(bound) if column.family in NUMERIC else f"CAST({literal(str(bound))} AS {column.sql_type})"
            parts.append(f"{quoted(column.alias)} {sign}{'=' if strict[f'strict_{name}'] else ''} {text}")
    return " OR ".join(parts)


def _query(asked: _Asked, condition: str) -> Built:
    """Rows that break the condition, as ``failing_row`` and ``failing_value``; none while few enough do."""
    row, value = quoted(asked.table.row_column), quoted(asked.columns[0].alias)
    select = (
        f"SELECT failing_row, failing_value FROM (SELECT {row} AS failing_row, {value} AS failing_value, "
        f"({condition}) AS fails, count(*) OVER () AS total, "
        f"count(*) FILTER (WHERE {condition}) OVER () AS failing"
    )
    where = (
        f"WHERE {value} IS NOT NULL) WHERE fails AND CAST(total - failing AS DOUBLE) / total < {asked.rule.mostly!r}"
    )
    return _sql(select, where)


def _increasing(asked: _Asked) -> Built:
    row, value = quoted(asked.table.row_column), quoted(asked.columns[0].alias)
    sign = "<=" if asked.params.get("strictly") else "<"
    select = (
        f"SELECT failing_row, failing_value FROM (SELECT {row} AS failing_row, {value} AS failing_value, "
        f"lag({value}) OVER (ORDER BY {row}) AS before"
    )
    return _sql(select, f"WHERE {value} IS NOT NULL) WHERE failing_value {sign} before")


def _sql(select: str, where: str) -> Built:
    """SQLAlchemy takes colons for parameters, and times hold them. (Aliases hold no colons, nor braces.)"""
    query = f"{select} FROM {{batch}} {where}".replace(":", r"\:")
    return "query", "UnexpectedRowsExpectation", {"unexpected_rows_query": query}


def _matches(asked: _Asked) -> Built:
    pattern = asked.params["pattern"]
    connection = asked.table.connection
    try:
        # The pattern is proved alone: '^(?:a)|(b)$' would compile though 'a)|(b' does not.
        connection.execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
    except duckdb.Error as error:
        raise CannotCheckError("pattern-unsupported", first_line(error)) from None
    return "map", "ExpectColumnValuesToMatchRegex", _on_column(asked) | {"regex": rf"\A(?:{pattern})\z"}


def _length_between(asked: _Asked) -> Built:
    return "map", "ExpectColumnValueLengthsToBeBetween", _on_column(asked) | _bounds(asked)


def _column_pair(asked: _Asked) -> Built:
    first, second = asked.columns
    families = {first.family, second.family}
    if len(families) > 1 and not families <= NUMERIC and not families <= TEMPORAL:
        raise CannotCheckError("type-unsuited", f"{first.sql_type}, {second.sql_type}")
    arguments = {
        "column_A": first.alias,
        "column_B": second.alias,
        "or_equal": bool(asked.params.get("or_equal")),
        "ignore_row_if": "either_value_is_missing",
    }
    mostly = {"mostly": asked.rule.mostly} if "mostly" in asked.params else {}
    return "map", "ExpectColumnPairValuesAToBeGreaterThanB", arguments | mostly


def _row_count_between(asked: _Asked) -> Built:
    return "shape", "ExpectTableRowCountToBeBetween", _bounds(asked)


def _column_count(asked: _Asked) -> Built:
    return "shape", "ExpectTableColumnCountToEqual", {"value": asked.params["value"]}


def _columns_match(asked: _Asked) -> Built:
    names = list(asked.rule.columns)
    if asked.params.get("ordered", False):
        return "shape", "ExpectTableColumnsToMatchOrderedList", {"column_list": names}
    return "shape", "ExpectTableColumnsToMatchSet", {"column_set": names, "exact_match": True}


def _aggregate(name: str) -> Callable[[_Asked], Built]:
    def build(asked: _Asked) -> Built:
        return "aggregate", name, _on_column(asked) | _bounds(asked)

    return build


_BUILDERS: Mapping[RuleType, Callable[[_Asked], Built]] = {
    RuleType.TYPE: _type,
    RuleType.NOT_NULL: _not_null,
    RuleType.UNIQUE: _unique,
    RuleType.UNIQUE_TOGETHER: _unique_together,
    RuleType.IN_SET: _in_set,
    RuleType.BETWEEN: _between,
    RuleType.MATCHES: _matches,
    RuleType.LENGTH_BETWEEN: _length_between,
    RuleType.ROW_COUNT_BETWEEN: _row_count_between,
    RuleType.COLUMN_COUNT: _column_count,
    RuleType.COLUMNS_MATCH: _columns_match,
    RuleType.COLUMN_PAIR: _column_pair,
    RuleType.MEAN_BETWEEN: _aggregate("ExpectColumnMeanToBeBetween"),
    RuleType.MEDIAN_BETWEEN: _aggregate("ExpectColumnMedianToBeBetween"),
    RuleType.STDEV_BETWEEN: _aggregate("ExpectColumnStdevToBeBetween"),
    RuleType.SUM_BETWEEN: _aggregate("ExpectColumnSumToBeBetween"),
    RuleType.DISTINCT_COUNT_BETWEEN: _aggregate("ExpectColumnUniqueValueCountToBeBetween"),
    RuleType.DISTINCT_IN_SET: _distinct_in_set,
    RuleType.INCREASING: _increasing,
}
