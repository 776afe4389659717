"""A table under cleaning: it looks to the converter like any table that a reader offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.findings import Finding
from ingest.columns.infer import DISTINCT_LIMIT, Sample
from ingest.recipes.changed import Changed, Place, most_of_each
from ingest.recipes.cleaning.column import Column, Rows
from ingest.recipes.cleaning.columns import FilledError, kept_filled
from ingest.recipes.cleaning.rows import DuplicatesRun, duplicates
from ingest.recipes.cleaning.step import DoesNotFitError, Run, begin
from ingest.recipes.vocabulary import DropDuplicates, DropEmptyColumns, Step
from ingest.table import Batch, ReadAgainError, Table, TableFacts
from ingest.text.names import ColumnName

# Types are chosen after these rows, and proved on all of them.
SAMPLE_ROWS = 50_000


class CleanedTable:
    """``table`` with ``steps`` taken to it in order. A step that does not fit is left out, with a finding.

    Rows keep the numbers of the original: ``Batch.numbers`` has them where rows were taken out.
    """

    def __init__(self, table: Table, steps: Sequence[Step]) -> None:
        self._table = table
        self._steps = list(steps)
        self._duplicates: Any = np.zeros(0, np.int64)
        self._gone: list[Any] = []
        self._said: list[Finding] = []
        self._runs: list[Run] = []
        self._settle()

    # -------------------------------------------------------------------------------------------- facts

    @property
    def header(self) -> tuple[ColumnName, ...]:
        """The columns as the reader named them, before any step."""
        return self._table.facts.names

    def _settle(self) -> None:
        """Begin every step once, so that the columns are known before a row is read."""
        fitting: list[Step] = []
        columns = self._before()
        for step in self._steps:
            try:
                columns = begin(step, columns).columns
            except DoesNotFitError as error:
                params = {"step": step.model_dump()["step"], "reason": error.reason}
                self._said.append(Finding("recipe-step-left-out", params=params))
            else:
                fitting.append(step)
        self._steps = fitting
        facts = self._table.facts
        self.facts = replace(
            facts,
            names=tuple(column.name for column in columns),
            titles=tuple(column.title for column in columns),
            native=tuple(column.native for column in columns),
            logical={place: column.logical for place, column in enumerate(columns) if column.logical is not None},
            findings=(*facts.findings, *self._said),
        )

    def _before(self) -> tuple[Column, ...]:
        facts: TableFacts = self._table.facts
        pairs = zip(facts.names, facts.titles, facts.native, strict=True)
        return tuple(
            Column(name, title, native, facts.logical.get(place)) for place, (name, title, native) in enumerate(pairs)
        )

    def _begin(self) -> list[Run]:
        runs: list[Run] = []
        columns = self._before()
        for step in self._steps:
            run = DuplicatesRun(columns, self._duplicates) if isinstance(step, DropDuplicates) else begin(step, columns)
            run.most = most_of_each(len(self._steps))
            runs.append(run)
            columns = run.columns
        return runs

    # --------------------------------------------------------------------------------------------- rows

    def samples(self) -> list[Sample]:
        """The first rows, cleaned: what they don't show, the pass over all rows will (``ingest.columns.cast``)."""
        while self._steps:
            # Even the first rows may show that a step is not as it was thought.
            with suppress(ReadAgainError):
                return self._sample()
        return self._table.samples()

    def _sample(self) -> list[Sample]:
        quoted = {
            column.name.source_name: sample.quoted
            for column, sample in zip(self._before(), self._table.samples(), strict=True)
        }
        pieces: list[list[Any]] = [[] for _ in self.facts.names]
        rows, whole = 0, True
        for batch in self.batches():
            for piece, cells in zip(pieces, batch.columns, strict=True):
                piece.append(cells)
            rows += batch.rows
            if rows >= SAMPLE_ROWS:
                whole = False
                break
        return [
            Sample(_counted(piece), whole, quoted.get(name.source_name, False))
            for name, piece in zip(self.facts.names, pieces, strict=True)
        ]

    def batches(self) -> Iterator[Batch]:
        """The cleaned rows, from the beginning. Raises what the reader raises."""
        self._runs = self._begin()
        self._gone = []
        begin = 0
        for batch in self._read():
            numbers = np.arange(begin, begin + batch.rows, dtype=np.int64)
            begin += batch.rows
            rows = Rows(list(batch.columns), numbers, batch.findings)
            try:
                for run in self._runs:
                    rows = run.apply(rows)
            except FilledError as error:
                self._keep(error.name)
                raise ReadAgainError from error
            if len(rows.numbers) < len(numbers):
                self._gone.append(np.setdiff1d(numbers, rows.numbers, assume_unique=True))
            yield Batch(rows.columns, len(rows.numbers), batch.position, self._numbered(rows.findings), rows.numbers)

    def _read(self) -> Iterator[Batch]:
        """The reader's batches; what it learns while it reads changes the columns here too."""
        try:
            yield from self._table.batches()
        except ReadAgainError:
            self._settle()
            raise

    def _numbered(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Rows that a step took out are told by the number that they have in the original."""
        first = self._table.facts.first_row
        return tuple(
            replace(item, row=item.row + first) if item.code.endswith("-row-dropped") and item.row is not None else item
            for item in findings
        )

    def _keep(self, name: str) -> None:
        """A column that was dropped for being empty is not: it stays from now on."""
        steps: list[Step] = []
        for step in self._steps:
            if isinstance(step, DropEmptyColumns) and name in step.columns:
                left = tuple(item for item in step.columns if item != name)
                steps += [step.model_copy(update={"columns": left})] if left else []
            else:
                steps.append(step)
        self._steps = steps
        self._said.append(kept_filled(name))
        self._settle()

    def lines(self, rows: Any) -> Any | None:
        """The physical lines of rows, by their numbers in the original."""
        return self._table.lines(rows)

    # ------------------------------------------------------------------------------------------- the end

    def find_duplicates(self, parts: Sequence[tuple[Path, int]], columns: Sequence[str], folder: Path) -> bool:
        """Look for rows to drop in the table as it was written. True when it has to be written again without them."""
        if len(self._duplicates) or not any(isinstance(step, DropDuplicates) for step in self._steps):
            return False
        places = duplicates(parts, columns, folder)
        gone = np.concatenate(self._gone) if self._gone else np.zeros(0, np.int64)
        # The place among the rows that are left, back to the number among all of them.
        self._duplicates = places + np.searchsorted(gone - np.arange(len(gone)), places, side="right")
        return len(places) > 0

    def told(self, place: Place | None = None) -> tuple[dict[str, Any], ...]:
        """The steps as a recipe tells them, with what the last pass counted and the first cells that it changed."""
        place = place or self.places(self.changed)
        told = []
        for step, run in zip(self._steps, self._runs, strict=True):
            cells = run.changed.told(place)
            told.append({**step.to_json(), **run.told(), **({"cells": cells} if cells else {})})
        return tuple(told)

    @property
    def changed(self) -> list[Changed]:
        """What each step changed in the last pass."""
        return [run.changed for run in self._runs]

    def places(self, changed: Iterable[Changed]) -> Place:
        """Where the rows of these cells stand: the lines of all of them are looked up at once."""
        numbers = np.unique(np.array([number for item in changed for number in item.numbers], dtype=np.int64))
        if not len(numbers):
            return lambda _number: (None, None)
        gone = np.concatenate(self._gone) if self._gone else np.zeros(0, np.int64)
        rows = numbers - np.searchsorted(gone, numbers) + 1
        found = self._table.lines(numbers + self._table.facts.first_row)
        lines = [None] * len(numbers) if found is None else np.asarray(found).tolist()
        is_gone = np.isin(numbers, gone).tolist()
        known = {
            number: (None if out else row, line)
            for number, row, line, out in zip(numbers.tolist(), rows.tolist(), lines, is_gone, strict=True)
        }
        return known.__getitem__


def _counted(pieces: Sequence[Any]) -> dict[str, int]:
    """How often each text stands in a column's pieces; nothing of a column that comes typed."""
    texts = [piece for piece in pieces if pa.types.is_string(piece.type)]
    counts = pc.value_counts(pa.chunked_array(texts, pa.string()).drop_null()).slice(0, DISTINCT_LIMIT)
    return dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True))
