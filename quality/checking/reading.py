"""Great Expectations' answer to one question, read into an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from quality.checking.expectations import Question
from quality.checking.outcome import SAMPLE_LIMIT, RuleOutcome, Status, broken_off
from quality.checking.row_queries import VALUE
from quality.checking.session import Result
from quality.rules.rule import RuleType
from quality.table import CHECKED, Column, Table, quoted
from quality.values import shown


def outcome_of(question: Question, result: Result, table: Table, checked: int | None) -> RuleOutcome:
    """``checked`` is the number of values that the rule looks at."""
    rule = question.rule
    if result.error:
        return broken_off(rule, result.error, checked)
    status: Status = "passed" if result.passed else "failed"
    if question.kind == "query":
        return _of_query(question, result, status, checked, table)
    if question.kind == "map":
        return _of_map(question, result, status, checked, table)
    if rule.type is RuleType.DISTINCT_IN_SET:
        return _of_distinct(question, result, status, checked)
    if status == "failed" and question.kind == "aggregate" and result.values.get("observed_value") is None:
        # A standard deviation of one value is no number: nothing was found wrong, and nothing right.
        return RuleOutcome(rule, "errored", checked=checked, error=rule.columns[0], obstacle="no-values")
    return RuleOutcome(rule, status, observed=_observed(question, result, table), checked=checked)


def _of_map(question: Question, result: Result, status: Status, checked: int | None, table: Table) -> RuleOutcome:
    values = result.values
    if status == "failed" and question.rule.type in (RuleType.UNIQUE, RuleType.UNIQUE_TOGETHER):
        samples = _duplicates(question, table)
    else:
        samples = _row_samples(question, values.get("partial_unexpected_index_list") or (), table)
    failing = values.get("unexpected_count")
    if failing is None and (status == "passed" or checked == 0):
        failing = 0
    return RuleOutcome(
        question.rule,
        status,
        observed=_frequent(values),
        failing_count=failing,
        failing_share=_share(failing, checked),
        checked=checked,
        samples=samples,
    )


def _of_query(question: Question, result: Result, status: Status, checked: int | None, table: Table) -> RuleOutcome:
    if question.measure:
        return RuleOutcome(question.rule, status, observed=_measured(question, table), checked=checked)
    rows = (result.values.get("details") or {}).get("unexpected_rows") or ()
    names = question.rule.columns
    samples = []
    for row in rows:
        values = {name: shown(row[f"{VALUE}_{number}"]) for number, name in enumerate(names, start=1)}
        samples.append({"row": row["failing_row"], "value": values if len(values) > 1 else values[names[0]]})
    failing = result.values.get("observed_value")
    return RuleOutcome(
        question.rule,
        status,
        failing_count=failing,
        failing_share=_share(failing, checked),
        checked=checked,
        samples=tuple(sorted(samples, key=lambda sample: sample["row"])[:SAMPLE_LIMIT]),
    )


def _measured(question: Question, table: Table) -> Any:
    """What a query measured, also where it is within the limit and Great Expectations is not told of it."""
    ((observed,),) = table.connection.execute(question.measure.format(batch=CHECKED)).fetchall()
    return shown(observed)


def _of_distinct(question: Question, result: Result, status: Status, checked: int | None) -> RuleOutcome:
    """``failing_count`` counts distinct values here, and the samples are values without a row."""
    values = result.values.get("partial_unexpected_list") or ()
    return RuleOutcome(
        question.rule,
        status,
        failing_count=result.values.get("unexpected_count"),
        checked=checked,
        samples=tuple({"row": None, "value": shown(value)} for value in values[:SAMPLE_LIMIT]),
    )


def _share(failing: int | None, checked: int | None) -> float | None:
    if failing is None or checked is None:
        return None
    return failing / checked if checked else 0.0


def _columns(question: Question, table: Table) -> list[Column]:
    return [column for name in question.rule.columns if (column := table.column(name))]


def _row_samples(question: Question, found: Any, table: Table) -> tuple[Mapping[str, Any], ...]:
    columns = _columns(question, table)
    samples: list[dict[str, Any]] = []
    for item in found:
        values = {column.name: shown(item.get(column.alias)) for column in columns}
        value = values if len(values) > 1 else next(iter(values.values()), None)
        samples.append({"row": int(item[table.row_column]), "value": value})
    samples.sort(key=lambda sample: int(sample["row"]))
    return tuple(samples[:SAMPLE_LIMIT])


def _duplicates(question: Question, table: Table) -> tuple[Mapping[str, Any], ...]:
    """The first rows whose key stands more than once: Great Expectations names no rows of compound keys."""
    names = [quoted(column.alias) for column in _columns(question, table)]
    keys = ", ".join(names)
    sql = (
        f"SELECT {table.row_column}, {keys} FROM {CHECKED} WHERE ({keys}) IN "
        f"(SELECT ({keys}) FROM {CHECKED} WHERE {' AND '.join(f'{name} IS NOT NULL' for name in names)} "
        f"GROUP BY {keys} HAVING count(*) > 1) ORDER BY {table.row_column} LIMIT {SAMPLE_LIMIT}"
    )
    try:
        found = table.connection.execute(sql).fetchall()
    except duckdb.Error:
        return ()  # The verdict stands; the samples were too much for the memory limit.
    one = len(names) == 1
    return tuple(
        {"row": row, "value": shown(key[0] if one else dict(zip(question.rule.columns, key, strict=True)))}
        for row, *key in found
    )


def _frequent(values: Mapping[str, Any]) -> Any:
    """The failing values and how often each of them stands among the samples."""
    counts = values.get("partial_unexpected_counts")
    if not counts:
        return None
    return [{"value": shown(item["value"]), "count": item["count"]} for item in counts]


def _observed(question: Question, result: Result, table: Table) -> Any:
    rule = question.rule
    if rule.type is RuleType.TYPE:
        column = table.column(rule.columns[0])
        return column.sql_type if column else None
    if rule.type is RuleType.COLUMNS_MATCH:
        present = [column.name for column in table.columns]
        return {
            "missing": [name for name in rule.columns if name not in present],
            "unexpected": [name for name in present if name not in rule.columns],
        }
    return shown(result.values.get("observed_value"))
