"""Steps that change the text of single cells of one column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial, singledispatch
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.recipes.cleaning.column import Column, Rows
from ingest.recipes.cleaning.step import EXAMPLES, Run, begin, text_place
from ingest.recipes.vocabulary import CellStep, Clear, CollapseSpaces, NarrowDigits, NormaliseUnicode, Spell, Trim
from ingest.writings.missing import PADDING

_WIDE = "０１２３４５６７８９．，－＋％／："
_NARROW = "0123456789.,-+%/:"
_WIDE_PATTERN = f"[{_WIDE}]"
_SPACES = "[\\s\u00a0\u2000-\u200b\u3000]+"


class _CellRun(Run):
    def __init__(
        self, columns: tuple[Column, ...], place: int, change: Callable[[Any], Any], spared: Sequence[str]
    ) -> None:
        self.columns = columns
        self._place = place
        self._change = change
        self._spared = pa.array(spared, pa.string())
        self._kept: Counter[str] = Counter()
        self._examples: dict[str, str | None] = {}

    def apply(self, rows: Rows) -> Rows:
        before = rows.columns[self._place]
        if not pa.types.is_string(before.type):  # a batch without a value has no type either.
            return rows
        after = self._change(before)
        if len(self._spared):
            after = self._spare(before, after)
        differ = pc.fill_null(pc.not_equal(before, pc.fill_null(after, "\0")), False)
        changed = pc.sum(differ).as_py() or 0
        if not changed:
            return rows
        self.count += changed
        if len(self._examples) < EXAMPLES:
            self._keep(before.filter(differ), after.filter(differ))
        if self.changed.room:
            places = pc.indices_nonzero(differ).slice(0, self.changed.room)
            found = before.take(places).to_pylist(), after.take(places).to_pylist()
            self.changed.add(rows.numbers[places.to_numpy()], *found)
        columns = list(rows.columns)
        columns[self._place] = after
        return Rows(columns, rows.numbers, rows.findings)

    def _spare(self, before: Any, after: Any) -> Any:
        """The cells after the step, but those that are not to be changed here; they are counted."""
        spared = pc.is_in(before, value_set=self._spared)
        if not pc.any(spared).as_py():
            return after
        self._kept.update(before.filter(spared).to_pylist())
        return pc.if_else(spared, before, after)

    def _keep(self, before: Any, after: Any) -> None:
        for old, new in zip(before.slice(0, 100).to_pylist(), after.slice(0, 100).to_pylist(), strict=True):
            if len(self._examples) == EXAMPLES:
                return
            self._examples.setdefault(old, new)

    def told(self) -> dict[str, Any]:
        kept = {"kept": {text: self._kept[text] for text in self._spared.to_pylist()}} if len(self._spared) else {}
        return {"count": self.count, "examples": [[old, new] for old, new in self._examples.items()], **kept}


@singledispatch
def change(step: CellStep, cells: Any) -> Any:
    """A string array after the step; nulls stay null."""
    raise NotImplementedError(type(step).__name__)


@begin.register
def _begin(step: CellStep, columns: tuple[Column, ...]) -> Run:
    return _CellRun(columns, text_place(step.column, columns), partial(change, step), step.spared)


@change.register
def _trim(_step: Trim, cells: Any) -> Any:
    return _without_empty(pc.utf8_trim(cells, PADDING))


@change.register
def _collapse(_step: CollapseSpaces, cells: Any) -> Any:
    return _without_empty(pc.utf8_trim(pc.replace_substring_regex(cells, _SPACES, " "), PADDING))


@change.register
def _normalise(step: NormaliseUnicode, cells: Any) -> Any:
    return pc.utf8_normalize(cells, form=step.form)


@change.register
def _narrow(_step: NarrowDigits, cells: Any) -> Any:
    if not pc.any(pc.match_substring_regex(cells, _WIDE_PATTERN)).as_py():
        return cells
    for wide, narrow in zip(_WIDE, _NARROW, strict=True):
        cells = pc.replace_substring(cells, wide, narrow)
    return cells


@change.register
def _spell(step: Spell, cells: Any) -> Any:
    places = pc.index_in(cells, value_set=pa.array(list(step.values), pa.string()))
    return pc.coalesce(pa.array(list(step.values.values()), pa.string()).take(places), cells)


@change.register
def _clear(step: Clear, cells: Any) -> Any:
    found = pc.is_in(cells, value_set=pa.array(step.values, pa.string()))
    return pc.if_else(found, pa.scalar(None, pa.string()), cells)


def _without_empty(cells: Any) -> Any:
    """An empty text is no value, as it is in the file."""
    return pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
