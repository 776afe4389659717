"""Rules that Great Expectations has words for, as SQL that finds the rows which break them.

Great Expectations says how many rows fail and names the first of them; all of them are found by this. A property test
(tests/quality/test_failing_rows.py) holds both to the same count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quality.checking.asked import Asked
from quality.checking.row_queries import outside_query, row_query
from quality.rules.rule import RuleType
from quality.table import Column, quoted
from quality.values import is_exact_in_double


@dataclass(frozen=True, slots=True)
class FailingRows:
    """SQL for a relation ``failing_row``: numbers of rows, with ``{batch}`` for the view; parameters in order.

    ``condition`` is the same as a condition on a row, where it can be said so; ``is_by_row`` says that it looks at
    nothing but the row, so that the rows that are found come in the order of the table.
    """

    sql: str
    parameters: tuple[Any, ...] = ()
    condition: str = ""
    is_by_row: bool = False


def failing_rows(asked: Asked) -> FailingRows | None:
    """The rows that break the rule; None for rules that are of no single rows. Raises CannotCheckError."""
    query = row_query(asked)
    if query is not None:
        return FailingRows(f"SELECT failing_row FROM ({query}) AS found")
    if asked.rule.type is RuleType.BETWEEN:
        return _between(asked)
    if asked.rule.type in (RuleType.UNIQUE, RuleType.UNIQUE_TOGETHER):
        return _repeated(asked)
    build = _CONDITIONS.get(asked.rule.type)
    if build is None:
        return None
    condition, parameters = build(asked)
    return _where(asked, condition, parameters)


def _where(asked: Asked, condition: str, parameters: Sequence[Any] = (), *, is_by_row: bool = True) -> FailingRows:
    row = quoted(asked.table.row_column)
    sql = f"SELECT {row} AS failing_row FROM {{batch}} WHERE {condition}"
    return FailingRows(sql, tuple(parameters), condition, is_by_row)


def _between(asked: Asked) -> FailingRows:
    bounds = asked.bounds(coerced=True)
    strict = {name: bool(asked.params.get(name)) for name in ("strict_min", "strict_max")}
    if not all(is_exact_in_double(value) for value in bounds.values()):
        return FailingRows(f"SELECT failing_row FROM ({outside_query(asked, bounds, strict)}) AS found")
    parts, parameters = [], []
    for name, sign in (("min", "<"), ("max", ">")):
        if f"{name}_value" in bounds:
            parts.append(f"{asked.names[0]} {sign}{'=' if strict[f'strict_{name}'] else ''} ?")
            parameters.append(bounds[f"{name}_value"])
    return _where(asked, " OR ".join(parts), parameters)


def _repeated(asked: Asked) -> FailingRows:
    """Rows whose key stands more than once; a key with a null in it is none."""
    keys = ", ".join(asked.names)
    present = " AND ".join(f"{name} IS NOT NULL" for name in asked.names)
    repeated = f"SELECT ({keys}) FROM {{batch}} WHERE {present} GROUP BY {keys} HAVING count(*) > 1"
    return _where(asked, f"{present} AND ({keys}) IN ({repeated})", is_by_row=False)


def _not_null(asked: Asked) -> tuple[str, list[Any]]:
    return f"{asked.names[0]} IS NULL", []


def _in_set(asked: Asked) -> tuple[str, list[Any]]:
    name, values = asked.names[0], asked.value_set()
    return f"{name} IS NOT NULL AND {name} NOT IN ({', '.join('?' for _ in values)})", values


def _matches(asked: Asked) -> tuple[str, list[Any]]:
    return f"NOT regexp_matches({asked.names[0]}, ?)", [rf"\A(?:{asked.params['pattern']})\z"]


def _length_between(asked: Asked) -> tuple[str, list[Any]]:
    parts, parameters = [], []
    for name, sign in (("min", "<"), ("max", ">")):
        if asked.params.get(name) is not None:
            parts.append(f"length({asked.names[0]}) {sign} ?")
            parameters.append(asked.params[name])
    return " OR ".join(parts), parameters


def _column_pair(asked: Asked) -> tuple[str, list[Any]]:
    first, second = asked.names
    return f"NOT ({first} {'>=' if asked.params.get('or_equal') else '>'} {second})", []


_CONDITIONS: Mapping[RuleType, Callable[[Asked], tuple[str, list[Any]]]] = {
    RuleType.NOT_NULL: _not_null,
    RuleType.IN_SET: _in_set,
    # Great Expectations counts the values that are in no list; the file has the rows that hold them.
    RuleType.DISTINCT_IN_SET: _in_set,
    RuleType.MATCHES: _matches,
    RuleType.LENGTH_BETWEEN: _length_between,
    RuleType.COLUMN_PAIR: _column_pair,
}


def as_text(column: Column, name: str) -> str:
    """A column's value as text, as SQL; moments in ISO 8601, bytes in base64, lists and structs as JSON."""
    if column.family == "timestamp":
        zone = "Z" if column.sql_type == "TIMESTAMP WITH TIME ZONE" else ""
        return f"replace(CAST({name} AS VARCHAR), ' ', 'T') || '{zone}'"
    if column.sql_type == "BLOB":
        return f"base64({name})"
    if column.family == "nested":
        return f"CAST(to_json({name}) AS VARCHAR)"
    return "CAST(NULL AS VARCHAR)" if column.family == "other" else f"CAST({name} AS VARCHAR)"
