"""The lines of rows in few numbers give back every line that the reader finds."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text import line_runs as module
from ingest.text.line_runs import KeptRows, as_parquet, line_at, line_runs


def finder(lines: list[int], first_row: int) -> Any:
    return lambda rows: np.array(lines)[np.asarray(rows) - first_row]


@given(steps=st.lists(st.integers(1, 4), min_size=1, max_size=60), begin=st.integers(1, 9), first=st.integers(1, 4))
def test_every_line_comes_back(steps: list[int], begin: int, first: int) -> None:
    lines = [begin + sum(steps[:place]) for place in range(len(steps))]
    runs = line_runs(finder(lines, first), first_row=first, rows=len(lines))
    assert [line_at(runs, place) for place in range(len(lines))] == lines
    assert len(runs) == 1 + sum(step != 1 for step in steps[:-1])


def test_what_has_no_lines_has_none() -> None:
    assert line_runs(lambda _: None, first_row=2, rows=5) == ()
    assert line_runs(finder([1], 1), first_row=1, rows=0) == ()
    assert line_at((), 0) is None
    assert line_at(((0, 5),), -1) is None


def test_too_many_runs_are_left_out_and_one_is_always_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    apart, together = list(range(1, 40, 2)), list(range(7, 27))
    monkeypatch.setattr(module, "MAX_RUNS", 19)
    assert line_runs(finder(apart, 1), first_row=1, rows=20) == ()
    monkeypatch.setattr(module, "MAX_RUNS", 20)
    assert len(line_runs(finder(apart, 1), first_row=1, rows=20)) == 20
    monkeypatch.setattr(module, "MAX_ROWS", 5)
    assert line_runs(finder(apart, 1), first_row=1, rows=20) == ()
    assert line_runs(finder(together, 1), first_row=1, rows=20) == ((0, 7),)


@given(
    lines=st.lists(st.integers(1, 3), min_size=1, max_size=40),
    kept=st.sets(st.integers(0, 39)),
    batch=st.integers(1, 9),
    first=st.integers(1, 3),
)
def test_rows_that_were_taken_out_shift_no_line(lines: list[int], kept: set[int], batch: int, first: int) -> None:
    begins = [5 + sum(lines[:place]) for place in range(len(lines))]
    numbers = sorted(number for number in kept if number < len(lines))
    rows = KeptRows()
    for start in range(0, len(numbers), batch):
        piece = numbers[start : start + batch]
        rows.add(np.array(piece, dtype=np.int64), len(piece))
    told = rows.told_by(finder(begins, first), first_row=first)
    runs = line_runs(told, first_row=first, rows=len(numbers))
    assert [line_at(runs, place) for place in range(len(numbers))] == [begins[number] for number in numbers]
    if runs:
        back = pq.read_table(BytesIO(as_parquet(runs)))
        assert list(zip(*back.to_pydict().values(), strict=True)) == list(runs)


def test_of_rows_that_are_all_there_nothing_is_kept_and_too_many_gaps_tell_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = KeptRows()
    rows.add(None, 3)
    rows.add(np.arange(3, 6), 3)
    same = finder([1, 2, 3, 4, 5, 6], 1)
    assert rows.told_by(same, first_row=1) is same
    monkeypatch.setattr(module, "MAX_RUNS", 2)
    gaps = KeptRows()
    gaps.add(np.array([0, 2, 4, 6]), 4)
    assert gaps.told_by(same, first_row=1)([1]) is None
