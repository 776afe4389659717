"""The first cells of a column that were read otherwise than they are written: placeholders, dates, numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.columns.cast import PLAIN_NUMBER, Cells
from ingest.columns.plan import ColumnPlan
from ingest.recipes.changed import Changed
from ingest.writings.booleans import TRUE_FALSE
from ingest.writings.digits import with_plain_digits
from ingest.writings.missing import PADDING

# To look for cells that a step met costs as much as the step: it ends after so many rows of the table.
LOOKED_AT = 20_000

Met = Callable[[Any], Any]


class ReadCells:
    """Of one column, by the name of the step that read them. Batches come in the order of the rows."""

    def __init__(self, plan: ColumnPlan, most: int) -> None:
        self._missing = Changed(most)
        self._written = {step: (met, Changed(most)) for step, met in _written(plan)}
        self._seen = 0

    def look(self, numbers: Any, cells: Any, read: Cells) -> None:
        """A batch: ``numbers`` (int64) of its rows, its texts, and what they were read as."""
        wrong = 0 if read.faults is None else len(read.faults.places)
        if self._missing.room and read.values.null_count > cells.null_count + wrong:
            self._look_for_missing(numbers, cells, read)
        if self._written and self._seen < LOOKED_AT:
            self._look_at_written(numbers, cells.slice(0, LOOKED_AT - self._seen), read.values)
        self._seen += len(cells)

    def _look_for_missing(self, numbers: Any, cells: Any, read: Cells) -> None:
        lost = np.flatnonzero(pc.and_(pc.is_null(read.values), pc.is_valid(cells)).to_numpy(zero_copy_only=False))
        if read.faults is not None:
            lost = np.setdiff1d(lost, read.faults.places, assume_unique=True)
        texts = cells.take(pa.array(lost))
        told = pc.not_equal(pc.utf8_trim_whitespace(texts), "").to_numpy(zero_copy_only=False)
        places = lost[told][: self._missing.room]
        self._missing.add(numbers[places], cells.take(pa.array(places)).to_pylist(), [None] * len(places))

    def _look_at_written(self, numbers: Any, cells: Any, values: Any) -> None:
        present = pc.is_valid(values.slice(0, len(cells)))
        for met, changed in self._written.values():
            if not changed.room:
                continue
            mask = pc.fill_null(pc.and_(present, met(cells)), False)
            places = pc.indices_nonzero(mask).slice(0, changed.room)
            if len(places):
                found = cells.take(places).to_pylist(), values.take(places).to_pylist()
                changed.add(numbers[np.asarray(places)], *found)

    @property
    def changed(self) -> Mapping[str, Changed]:
        """By the step's name, its cells."""
        return {"read-as-missing": self._missing} | {step: changed for step, (_met, changed) in self._written.items()}


def _written(plan: ColumnPlan) -> Iterator[tuple[str, Met]]:
    """For each of the plan's steps that reads a writing, which texts it met."""
    if plan.trim:
        yield "trim", lambda cells: pc.not_equal(cells, pc.utf8_trim(cells, PADDING))
    if plan.digits:
        yield "read-foreign-digits", lambda cells: pc.not_equal(cells, with_plain_digits(cells))
    if plan.number is not None:
        yield "read-written-numbers", lambda cells: pc.invert(pc.match_substring_regex(cells, PLAIN_NUMBER))
    if plan.dates and plan.kind in {"date", "datetime"}:
        yield "read-written-dates", pc.is_valid
    if plan.words != TRUE_FALSE:
        yield "read-truth-words", pc.is_valid
