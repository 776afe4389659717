"""The cells that a column's plan refused, and the plan that they ask for instead."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.columns.choices import decided
from ingest.columns.doubts import doubt_century, doubt_time
from ingest.columns.evidence import Evidence, Sample
from ingest.columns.infer import plan_again, tolerable
from ingest.columns.plan import ColumnPlan, Remark
from ingest.limits import Limits
from ingest.writings.date_reading import pivot_for
from ingest.writings.missing import PADDING
from ingest.writings.shapes import Shape, shape
from ingest.writings.times import HALF

# After so many different refused texts only those are looked at that begin like a number.
MAX_JUDGED = 10_000
KEPT_PER_SHAPE = 1_000
# A column whose plan was changed so often is of no type at all.
MAX_REVISIONS = 8
_NUMBER_LIKE = f"^[{PADDING}]*[+-]?[0-9][0-9.,]*[{PADDING}]*$"
_NO_TYPE = frozenset({Shape.TEXT, Shape.FAULT, Shape.MISSING})
# Reasons for text that no further cell can take away, so that the rest of the pass need not be cast for nothing.
_FINAL = frozenset({"identifiers-kept-as-text"})

_PLAIN_SHAPES = {
    "integer": Shape.INTEGER,
    "year": Shape.INTEGER,
    "number": Shape.DECIMAL,
    "decimal": Shape.LONG,
    "boolean": Shape.BOOLEAN,
    "date": Shape.DATE,
    "datetime": Shape.DATETIME,
    "instant": Shape.INSTANT,
    "time": Shape.TIME,
    "yearmonth": Shape.MONTH,
    "duration": Shape.DURATION,
}


class Verdict:
    """Gathers what speaks against a plan over one pass. ``partial`` when the pass had begun under another one."""

    def __init__(self, plan: ColumnPlan, limits: Limits, *, partial: bool) -> None:
        self._plan = plan
        self._limits = limits
        self._partial = partial
        self._judged: dict[str, Shape] = {}
        self._typed: Counter[str] = Counter()
        self._kept: Counter[Shape] = Counter()
        self._rest: Counter[Shape] = Counter()
        self._example: str | None = None
        self._years: dict[int, set[int]] = {2: set(), 4: set()}
        self._with_half = self._without_half = False
        self.written = 0

    def refuse(self, faults: Any) -> bool:
        """Take in refused cells. True when some are new that look like values of a type."""
        counts = pc.value_counts(faults)
        if len(self._judged) > MAX_JUDGED:
            likely = pc.match_substring_regex(counts.field("values"), _NUMBER_LIKE)
            known = pc.is_in(counts.field("values"), value_set=pa.array(list(self._typed), pa.string()))
            looked_at = pc.or_(likely, known)
            self._rest[Shape.TEXT] += pc.sum(counts.filter(pc.invert(looked_at)).field("counts")).as_py() or 0
            counts = counts.filter(looked_at)
        self._example = self._example or faults[0].as_py()
        novel = False
        for token, count in zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True):
            novel = self._weigh(token, count) or novel
        return novel

    def _weigh(self, token: str, count: int) -> bool:
        kind = self._judged.get(token)
        novel = kind is None
        if kind is None:
            kind = shape(token.strip(PADDING))
            if len(self._judged) <= MAX_JUDGED:
                self._judged[token] = kind
        if kind in _NO_TYPE:
            self._rest[kind] += count
            return False
        if token not in self._typed:
            if self._kept[kind] >= KEPT_PER_SHAPE:
                self._rest[kind] += count
                return False
            self._kept[kind] += 1
        self._typed[token] += count
        return novel

    def see_years(self, source: Any) -> None:
        """Note the years of a column that has years of two digits and of four, which tell the century."""
        for item in self._plan.dates:
            years = pc.struct_field(pc.extract_regex(source, item.pattern), "year")
            self._years[item.year_digits].update(map(int, pc.unique(years.drop_null()).to_pylist()))

    def see_times(self, source: Any) -> None:
        """Note whether times stand with a.m. or p.m., and without."""
        halves = pc.match_substring_regex(source, HALF)
        self._with_half = self._with_half or bool(pc.any(halves).as_py())
        self._without_half = self._without_half or pc.all(halves).as_py() is False

    # ------------------------------------------------------------------------------------------ judging

    def now(self, fitting: int) -> ColumnPlan | None:
        """The plan that has room for what was refused so far; not yet text, as the rest may outweigh it."""
        again = self._again(fitting)
        if again is None or (again.kind == "string" and not _is_final(again)):
            return None
        return again

    def finally_(self, fitting: int) -> ColumnPlan | None:
        """The plan that all cells of a whole pass ask for; None when the present one holds."""
        plan = self._plan
        if self._partial:
            return None
        if self._years[2] and pivot_for(self._years[2], self._years[4]) != _pivot(plan):
            example = plan.evidence.first(Shape.WRITTEN_DATE) if plan.evidence is not None else None
            text = replace(plan, kind="string", dates=())
            return doubt_century(text, plan.dates, example or "", has_time=plan.kind == "datetime")
        if self._with_half and self._without_half:
            text = replace(plan, kind="string")
            values = plan.evidence.of([Shape.TIME]) if plan.evidence is not None else []
            return doubt_time(text, values[0] if values else "")
        return self._again(fitting) if self._typed or self._rest else None

    def _again(self, fitting: int) -> ColumnPlan | None:
        plan = self._plan
        evidence: Evidence = plan.evidence or Evidence(Sample({}, whole=False), plan.source_name)
        weights = Counter(self._rest) if not self._partial else Counter()
        weights[self._plain_shape()] += fitting - self.written
        weights[_written_shape(plan)] += self.written
        more = evidence.with_cells(self._typed, +weights, whole=not self._partial)
        more.revisions += 1
        again = plan_again(plan, more, self._limits)
        if decided(replace(again, missing=plan.missing)) == decided(plan):
            return None
        if again.kind != "string" and more.revisions > MAX_REVISIONS:
            again = replace(plan, kind="string", missing=(), trim=False, digits=False, number=None, dates=())
        return self._said(again, fitting)

    def _said(self, again: ColumnPlan, fitting: int) -> ColumnPlan:
        """Text with a reason, if nothing else gave one."""
        if again.kind != "string" or again.remarks:
            return again
        wrong = self._rest.total() + self._typed.total()
        types = f"{self._plan.kind}s and text"
        if tolerable(wrong, fitting + wrong, self._limits):
            types = f"{self._plan.kind}s in several writings"
        return replace(again, remarks=(Remark("types-mixed", self._example, {"types": types}),))

    def _plain_shape(self) -> Shape:
        return Shape.WRITTEN_DATE if self._plan.dates else _PLAIN_SHAPES[self._plan.kind]


def _written_shape(plan: ColumnPlan) -> Shape:
    return Shape.WRITTEN_DATE if plan.dates else Shape.WRITTEN_NUMBER


def _is_final(plan: ColumnPlan) -> bool:
    return any(remark.code in _FINAL for remark in plan.remarks)


def _pivot(plan: ColumnPlan) -> int:
    return next(item.pivot for item in plan.dates if item.year_digits == 2)
