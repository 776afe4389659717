"""Rules tried on a table before anybody keeps them: what would fail, by DuckDB alone, within bounds of time and memory.

The web may do this, which never loads Great Expectations. Rows are counted by the same SQL that makes the files of
failing rows, of which a property test says that it counts as Great Expectations does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from quality.checking.asked import Asked, CannotCheckError, Circumstances, asked
from quality.checking.drift import drift_query
from quality.checking.freshness import oldest_allowed
from quality.checking.outcome import SAMPLE_LIMIT, RuleOutcome, Status, broken_off, first_line
from quality.checking.row_conditions import failing_rows
from quality.checking.type_names import accepted_for, name_of
from quality.rules.rule import Rule, RuleType
from quality.stability import MAJOR
from quality.table import Table, opened, quoted
from quality.values import shown

VIEW = "tried"

_MEASURES: Mapping[RuleType, str] = {
    RuleType.MEAN_BETWEEN: "avg({0})",
    RuleType.MEDIAN_BETWEEN: "median({0})",
    RuleType.STDEV_BETWEEN: "stddev_samp({0})",
    RuleType.SUM_BETWEEN: "sum({0})",
    RuleType.DISTINCT_COUNT_BETWEEN: "count(DISTINCT {0})",
    RuleType.ROW_COUNT_BETWEEN: "count(*)",
    RuleType.FRESH: "max({0})",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a trial may take: seconds in all, and DuckDB's memory."""

    seconds: float = 20
    memory: str = "256MB"
    threads: int = 1


def try_rules(
    *, parquet: Sequence[Path], rules: Sequence[Rule], workdir: Path, circumstances: Circumstances, bounds: Bounds
) -> list[RuleOutcome]:
    """An outcome for each rule; what can't be said here, or took too long, is an errored one.

    Raises duckdb.Error when the parts can't be read.
    """
    with (
        opened(
            parquet=parquet,
            workdir=workdir,
            memory_limit=bounds.memory,
            threads=bounds.threads,
            others=circumstances.others,
        ) as table,
        _interrupted(table.connection, bounds.seconds) as late,
    ):
        table.make_view(VIEW, table.columns)
        return [_tried(rule, table, circumstances, late) for rule in rules]


