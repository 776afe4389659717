"""Steps that take rows out of the table. Each row that goes is put on record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.findings import Finding
from ingest.recipes.changed import Changed
from ingest.recipes.cleaning.column import Column, Rows
from ingest.recipes.cleaning.step import Run, as_text, begin
from ingest.recipes.vocabulary import DropDuplicates, DropEmptyRows

CELLS_SHOWN = 12
"""So many cells of a row that goes are shown of it."""
_PLACE = "·place"  # No column is called so: names are of ASCII letters.


@begin.register
def _drop_empty(_step: DropEmptyRows, columns: tuple[Column, ...]) -> Run:
    return _EmptyRowsRun(columns)


class _EmptyRowsRun(Run):
    def __init__(self, columns: tuple[Column, ...]) -> None:
        self.columns = columns

    def apply(self, rows: Rows) -> Rows:
        filled = np.zeros(len(rows.numbers), dtype=bool)
        for cells in rows.columns:
            filled |= np.asarray(_has_value(cells))
            if filled.all():
                return rows
        return self._without(rows, ~filled)

    def _without(self, rows: Rows, gone: Any) -> Rows:
        self.count += int(gone.sum())
        keep_rows(self.changed, rows, gone)
        return without(rows, gone, "empty-row-dropped")


@begin.register
def _drop_duplicates(_step: DropDuplicates, columns: tuple[Column, ...]) -> Run:
    return DuplicatesRun(columns)


class DuplicatesRun(Run):
    """Takes out the rows of which ``numbers`` are known; without any, everything passes."""

    def __init__(self, columns: tuple[Column, ...], numbers: Any = ()) -> None:
        self.columns = columns
        self._numbers = np.asarray(numbers, dtype=np.int64)

    def apply(self, rows: Rows) -> Rows:
        gone = np.isin(rows.numbers, self._numbers, assume_unique=True) if len(self._numbers) else None
        if gone is None or not gone.any():
            return rows
        self.count += int(gone.sum())
        keep_rows(self.changed, rows, gone)
        return without(rows, gone, "duplicate-row-dropped")


def keep_rows(changed: Changed, rows: Rows, gone: Any) -> None:
    """Keep the first of the rows that go: their first cells, and nothing in their place."""
    places = np.flatnonzero(gone)[: changed.room]
    cells = [as_text(column.take(pa.array(places))).to_pylist() for column in rows.columns[:CELLS_SHOWN] if len(places)]
    changed.add(rows.numbers[places], map(list, zip(*cells, strict=True)), [None] * len(places))


def without(rows: Rows, gone: Any, code: str) -> Rows:
    """The batch less the rows of the mask, each of which is a finding. ``row`` is a place that the table numbers."""
    keep = pa.array(~gone)
    findings = tuple(Finding(code, row=int(number)) for number in rows.numbers[gone])
    columns = [cells.filter(keep) for cells in rows.columns]
    return Rows(columns, rows.numbers[~gone], (*rows.findings, *findings))


def duplicates(parts: Sequence[tuple[Path, int]], columns: Sequence[str], folder: Path) -> Any:
    """The places (int64, from 0, ascending) of rows that an earlier row equals in all ``columns``.

    ``parts`` are the table's files with their numbers of rows. Runs out of core in ``folder``, in 512 MB.
    """
    names = ", ".join('"{}"'.format(name.replace('"', '""')) for name in columns)
    sources, begin = [], 0
    for path, rows in parts:
        quoted = str(path).replace("'", "''")
        sources.append(
            f'SELECT {names}, file_row_number + {begin} AS "{_PLACE}" '
            f"FROM read_parquet('{quoted}', file_row_number = true)"
        )
        begin += rows
    ranked = f'row_number() OVER (PARTITION BY {names} ORDER BY "{_PLACE}")'
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '512MB'")
        connection.execute("SET temp_directory = ?", [str(folder)])
        found = connection.execute(
            f'SELECT "{_PLACE}" FROM (SELECT "{_PLACE}", {ranked} AS nth FROM ({" UNION ALL ".join(sources)})) '
            f'WHERE nth > 1 ORDER BY "{_PLACE}"'
        )
        return found.fetchnumpy()[_PLACE].astype(np.int64)


def _has_value(cells: Any) -> Any:
    if cells.null_count == len(cells):
        return np.zeros(len(cells), dtype=bool)
    if pa.types.is_string(cells.type):
        return pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(cells), ""), False)
    return pc.is_valid(cells)
