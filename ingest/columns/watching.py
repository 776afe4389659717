"""Columns that stay text for now because only a sample was seen: what the other cells say about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Protocol

import pyarrow.compute as pc

from ingest.columns.choices import decided
from ingest.columns.evidence import Evidence, Sample
from ingest.columns.infer import plan_again, plan_single
from ingest.columns.plan import ColumnPlan
from ingest.limits import Limits
from ingest.writings.dates import DateFormat, swapped
from ingest.writings.missing import PADDING
from ingest.writings.numbers import feasible_formats
from ingest.writings.shapes import NUMERIC, Shape

RESERVOIR = 10_000
MAX_WORDS = 1_000
# So many cells of each kind are kept that may settle the question; one is enough.
MAX_DECIDERS = 20


class Watcher(Protocol):
    """Looks at every cell of a text column and says at the end whether it is to be another type."""

    def look(self, cells: Any) -> None:
        """Take in the next cells, a string array."""
        ...

    def finish(self) -> ColumnPlan | None:
        """The plan that all cells together ask for; None when the column is text."""
        ...


class FirstValues:
    """Of a column without a value in the sample: its first ones, by which it is then planned."""

    def __init__(self, plan: ColumnPlan, limits: Limits) -> None:
        self._plan = plan
        self._limits = limits
        self._counts: Counter[str] = Counter()
        self._whole = True

    def look(self, cells: Any) -> None:
        if cells.null_count == len(cells):
            return
        room = RESERVOIR - self._counts.total()
        present = cells.drop_null()
        self._whole = self._whole and len(present) <= room
        if room > 0:
            self._counts.update(present.slice(0, room).to_pylist())

    def finish(self) -> ColumnPlan | None:
        return _other(self._plan, plan_single(self._plan, Sample(self._counts, self._whole), self._limits))


class FewWords:
    """Of a column with the one truth word only: all its values, as long as they are few."""

    def __init__(self, plan: ColumnPlan, limits: Limits) -> None:
        self._plan = plan
        self._limits = limits
        self._counts: Counter[str] = Counter()

    def look(self, cells: Any) -> None:
        if len(self._counts) > MAX_WORDS:
            return
        counts = pc.value_counts(cells.drop_null())
        for token, count in zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True):
            self._counts[token] += count

    def finish(self) -> ColumnPlan | None:
        if len(self._counts) > MAX_WORDS:
            return None
        return _other(self._plan, plan_single(self._plan, Sample(self._counts, whole=True), self._limits))


class Deciders:
    """Of a column that can be read in several ways: cells that only some of the readings fit.

    ``patterns`` are such that the cells which match one and not all of them settle the question.
    """

    def __init__(self, plan: ColumnPlan, limits: Limits, patterns: Iterable[str], fitting: Shape) -> None:
        self._plan = plan
        self._limits = limits
        self._patterns = tuple(patterns)
        self._fitting = fitting
        self._present = 0
        self._kept: dict[str, Counter[str]] = {pattern: Counter() for pattern in self._patterns}

    def look(self, cells: Any) -> None:
        cells = pc.utf8_trim(cells.drop_null(), PADDING)
        self._present += len(cells)
        masks = {pattern: pc.match_substring_regex(cells, pattern) for pattern in self._patterns}
        for pattern, mask in masks.items():
            room = MAX_DECIDERS - len(self._kept[pattern])
            if room <= 0:
                continue
            others = [other for name, other in masks.items() if name != pattern]
            alone = pc.and_(mask, pc.invert(_all(others))) if others else mask
            if pc.any(alone).as_py():
                self._kept[pattern].update(pc.unique(cells.filter(alone)).slice(0, room).to_pylist())

    def finish(self) -> ColumnPlan | None:
        cells: Counter[str] = Counter()
        for kept in self._kept.values():
            cells |= kept
        evidence: Evidence | None = self._plan.evidence
        if not cells or evidence is None:
            return None
        more = evidence.with_cells(cells, {self._fitting: self._present}, whole=True)
        return _other(self._plan, plan_again(self._plan, more, self._limits))


def _all(masks: list[Any]) -> Any:
    every = masks[0]
    for mask in masks[1:]:
        every = pc.and_(every, mask)
    return every


def _other(plan: ColumnPlan, again: ColumnPlan) -> ColumnPlan | None:
    return again if decided(again) != decided(plan) else None


def order_watcher(plan: ColumnPlan, limits: Limits) -> Watcher:
    """Looks for days above 12, and for years of four digits where all had two."""
    patterns: list[str] = []
    for family in plan.dates:
        if not family.named and family.order == "dmy":
            patterns += [_order_pattern(family), _order_pattern(swapped(family))]
    if any(family.year_digits == 2 for family in plan.dates):
        patterns.append("[0-9]{4}")
    return Deciders(plan, limits, patterns, Shape.WRITTEN_DATE)


def _order_pattern(family: DateFormat) -> str:
    """Cells of the family of which the first number is possible as what comes first in it."""
    gap = re.escape(family.separator)
    month, day = "(0?[1-9]|1[0-2])", "(0?[1-9]|[12][0-9]|3[01])"
    first, second = (day, month) if family.order == "dmy" else (month, day)
    return f"^{first}{gap}{second}{gap}[0-9]{{{family.year_digits}}}($|[^0-9])"


def number_watcher(plan: ColumnPlan, limits: Limits) -> Watcher:
    """Looks for cells in which only one of the marks can be the decimal one."""
    evidence: Evidence | None = plan.evidence
    formats = feasible_formats(evidence.of(NUMERIC)) if evidence is not None else []
    return Deciders(plan, limits, (item.pattern for item in formats), Shape.WRITTEN_NUMBER)
