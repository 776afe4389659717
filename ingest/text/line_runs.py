"""Where the rows of a table stand in its file, kept in few numbers for when the file itself has been read and left.

Nearly every file has a line for each row: then one pair of numbers tells the line of all of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

# Finding the lines of so many rows takes 160 MB; so many runs take 20 MB on their way out of the cell.
MAX_ROWS = 10_000_000
MAX_RUNS = 1_000_000

Runs = tuple[tuple[int, int], ...]
"""(place of a row from 0, its physical line): from there on a line for each row, up to the next pair."""


def line_runs(lines: Callable[[Any], Any | None], *, first_row: int, rows: int) -> Runs:
    """The lines of ``rows`` records, of which the first has the number ``first_row``; empty where that is not known.

    ``lines`` finds those of given (ascending) numbers. Formats without lines have none, and they are left out where
    there are too many rows that stand on several lines each.
    """
    if not rows:
        return ()
    ends = lines(np.array([first_row, first_row + rows - 1], dtype=np.int64))
    if ends is None:
        return ()
    if int(ends[1]) - int(ends[0]) == rows - 1:
        return ((0, int(ends[0])),)
    if rows > MAX_ROWS:
        return ()
    found = np.asarray(lines(np.arange(first_row, first_row + rows, dtype=np.int64)))
    places = np.concatenate([[0], np.flatnonzero(np.diff(found) != 1) + 1])
    if len(places) > MAX_RUNS:
        return ()
    return tuple(zip(places.tolist(), found[places].tolist(), strict=True))


def line_at(runs: Sequence[tuple[int, int]], place: int) -> int | None:
    """The line of the row at a place (from 0); None where it is not known."""
    at = bisect_right(runs, (place, float("inf"))) - 1
    if at < 0:
        return None
    begin, line = runs[at]
    return line + place - begin


def as_parquet(runs: Runs) -> bytes:
    """The runs as a Parquet file with the columns ``place`` and ``line``; packed as differences, a byte or two each."""
    places, lines = np.array(runs, dtype=np.int64).reshape(-1, 2).T
    table = pa.table({"place": places, "line": lines})
    buffer = BytesIO()
    packed = dict.fromkeys(table.column_names, "DELTA_BINARY_PACKED")
    pq.write_table(table, buffer, compression="zstd", use_dictionary=False, column_encoding=packed)
    return buffer.getvalue()


class KeptRows:
    """Which rows of the original are in the table: few numbers where none or few were taken out.

    Batches are added in the order of the original.
    """

    def __init__(self) -> None:
        self._places: list[int] = []
        self._numbers: list[int] = []
        self._rows = 0
        self._next = 0
        self._is_told = True

    def add(self, numbers: Any, rows: int) -> None:
        """A batch of ``rows`` rows; ``numbers`` (int64, ascending) are their places in the original, from 0.

        None stands for rows none of which was taken out: they follow those before them.
        """
        if rows and self._is_told:
            found = np.arange(self._next, self._next + rows, dtype=np.int64) if numbers is None else np.asarray(numbers)
            steps = np.flatnonzero(np.diff(found, prepend=self._next - 1) != 1)
            self._places.extend((steps + self._rows).tolist())
            self._numbers.extend(found[steps].tolist())
            self._next = int(found[-1]) + 1
            self._is_told = len(self._places) <= MAX_RUNS
        self._rows += rows

    def told_by(self, lines: Callable[[Any], Any | None], *, first_row: int) -> Callable[[Any], Any | None]:
        """``lines`` (which is asked by numbers of the original) to be asked by the table's, both from ``first_row``."""
        if not self._is_told:
            return lambda _: None
        if not self._places:
            return lines
        places, numbers = np.array([0, *self._places]), np.array([0, *self._numbers])

        def told(rows: Any) -> Any | None:
            wanted = np.asarray(rows, dtype=np.int64) - first_row
            at = np.searchsorted(places, wanted, side="right") - 1
            return lines(numbers[at] + wanted - places[at] + first_row)

        return told
