"""All rows that break a rule, however many, as a Parquet file for each rule: Great Expectations names the first ones.

A file has the number of the row, the file that gave it and its line there (as far as they are known), the columns of
the table's key and those that the rule looks at, as texts. DuckDB writes it as it reads, within its memory limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from catalog.table_schema import TableSchema
from quality.checking.asked import Asked, CannotCheckError, Circumstances, asked
from quality.checking.outcome import RuleOutcome
from quality.checking.row_conditions import as_text, failing_rows
from quality.table import Table, free_name, literal, opened, quoted

# So many runs of lines are told in the query itself; more of them are joined with it.
FEW_RUNS = 20
ROW_GROUP = 122_880


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """The rows from ``first_row`` (from 1) on came from ``filename``, up to the next origin's, ``rows`` of them.

    ``lines`` are runs as ResourceSource keeps them: (place from 0, line); ``lines_path`` is a Parquet file of them with
    the columns ``place`` and ``line``. Without either the lines are not known.
    """

    first_row: int
    rows: int
    filename: str
    lines: tuple[tuple[int, int], ...] = ()
    lines_path: Path | None = None


@dataclass(frozen=True, slots=True)
class FailingFile:
    """The file of a rule's failing rows."""

    path: Path
    rows: int


def write_failing_rows(
    *,
    parquet: Sequence[Path],
    outcomes: Sequence[RuleOutcome],
    schema: TableSchema,
    origins: Sequence[RowOrigin],
    workdir: Path,
    circumstances: Circumstances,
    memory_limit: str = "512MB",
    threads: int | None = None,
) -> dict[str, FailingFile]:
    """A file for each rule that rows break (also where so few do that it passed), by the rule's id.

    A file that would not fit into memory and spill space is left out; the verdict and its samples stand without it.
    Raises duckdb.Error when the parts themselves can't be read.
    """
    broken = [outcome for outcome in outcomes if outcome.failing_count]
    if not broken:
        return {}
    found = {}
    # Paths of lines are made readable as if they were the parts of other tables.
    line_files = {f"\0{origin.first_row}": [origin.lines_path] for origin in origins if origin.lines_path}
    others = {**circumstances.others, **line_files}
    with opened(parquet=parquet, workdir=workdir, memory_limit=memory_limit, threads=threads, others=others) as table:
        lines = _Lines(table, origins)
        for number, outcome in enumerate(broken):
            path = workdir / "spill" / f"failing-{number:03d}.parquet"
            try:
                file = _write(asked(outcome.rule, table, circumstances), schema, lines, path)
            except (CannotCheckError, duckdb.OutOfMemoryException):
                path.unlink(missing_ok=True)
                continue
            if file is not None:
                found[outcome.rule.id] = file
    return found


def _write(held: Asked, schema: TableSchema, lines: _Lines, path: Path) -> FailingFile | None:
    failing = failing_rows(held)
    if failing is None:
        return None
    table = held.table
    names = list(dict.fromkeys((*schema.primary_key, *held.rule.reads)))
    columns = [column for name in names if (column := table.column(name)) is not None]
    view, number = f"failing_{path.stem.rpartition('-')[2]}", quoted(table.row_column)
    table.make_view(view, columns)
    row, file, line = (free_name(name, {item.name.casefold() for item in columns}) for name in ("row", "file", "line"))
    values = [f"{as_text(column, f'looked_at.{quoted(column.alias)}')} AS {quoted(column.name)}" for column in columns]
    # What is written over three names stands first, then the key, then what the rule looks at.
    selected = ", ".join(
        [f"{number} AS {row}", f"{lines.file} AS {file}", f"{lines.line} AS {line}", *values],
    )
    source = f"{view} AS looked_at"
    if failing.is_by_row and not lines.join:
        # One scan, in the order of the table, of which nothing has to be kept.
        query = f"SELECT {selected} FROM {source} WHERE {failing.condition}"
    else:
        # A join gives rows in any order; the file is in that of the table.
        condition = failing.condition or f"{number} IN ({failing.sql})"
        found = f"SELECT * FROM {source} WHERE {condition.format(batch=view)}"
        query = f"SELECT {selected} FROM ({found}) AS looked_at {lines.join} ORDER BY {number}"
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP:d}"
    done = table.connection.execute(f"COPY ({query}) TO {literal(str(path))} ({options})", list(failing.parameters))
    ((rows,),) = done.fetchall()
    return FailingFile(path, int(rows))


class _Lines:
    """SQL for the file and the line of a row."""

    def __init__(self, table: Table, origins: Sequence[RowOrigin]) -> None:
        self._number = quoted(table.row_column)
        runs = [run for origin in origins for run in _runs(origin)]
        by_file = [origin for origin in origins if origin.lines_path is not None]
        self.file = _cases([(_is_in(self._number, origin), literal(origin.filename)) for origin in origins], "VARCHAR")
        self.join = ""
        if not by_file and len(runs) <= FEW_RUNS:
            steps = [
                (f"{self._number} BETWEEN {first} AND {last}", f"{self._number} + {line - first}")
                for first, last, line in runs
            ]
            self.line = _cases(steps, "BIGINT")
            return
        _make_runs(table, origins, runs)
        self.join = f"ASOF LEFT JOIN line_runs ON {self._number} >= line_runs.first_row"
        told = f"{self._number} - line_runs.first_row + line_runs.line"
        self.line = f"CASE WHEN {self._number} <= line_runs.last_row THEN {told} END"


def _make_runs(table: Table, origins: Sequence[RowOrigin], runs: Sequence[tuple[int, int, int]]) -> None:
    connection = table.connection
    connection.execute("CREATE TEMP TABLE line_runs (first_row BIGINT, last_row BIGINT, line BIGINT)")
    if runs:
        connection.executemany("INSERT INTO line_runs VALUES (?, ?, ?)", runs)
    for origin in origins:
        if origin.lines_path is not None:
            view = table.others[f"\0{origin.first_row}"].view
            last = origin.first_row + origin.rows - 1
            connection.execute(
                f"INSERT INTO line_runs SELECT place + {origin.first_row:d}, "
                f"coalesce(lead(place) OVER (ORDER BY place) + {origin.first_row - 1:d}, {last:d}), line FROM {view}"
            )


def _runs(origin: RowOrigin) -> list[tuple[int, int, int]]:
    """(first row, last row, line of the first) for each run that is known here."""
    ends = [place for place, _ in origin.lines[1:]] + [origin.rows]
    return [
        (origin.first_row + place, origin.first_row + end - 1, line)
        for (place, line), end in zip(origin.lines, ends, strict=bool(origin.lines))
    ]


def _is_in(number: str, origin: RowOrigin) -> str:
    return f"{number} BETWEEN {origin.first_row:d} AND {origin.first_row + origin.rows - 1:d}"


def _cases(steps: Sequence[tuple[str, str]], kind: str) -> str:
    if not steps:
        return f"CAST(NULL AS {kind})"
    return f"CASE {' '.join(f'WHEN {condition} THEN {value}' for condition, value in steps)} END"
