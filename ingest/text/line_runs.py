"""Where the rows of a table stand in its file, kept in few numbers for when the file itself has been read and left.

Nearly every file has a line for each row: then one pair of numbers tells the line of all of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

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
