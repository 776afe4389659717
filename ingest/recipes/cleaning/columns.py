"""Steps that make, name and drop columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from catalog.findings import Finding
from ingest.recipes.cleaning.column import Column, Rows
from ingest.recipes.cleaning.step import EXAMPLES, DoesNotFitError, Run, as_text, begin, place_of, text_place
from ingest.recipes.vocabulary import DropColumns, DropEmptyColumns, Merge, RenameColumns, Split
from ingest.text.names import ColumnName, slug

_EMPTY = pa.scalar(None, pa.string())


class _Reshape(Run):
    """A run that only chooses among the columns and names them."""

    def __init__(self, columns: tuple[Column, ...], places: Sequence[int], count: int) -> None:
        self.columns = columns
        self.count = count
        self._places = places

    def apply(self, rows: Rows) -> Rows:
        return Rows([rows.columns[place] for place in self._places], rows.numbers, rows.findings)


@begin.register
def _rename(step: RenameColumns, columns: tuple[Column, ...]) -> Run:
    after = list(columns)
    for old, new in step.columns:
        place = place_of(old, columns)
        after[place] = replace(after[place], name=replace(after[place].name, name=_usable(new), is_chosen=True))
    _require_distinct(after)
    return _Reshape(tuple(after), range(len(columns)), len(step.columns))


@begin.register
def _drop(step: DropColumns, columns: tuple[Column, ...]) -> Run:
    gone = {place_of(name, columns) for name in step.columns}
    places = [place for place in range(len(columns)) if place not in gone]
    if not places:
        raise DoesNotFitError("no column would be left")
    return _Reshape(tuple(columns[place] for place in places), places, len(gone))


@begin.register
def _drop_empty(step: DropEmptyColumns, columns: tuple[Column, ...]) -> Run:
    return _DropEmpty(columns, [place_of(name, columns) for name in step.columns])


@begin.register
def _split(step: Split, columns: tuple[Column, ...]) -> Run:
    return _SplitRun(step, columns)


@begin.register
def _merge(step: Merge, columns: tuple[Column, ...]) -> Run:
    return _MergeRun(step, columns)


class FilledError(Exception):
    """A column that was to go because it is empty holds a value."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class _DropEmpty(_Reshape):
    def __init__(self, columns: tuple[Column, ...], gone: Sequence[int]) -> None:
        places = [place for place in range(len(columns)) if place not in gone]
        super().__init__(tuple(columns[place] for place in places), places, len(gone))
        self._gone = {columns[place].name.name: place for place in gone}

    def apply(self, rows: Rows) -> Rows:
        for name, place in self._gone.items():
            if rows.columns[place].null_count < len(rows.columns[place]):
                raise FilledError(name)
        return super().apply(rows)


class _SplitRun(Run):
    def __init__(self, step: Split, columns: tuple[Column, ...]) -> None:
        self._place = text_place(step.column, columns)
        self._keep = step.keep
        sign = re.escape(step.by)
        rest = "".join(f"(?:{sign}(?P<p{place}>{_body(place, step)})" for place in range(1, len(step.into)))
        self._pattern = f"(?s)^(?P<p0>{_body(0, step)}){rest}{')?' * (len(step.into) - 1)}$"
        self._pieces = len(step.into)
        self._by = step.by
        self._examples: list[list[Any]] = []
        source = columns[self._place]
        made = [Column(ColumnName(_usable(name), source.name.source_name), name) for name in step.into]
        kept = columns[: self._place + 1] if step.keep else columns[: self._place]
        self.columns = (*kept, *made, *columns[self._place + 1 :])
        _require_distinct(self.columns)

    def apply(self, rows: Rows) -> Rows:
        cells = as_text(rows.columns[self._place])
        found = pc.extract_regex(cells, self._pattern)
        pieces = [
            pc.if_else(pc.equal(piece, ""), _EMPTY, piece)
            for piece in (pc.struct_field(found, [place]) for place in range(self._pieces))
        ]
        apart = pc.fill_null(pc.match_substring(cells, self._by), False)
        self.count += pc.sum(apart).as_py() or 0
        for place in first_places(apart, EXAMPLES - len(self._examples)):
            self._examples.append([cells[place].as_py(), [piece[place].as_py() for piece in pieces]])
        places = first_places(apart, self.changed.room)
        self.changed.add(
            rows.numbers[places],
            [cells[place].as_py() for place in places],
            [[piece[place].as_py() for piece in pieces] for place in places],
        )
        end = self._place + 1 if self._keep else self._place
        columns = [*rows.columns[:end], *pieces, *rows.columns[self._place + 1 :]]
        return Rows(columns, rows.numbers, rows.findings)

    def told(self) -> dict[str, Any]:
        return {"count": self.count, "examples": self._examples}


def _body(place: int, step: Split) -> str:
    """A piece ends at the first separator, but the last piece takes all that is left."""
    return ".*?" if place < len(step.into) - 1 else ".*"


def first_places(mask: Any, most: int) -> list[int]:
    """The places of the first true values, at most so many."""
    return pc.indices_nonzero(mask).slice(0, most).to_pylist() if most > 0 else []


class _MergeRun(Run):
    def __init__(self, step: Merge, columns: tuple[Column, ...]) -> None:
        self._sources = [place_of(name, columns) for name in step.columns]
        self._by = step.by
        self._examples: list[list[Any]] = []
        self._stay = [place for place in range(len(columns)) if step.keep or place not in self._sources]
        made = Column(ColumnName(_usable(step.into), " + ".join(step.columns)), step.into, native=pa.string())
        self.columns = (*(columns[place] for place in self._stay), made)
        _require_distinct(self.columns)

    def apply(self, rows: Rows) -> Rows:
        texts = [as_text(rows.columns[place]) for place in self._sources]
        present = pc.is_valid(pc.coalesce(*texts))
        # Arrow leaves a row of nothing but nulls out of the result altogether: it gets one text to join.
        first = pc.if_else(present, texts[0], "")
        joined = pc.binary_join_element_wise(first, *texts[1:], self._by, null_handling="skip")
        joined = pc.if_else(present, joined, _EMPTY)
        self.count += pc.sum(present).as_py() or 0
        for place in first_places(present, EXAMPLES - len(self._examples)):
            self._examples.append([[text[place].as_py() for text in texts], joined[place].as_py()])
        places = first_places(present, self.changed.room)
        self.changed.add(
            rows.numbers[places],
            [[text[place].as_py() for text in texts] for place in places],
            [joined[place].as_py() for place in places],
        )
        columns = [*(rows.columns[place] for place in self._stay), joined]
        return Rows(columns, rows.numbers, rows.findings)

    def told(self) -> dict[str, Any]:
        return {"count": self.count, "examples": self._examples}


def kept_filled(name: str) -> Finding:
    """A column that a recipe drops for being empty is not empty in this file."""
    return Finding("empty-column-filled", column=name)


def _usable(name: str) -> str:
    usable = slug(name)
    if not usable:
        raise DoesNotFitError(f"{name!r} can't be the name of a column")
    return usable


def _require_distinct(columns: Sequence[Column]) -> None:
    names = [column.name.name for column in columns]
    for name in names:
        if names.count(name) > 1:
            raise DoesNotFitError(f"there would be two columns {name}")
