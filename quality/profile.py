"""What each column of a resource holds: counts, range, middle, spread, shape and the most frequent values.

Two scans of the Parquet: the first for everything that adds up, the second for the histograms between the
limits that the first found and for exact counts of the most frequent values.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from catalog.table_schema import TableSchema
from quality.column_profile import SPREAD, ColumnProfile, Precision, Scan, first_scan, second_scan
from quality.table import PLAIN, Table, opened, quoted

# Up to so many cells, distinct values and quantiles are exact; above, by HyperLogLog and t-digest.
EXACT_CELLS = 2_000_000

# Of larger tables, about so many rows, evenly spread, tell the quantiles and the candidates for the top.
SAMPLE_ROWS = 250_000

# Whole rows are compared up to so many rows.
DUPLICATES_LIMIT = 1_000_000

# The square of a number below this is a double, and so is the sum of very many squares.
SQUARE_LIMIT = 1e145

_NO_SPREAD = {SPREAD: "NULL"}

# Called with the scans done and all scans.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TableProfile:
    """``duplicate_rows`` counts the rows that repeat an earlier one (None: not counted, too many rows).

    ``approximate`` is true when distinct counts and quantiles are estimates (each column says so too).
    """

    rows: int
    columns: tuple[ColumnProfile, ...]
    duplicate_rows: int | None
    approximate: bool
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "columns": [column.to_json() for column in self.columns],
            "duplicate_rows": self.duplicate_rows,
            "approximate": self.approximate,
            "sampled": False,
            "seconds": self.seconds,
        }


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


def profile(
    *,
    parquet: Sequence[Path],
    schema: TableSchema,
    workdir: Path,
    memory_limit: str = "512MB",
    threads: int | None = None,
    progress: Progress = no_progress,
) -> TableProfile:
    """Profile every column of the parts. Raises duckdb.Error when the parts can't be read."""
    started = time.perf_counter()
    with opened(parquet=parquet, workdir=workdir, memory_limit=memory_limit, threads=threads) as table:
        few = table.rows * len(table.columns) <= EXACT_CELLS
        precision = Precision.EXACT if few else Precision.APPROXIMATE
        duplicates, scans = _scan_once(table, precision)
        progress(1, 2)
        shapes = _scan_again(table, scans)
        progress(2, 2)
    types = {field.name: field.type for field in schema.fields}
    columns = tuple(
        ColumnProfile.of(scan, shape, types.get(scan.column.name), precision)
        for scan, shape in zip(scans, shapes, strict=True)
    )
    seconds = round(time.perf_counter() - started, 3)
    return TableProfile(table.rows, columns, duplicates, not few, seconds)


def _scan_once(table: Table, precision: Precision) -> tuple[int | None, list[Scan]]:
    source, sample = PLAIN, ""
    if precision is Precision.APPROXIMATE and (step := table.rows // SAMPLE_ROWS) > 1:
        source, sample = "sampled", table.make_sampled_view("sampled", step)
    asked = [first_scan(column, precision, sample) for column in table.columns]
    if table.rows <= DUPLICATES_LIMIT:
        every = ", ".join(quoted(column.name) for column in table.columns)
        asked.append({"duplicates": f"count(*) - count(DISTINCT hash({every}))"})
    try:
        found = _answers(table, asked, source=source)
    except duckdb.OutOfRangeException:
        without = [item | _NO_SPREAD if SPREAD in item else item for item in asked]
        found = _answers(table, without, source=source)
        found = _with_safe_spreads(table, asked, found)
    duplicates = found.pop()["duplicates"] if table.rows <= DUPLICATES_LIMIT else None
    return duplicates, [Scan(column, table.rows, item) for column, item in zip(table.columns, found, strict=True)]


def _with_safe_spreads(
    table: Table, asked: Sequence[Mapping[str, str]], found: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The spread of columns whose squares are doubles: DuckDB fails the whole scan for one that is not."""
    safe = [
        {SPREAD: sql[SPREAD]} if SPREAD in sql and _is_small(item) else {}
        for sql, item in zip(asked, found, strict=True)
    ]
    spreads = _answers(table, safe)
    return [{**item, **spread} for item, spread in zip(found, spreads, strict=True)]


def _is_small(found: Mapping[str, Any]) -> bool:
    return found["low"] is not None and max(abs(found["low"]), abs(found["high"])) < SQUARE_LIMIT


def _scan_again(table: Table, scans: Sequence[Scan]) -> list[dict[str, Any]]:
    asked = [second_scan(scan) for scan in scans]
    parameters = [value for item in asked for _, given in item.values() for value in given]
    return _answers(table, [{name: sql for name, (sql, _) in item.items()} for item in asked], parameters)


def _answers(
    table: Table, asked: Sequence[Mapping[str, str]], parameters: Sequence[Any] = (), *, source: str = PLAIN
) -> list[dict[str, Any]]:
    """One scan for all expressions; the answers lie as the questions lay."""
    expressions = [sql for item in asked for sql in item.values()]
    if not expressions:
        return [{} for _ in asked]
    query = f"SELECT {', '.join(expressions)} FROM {source}"
    answers = iter(table.connection.execute(query, list(parameters)).fetchall()[0])
    return [{name: next(answers) for name in item} for item in asked]
