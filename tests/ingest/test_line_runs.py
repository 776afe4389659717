"""The lines of rows in few numbers give back every line that the reader finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.text import line_runs as module
from ingest.text.line_runs import line_at, line_runs


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
