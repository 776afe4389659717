"""Some thousand rows from all over a table, with their numbers: whole row groups' columns, evenly thinned.

Row groups are read a column at a time, so that neither many columns nor many rows take more memory than one of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quality.table import Column, Family

ROWS = 4_000
GROUPS = 8
TEXT_LIMIT = 4_000
"""Characters of a value that are looked at."""


@dataclass(frozen=True)
class ColumnSample:
    """The values of one column that are there, as stripped texts, with the 1-based numbers of their rows."""

    name: str
    family: Family
    semantic: str
    rows: tuple[tuple[int, str], ...]
    looked_at: int
    """Rows of the sample, those without a value too."""

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each value stands in the sample."""
        return Counter(value for _row, value in self.rows)

    @cached_property
    def present(self) -> int:
        return len(self.rows)

    def row_of(self, value: str) -> int | None:
        """The first row of the sample that has the value."""
        return self._first.get(value)

    @cached_property
    def _first(self) -> dict[str, int]:
        return {value: row for row, value in reversed(self.rows)}


@dataclass(frozen=True, slots=True)
class _Group:
    path: Path
    number: int
    before: int
    rows: int


def samples(parts: Sequence[Path], columns: Sequence[Column], semantics: dict[str, str]) -> Iterator[ColumnSample]:
    """A sample of each column, one after the other; the same rows of all columns."""
    groups = list(_chosen(list(_groups(parts))))
    each = max(1, ROWS // len(groups)) if groups else 0
    for column in columns:
        rows: list[tuple[int, str]] = []
        looked_at = 0
        for group in groups:
            step = max(1, group.rows // each)
            values = _read(group, column.name, step)
            looked_at += len(values)
            rows += [
                (group.before + place * step + 1, text)
                for place, value in enumerate(values)
                if value is not None and (text := _as_text(value))
            ]
        yield ColumnSample(column.name, column.family, semantics.get(column.name, ""), tuple(rows), looked_at)


def _groups(parts: Sequence[Path]) -> Iterator[_Group]:
    before = 0
    for path in parts:
        footer = pq.read_metadata(path)
        for number in range(footer.num_row_groups):
            rows = footer.row_group(number).num_rows
            if rows:
                yield _Group(path, number, before, rows)
            before += rows


def _chosen(groups: list[_Group]) -> Iterator[_Group]:
    """All, or so many that lie evenly over the table."""
    if len(groups) <= GROUPS:
        yield from groups
        return
    for place in range(GROUPS):
        yield groups[place * (len(groups) - 1) // (GROUPS - 1)]


def _read(group: _Group, name: str, step: int) -> list[Any]:
    with pq.ParquetFile(group.path) as file:
        column = file.read_row_group(group.number, columns=[name], use_threads=False).column(0)
    if step > 1:
        column = pc.take(column, pa.array(range(0, len(column), step)))
    return list(column.to_pylist())


def _as_text(value: Any) -> str:
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return text[:TEXT_LIMIT].strip()
