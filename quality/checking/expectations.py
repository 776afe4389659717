"""A rule as an expectation of Great Expectations' own vocabulary, on a given table.

Great Expectations is imported inside the function: importing it takes three seconds, and this module stays
cheap to import for whoever only names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from quality.checking.asked import Asked, CannotCheckError, Circumstances, asked
from quality.checking.drift import drift_query
from quality.checking.freshness import oldest_allowed
from quality.checking.outcome import first_line
from quality.checking.row_queries import outside_query, row_query
from quality.checking.type_names import accepted_for
from quality.rules.rule import Rule, RuleType
from quality.stability import MAJOR
from quality.table import Table
from quality.values import is_exact_in_double

# "map" looks at rows and can name them, "aggregate" at a whole column, "shape" at names and types (the only
# kind that meets the columns by their own names), "query" is our SQL.
Kind = Literal["map", "aggregate", "shape", "query"]

SEVERITIES = {"error": "critical", "warning": "warning", "info": "info"}


@dataclass(frozen=True, slots=True)
class Question:
    """An expectation and how it is to be run.

    ``query`` is our SQL, with ``{batch}`` for the view, where it is made of that; ``measure`` is SQL for what is
    compared with the limit.
    """

    rule: Rule
    kind: Kind
    expectation: Any
    query: str = ""
    measure: str = ""


Built = tuple[Kind, str, dict[str, Any]]


def to_expectation(rule: Rule, *, table: Table, index: int, circumstances: Circumstances) -> Question:
    """The rule as an expectation whose ``meta`` has its id and ``index``: results come in any order.

    Raises CannotCheckError when the table has no such column or the rule makes no sense for it.
    """
    import great_expectations.expectations as gxe

    held = asked(rule, table, circumstances)
    kind, name, arguments = _built(held)
    query = arguments.get("unexpected_rows_query", "")
    if query:
        # SQLAlchemy takes colons for parameters, and times hold them. (Aliases hold no colons, nor braces.)
        arguments = {"unexpected_rows_query": query.replace(":", r"\:")}
    meta = {"rule": rule.id, "index": index}
    try:
        expectation = getattr(gxe, name)(**arguments, meta=meta, severity=SEVERITIES[rule.level])
    except ValueError as error:
        # A schema's constraints are not proved as an owner's rules are; Great Expectations refuses some.
        raise CannotCheckError("engine", first_line(error)) from error
    measure = drift_query(held) if rule.type is RuleType.DRIFT else ""
    return Question(rule, kind, expectation, query, measure)


def _built(asked: Asked) -> Built:
    query = row_query(asked)
    return _sql(query) if query is not None else _BUILDERS[asked.rule.type](asked)


def _on_column(asked: Asked) -> dict[str, Any]:
    mostly = {"mostly": asked.rule.mostly} if "mostly" in asked.params else {}
    return {"column": asked.columns[0].alias, **mostly}


def _type(asked: Asked) -> Built:
    column = asked.columns[0]
    arguments = {"column": column.name, "type_list": accepted_for(asked.params["is"], column)}
    return "shape", "ExpectColumnValuesToBeInTypeList", arguments


def _not_null(asked: Asked) -> Built:
    return "map", "ExpectColumnValuesToNotBeNull", _on_column(asked)


def _unique(asked: Asked) -> Built:
    return "map", "ExpectColumnValuesToBeUnique", _on_column(asked)


def _unique_together(asked: Asked) -> Built:
    arguments = {
        "column_list": [column.alias for column in asked.columns],
        "ignore_row_if": "any_value_is_missing",
    }
    return "map", "ExpectCompoundColumnsToBeUnique", arguments


def _in_set(asked: Asked) -> Built:
    return "map", "ExpectColumnValuesToBeInSet", _on_column(asked) | {"value_set": asked.value_set()}


def _distinct_in_set(asked: Asked) -> Built:
    arguments = _on_column(asked) | {"value_set": asked.value_set()}
    return "aggregate", "ExpectColumnDistinctValuesToBeInSet", arguments


def _between(asked: Asked) -> Built:
    bounds = asked.bounds(coerced=True)
    strict = {name: bool(asked.params.get(name)) for name in ("strict_min", "strict_max")}
    if not all(is_exact_in_double(value) for value in bounds.values()):
        return _sql(outside_query(asked, bounds, strict))
    return "map", "ExpectColumnValuesToBeBetween", _on_column(asked) | bounds | strict


def _sql(query: str) -> Built:
    return "query", "UnexpectedRowsExpectation", {"unexpected_rows_query": query}


def _fresh(asked: Asked) -> Built:
    """The newest value must not be older than the rule says, or than the dataset promises new data."""
    return "aggregate", "ExpectColumnMaxToBeBetween", _on_column(asked) | {"min_value": oldest_allowed(asked)}


def _drift(asked: Asked) -> Built:
    limit = asked.params.get("max", MAJOR)
    return _sql(f"SELECT observed FROM ({drift_query(asked)}) AS measured WHERE NOT observed <= {float(limit)!r}")


def _matches(asked: Asked) -> Built:
    regex = rf"\A(?:{asked.params['pattern']})\z"
    return "map", "ExpectColumnValuesToMatchRegex", _on_column(asked) | {"regex": regex}


def _length_between(asked: Asked) -> Built:
    return "map", "ExpectColumnValueLengthsToBeBetween", _on_column(asked) | asked.bounds()


def _column_pair(asked: Asked) -> Built:
    first, second = asked.columns
    arguments = {
        "column_A": first.alias,
        "column_B": second.alias,
        "or_equal": bool(asked.params.get("or_equal")),
        "ignore_row_if": "either_value_is_missing",
    }
    mostly = {"mostly": asked.rule.mostly} if "mostly" in asked.params else {}
    return "map", "ExpectColumnPairValuesAToBeGreaterThanB", arguments | mostly


def _row_count_between(asked: Asked) -> Built:
    return "shape", "ExpectTableRowCountToBeBetween", asked.bounds()


def _column_count(asked: Asked) -> Built:
    return "shape", "ExpectTableColumnCountToEqual", {"value": asked.params["value"]}


def _columns_match(asked: Asked) -> Built:
    names = list(asked.rule.columns)
    if asked.params.get("ordered", False):
        return "shape", "ExpectTableColumnsToMatchOrderedList", {"column_list": names}
    return "shape", "ExpectTableColumnsToMatchSet", {"column_set": names, "exact_match": True}


def _aggregate(name: str) -> Callable[[Asked], Built]:
    def build(asked: Asked) -> Built:
        return "aggregate", name, _on_column(asked) | asked.bounds()

    return build


_BUILDERS: Mapping[RuleType, Callable[[Asked], Built]] = {
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
    RuleType.FRESH: _fresh,
    RuleType.DRIFT: _drift,
}