@contextmanager
def _interrupted(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[threading.Event]:
    """The statement that runs when the time is over breaks off; the event tells those that were to come."""
    done, late = threading.Event(), threading.Event()

    def watch() -> None:
        if not done.wait(seconds):
            late.set()
            # One that had just been begun when the first interrupt came is met by a later one.
            connection.interrupt()
            while not done.wait(0.05):
                connection.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield late
    finally:
        done.set()
        watcher.join()


def _tried(rule: Rule, table: Table, circumstances: Circumstances, late: threading.Event) -> RuleOutcome:
    if late.is_set():
        return RuleOutcome(rule, "errored", obstacle="too-long")
    try:
        return _outcome(asked(rule, table, circumstances))
    except CannotCheckError as error:
        return RuleOutcome(rule, "errored", error=error.detail, obstacle=error.obstacle)
    except duckdb.InterruptException:
        return RuleOutcome(rule, "errored", obstacle="too-long")
    except duckdb.Error as error:
        return broken_off(rule, first_line(error))


def _outcome(held: Asked) -> RuleOutcome:
    rule = held.rule
    if rule.type in _SHAPES:
        return RuleOutcome(rule, *_SHAPES[rule.type](held))
    if rule.type is RuleType.DISTINCT_IN_SET:
        return _of_distinct(held)
    return _measured(held) if rule.type in _MEASURES or rule.type is RuleType.DRIFT else _counted(held)


def _counted(held: Asked) -> RuleOutcome:
    rule, table = held.rule, held.table
    failing = failing_rows(held)
    if failing is None:
        raise CannotCheckError("not-tried")
    sql, parameters = failing.sql.format(batch=VIEW), list(failing.parameters)
    ((count,),) = table.connection.execute(f"SELECT count(*) FROM ({sql}) AS failing", parameters).fetchall()
    checked = _checked(held)
    share = count / checked if checked else 0.0
    status: Status = "failed" if count and 1 - share < rule.mostly else "passed"
    return RuleOutcome(
        rule,
        status,
        failing_count=count,
        failing_share=share,
        checked=checked,
        samples=tuple(_samples(held, sql, parameters)) if count else (),
    )


def _of_distinct(held: Asked) -> RuleOutcome:
    """Values are counted here and not rows, as a check does; the samples are values without a row."""
    name, values = held.names[0], held.value_set()
    marks = ", ".join("?" for _ in values)
    others = f"SELECT DISTINCT {name} AS value FROM {VIEW} WHERE {name} IS NOT NULL AND {name} NOT IN ({marks})"
    connection = held.table.connection
    ((count,),) = connection.execute(f"SELECT count(*) FROM ({others}) AS others", values).fetchall()
    first = connection.execute(f"{others} ORDER BY value LIMIT {SAMPLE_LIMIT:d}", values).fetchall() if count else []
    return RuleOutcome(
        held.rule,
        "failed" if count else "passed",
        failing_count=count,
        checked=_checked(held),
        samples=tuple({"row": None, "value": shown(value)} for (value,) in first),
    )


def _checked(held: Asked) -> int:
    looked_at = () if held.rule.type is RuleType.NOT_NULL else held.rule.judged
    (rows,) = held.table.present([looked_at]) if looked_at else (held.table.rows,)
    return rows


def _samples(held: Asked, sql: str, parameters: list[Any]) -> Iterator[Mapping[str, Any]]:
    number, names = quoted(held.table.row_column), held.rule.columns
    found = held.table.connection.execute(
        f"SELECT {number}, {', '.join(held.names)} FROM {VIEW} WHERE {number} IN ({sql}) "
        f"ORDER BY {number} LIMIT {SAMPLE_LIMIT:d}",
        parameters,
    ).fetchall()
    for row, *values in found:
        cells = {name: shown(value) for name, value in zip(names, values, strict=True)}
        yield {"row": row, "value": cells if len(cells) > 1 else cells[names[0]]}


def _measured(held: Asked) -> RuleOutcome:
    rule, checked = held.rule, _checked(held)
    if rule.type is RuleType.DRIFT:
        query = drift_query(held).format(batch=VIEW)
    else:
        query = f"SELECT {_MEASURES[rule.type].format(*held.names)} FROM {VIEW}"
    if held.columns and not checked and rule.type is not RuleType.DISTINCT_COUNT_BETWEEN:
        raise CannotCheckError("no-values", rule.columns[0])
    ((found,),) = held.table.connection.execute(query).fetchall()
    if found is None:
        raise CannotCheckError("no-values", rule.columns[0])
    return RuleOutcome(rule, "passed" if _is_within(held, found) else "failed", observed=shown(found), checked=checked)


def _is_within(held: Asked, found: Any) -> bool:
    if held.rule.type is RuleType.DRIFT:
        return bool(found <= held.params.get("max", MAJOR))
    if held.rule.type is RuleType.FRESH:
        return bool(found >= oldest_allowed(held))
    bounds = held.bounds()
    return bool(bounds.get("min_value", found) <= found <= bounds.get("max_value", found))


def _type(held: Asked) -> tuple[Status, Any]:
    column = held.columns[0]
    accepted = accepted_for(held.params["is"], column)
    is_accepted = accepted is None or name_of(column.sql_type) in accepted
    return "passed" if is_accepted else "failed", column.sql_type


def _column_count(held: Asked) -> tuple[Status, Any]:
    found = len(held.table.columns)
    return "passed" if found == held.params["value"] else "failed", found


def _columns_match(held: Asked) -> tuple[Status, Any]:
    present, wanted = [column.name for column in held.table.columns], list(held.rule.columns)
    same = present == wanted if held.params.get("ordered") else set(present) == set(wanted)
    observed = {
        "missing": [name for name in wanted if name not in present],
        "unexpected": [name for name in present if name not in wanted],
    }
    return "passed" if same else "failed", observed


_SHAPES: Mapping[RuleType, Callable[[Asked], tuple[Status, Any]]] = {
    RuleType.TYPE: _type,
    RuleType.COLUMN_COUNT: _column_count,
    RuleType.COLUMNS_MATCH: _columns_match,
}
