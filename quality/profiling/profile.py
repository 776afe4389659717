"""What each column of a resource holds: counts, range, middle, spread, shape and the most frequent values.

The limits come from the Parquet's footers and cost nothing; a sample tells the quantiles and which values could be
the most frequent; then one scan has everything that adds up, with histograms between the limits and exact counts of
those values.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from catalog.table_schema import Field, TableSchema
from quality.profiling.column_profile import (
    SPREAD,
    TOP_SOURCE_LIMIT,
    ColumnProfile,
    Precision,
    Scan,
    candidates_of,
    guess_of,
    limits_of,
    sample_of,
    scan_of,
)
from quality.profiling.completeness import Completeness, completeness
from quality.profiling.correlations import Correlation, correlations
from quality.profiling.groups import Grouping, groupings
from quality.profiling.patterns import patterns_of
from quality.profiling.sample import Sample, take_sample
from quality.table import PLAIN, Column, Table, opened, quoted

# Up to so many cells, distinct values and quantiles are exact; above, by HyperLogLog and t-digest.
EXACT_CELLS = 2_000_000

# Of larger tables, about so many rows, evenly spread, tell the quantiles and the candidates for the top.
SAMPLE_ROWS = 250_000
SAMPLE_CELLS = 10_000_000

# Of more columns, none has a query of its own; the rows that are asked are then so few that one thread has them all.
OWN_QUERIES = 500

# Whole rows are compared up to so many rows.
DUPLICATES_LIMIT = 1_000_000

# The square of a number below this is a double, and so is the sum of very many squares.
SQUARE_LIMIT = 1e145

# An SQL expression and its parameters.
Asked = Mapping[str, tuple[str, list[Any]]]

# Called with the steps done and all steps.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TableProfile:
    """``duplicate_rows`` counts the rows that repeat an earlier one (None: not counted, too many rows).

    ``approximate`` is true when distinct counts and quantiles are estimates (each column says so too).
    ``completeness``, ``correlations`` and the columns' ``patterns`` are of ``sample_rows`` rows, evenly spread; these
    are all rows where it is ``rows``.
    """

    rows: int
    columns: tuple[ColumnProfile, ...]
    duplicate_rows: int | None
    approximate: bool
    seconds: float
    sample_rows: int
    completeness: Completeness
    correlations: tuple[Correlation, ...]
    groupings: tuple[Grouping, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "columns": [column.to_json() for column in self.columns],
            "duplicate_rows": self.duplicate_rows,
            "approximate": self.approximate,
            "sampled": False,
            "sample_rows": self.sample_rows,
            "completeness": self.completeness.to_json(),
            "correlations": [pair.to_json() for pair in self.correlations],
            "groups": [grouping.to_json() for grouping in self.groupings],
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
        looking = _Looking(table, precision, progress)
        scans = looking.look()
        sample = take_sample(table, sampled=looking.sampled)
        grouped = groupings(table, [field.name for field in schema.fields if field.group])
    fields = {field.name: field for field in schema.fields}
    columns = tuple(_column(scan, sample, fields.get(scan.column.name), precision) for scan in scans)
    missing, pairs = completeness(sample), correlations(sample)
    return TableProfile(
        rows=table.rows,
        columns=columns,
        duplicate_rows=looking.duplicates,
        approximate=not few,
        seconds=round(time.perf_counter() - started, 3),
        sample_rows=sample.rows.num_rows,
        completeness=missing,
        correlations=tuple(pairs),
        groupings=tuple(grouped),
    )


def _column(scan: Scan, sample: Sample, field: Field | None, precision: Precision) -> ColumnProfile:
    column = ColumnProfile.of(scan, field.type if field else None, precision)
    more: dict[str, Any] = {"semantic": field.semantic} if field and field.semantic else {}
    if scan.column.family == "text":
        more["patterns"] = patterns_of(sample.rows.column(scan.column.name))
    return replace(column, details={**column.details, **more})


class _Looking:
    """The steps over one table.

    A value that is not finite (NaN, an infinite date) spoils a sum, and to filter each sum costs more than the sum.
    Large tables are therefore asked without filters first, and only columns with such values again with care.
    """

    def __init__(self, table: Table, precision: Precision, progress: Progress) -> None:
        self._table = table
        self._precision = precision
        self._progress = progress
        self._sample = PLAIN
        self.duplicates: int | None = None

    def look(self) -> list[Scan]:
        """What was found of each column."""
        columns = self._table.columns
        exact = self._precision is Precision.EXACT
        scans = self._step_by_step(columns, careful=exact)
        if self._table.rows <= DUPLICATES_LIMIT:
            every = ", ".join(quoted(column.name) for column in columns)
            ((self.duplicates,),) = self._rows_of(f"SELECT count(*) - count(DISTINCT hash({every})) FROM {PLAIN}")
        odd = [scan.column for scan in scans if scan.is_odd]
        again = dict(zip(odd, self._step_by_step(odd, careful=True), strict=True)) if odd else {}
        return [again.get(scan.column, scan) for scan in scans]

    def _step_by_step(self, columns: Sequence[Column], *, careful: bool) -> list[Scan]:
        limits = self._answers([_plain(limits_of(column, careful=careful)) for column in columns])
        samples = self._samples(columns, careful=careful)
        self._progress(1, 2)
        scans = [
            Scan(column, self._table.rows, {**limit, **sample}, careful)
            for column, limit, sample in zip(columns, limits, samples, strict=True)
        ]
        found = self._scan(scans)
        self._progress(2, 2)
        return [replace(scan, found={**scan.found, **item}) for scan, item in zip(scans, found, strict=True)]

    def _samples(self, columns: Sequence[Column], *, careful: bool) -> list[dict[str, Any]]:
        source = self._sampled()
        asked = [_plain(sample_of(column, self._precision, careful=careful)) for column in columns]
        if len(self._table.columns) > OWN_QUERIES:
            guessed = [item | _plain(guess_of(column)) for column, item in zip(columns, asked, strict=True)]
            return self._answers(guessed, source=source)
        found = self._answers(asked, source=source)
        for column, item in zip(columns, found, strict=True):
            if query := candidates_of(column, source):
                ((item["candidates"],),) = self._rows_of(query)
        return found

    @property
    def sampled(self) -> str:
        """Where the sample is that has been asked; the table itself where all rows were."""
        return self._sample

    def _sampled(self) -> str:
        """Where the sample is: in a table of its own if not all rows are asked, made when first wanted."""
        limit = min(SAMPLE_ROWS, max(SAMPLE_CELLS // len(self._table.columns), 10_000))
        step = self._table.rows // limit
        if self._sample == PLAIN and self._precision is Precision.APPROXIMATE and step > 1:
            self._sample = self._table.make_sample("sampled", step, TOP_SOURCE_LIMIT)
        return self._sample

    def _scan(self, scans: Sequence[Scan]) -> list[dict[str, Any]]:
        asked = [scan_of(scan, self._precision) for scan in scans]
        try:
            return self._answers(asked)
        except duckdb.OutOfRangeException:
            # The square of some number is no double, for which DuckDB fails the whole scan.
            found = self._answers([{name: sql for name, sql in item.items() if name != SPREAD} for item in asked])
        spreads = self._answers(
            [
                {SPREAD: item[SPREAD]} if SPREAD in item and _is_small(scan) else {}
                for item, scan in zip(asked, scans, strict=True)
            ]
        )
        return [{**item, **spread} for item, spread in zip(found, spreads, strict=True)]

    def _answers(self, asked: Sequence[Asked], *, source: str = PLAIN) -> list[dict[str, Any]]:
        """One query for all expressions; the answers lie as the questions lay."""
        expressions = [sql for item in asked for sql, _ in item.values()]
        if not expressions:
            return [{} for _ in asked]
        parameters = [value for item in asked for _, given in item.values() for value in given]
        (row,) = self._rows_of(f"SELECT {', '.join(expressions)} FROM {source}", parameters)
        answers = iter(row)
        return [{name: next(answers) for name in item} for item in asked]

    def _rows_of(self, query: str, parameters: Sequence[Any] = ()) -> list[Any]:
        return self._table.connection.execute(query, list(parameters)).fetchall()


def _plain(asked: Mapping[str, str]) -> dict[str, tuple[str, list[Any]]]:
    return {name: (sql, []) for name, sql in asked.items()}


def _is_small(scan: Scan) -> bool:
    low, high = scan.found["low"], scan.found["high"]
    return low is not None and high is not None and max(abs(low), abs(high)) < SQUARE_LIMIT
