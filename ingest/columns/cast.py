"""The strict cast of a text column: what fits the type, what is missing, what is wrong; nothing between.

Arrow's refusal of a cast names the cell; the caster notes the token, takes it out and tries again, and later
batches lose all known tokens in one pass. Real faults are a handful of tokens (n.a., -, #REF!), so that nearly
every batch is cast at full speed. Columns with many different faults are sorted out by a regular expression
instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.columns.placeholders import TokenFinder
from ingest.columns.plan import ColumnPlan
from ingest.columns.strict import (
    BY_PATTERN,
    NULL,
    cast_by_pattern,
    cast_words,
    cast_written,
    culprit,
    without,
    without_inexact,
)
from ingest.columns.verdict import Verdict
from ingest.columns.watching import FewWords, FirstValues, Watcher, number_watcher, order_watcher
from ingest.limits import Limits
from ingest.semantics.detect import Confirmation
from ingest.writings.digits import with_plain_digits
from ingest.writings.missing import FORMS, PADDING, PLACEHOLDERS, is_placeholder

MAX_TRIES = 6
MAX_TOKENS = 64
FEW = 2_000
_NO_FINDER = TokenFinder([])
PLAIN_NUMBER = "^[+-]?[0-9]*\\.?[0-9]*$"


@dataclass(frozen=True, slots=True)
class Faults:
    """The cells of a batch that were wrong: where they stood (int64, from 0) and what stood there."""

    places: Any
    texts: Any


@dataclass(frozen=True, slots=True)
class Cells:
    """One batch of a column: its values, null where the cells were missing or wrong."""

    values: Any
    faults: Faults | None = None


class Caster:
    """Casts the batches of one column, in order, and says when its plan turns out wrong.

    ``demand`` is the plan that the cells so far ask for instead; it is None while the plan holds. A caster that
    takes over in the middle of a pass is ``partial``: it has not seen enough to judge by shares. ``placeholders``
    are the tokens in a text that may say that there is no value, whether they are read so or not. ``kept`` counts those
    that the owner keeps as values, and that would have been read so.
    """

    def __init__(self, plan: ColumnPlan, limits: Limits, *, partial: bool = False) -> None:
        self.plan = plan
        self.demand: ColumnPlan | None = None
        self.missing: Counter[str] = Counter()
        self.kept: Counter[str] = Counter(dict.fromkeys(plan.kept, 0))
        self.placeholders: set[str] = set()
        self.wrong = 0
        self._limits = limits
        self._partial = partial
        self._present = 0
        self._void: list[str] = list(plan.missing)
        self._finder = TokenFinder([*plan.missing, *FORMS]) if plan.kind == "string" else _NO_FINDER
        self._bad: list[str] = []
        self._verdict = Verdict(plan, limits, partial=partial)
        self._watchers = [] if plan.settled else _watchers(plan, limits)
        self._meaning = Confirmation(plan.semantic) if plan.semantic else None
        self._in_words = plan.kind in {"boolean", "time"}
        self._in_years = len({item.year_digits for item in plan.dates}) > 1

    # ------------------------------------------------------------------------------------------ batches

    def cast(self, cells: Any) -> Cells:
        """The typed values of a string array; wrong cells are null and marked."""
        if self.plan.kept:
            texts = pc.utf8_trim(cells, PADDING)
            self.kept.update(texts.filter(pc.is_in(texts, value_set=pa.array(self.plan.kept))).to_pylist())
        result = self._cast(cells)
        if self._meaning is not None:
            self._meaning.look(result.values)
        return result

    @property
    def semantic(self) -> str:
        """What the values mean beside their type, as far as they were seen; "" if nothing special."""
        return self._meaning.code if self._meaning is not None else ""

    def _cast(self, cells: Any) -> Cells:
        if self.plan.kind == "string":
            return self._cast_text(cells)
        source = pc.utf8_trim(cells, PADDING) if self.plan.trim else cells
        if self.plan.digits:
            source = with_plain_digits(source)
        known = self._void + self._bad
        if known:
            source = without(source, known)
        values = self._cast_kind(source)
        if values.null_count == cells.null_count:
            self._present += len(cells) - cells.null_count
            return Cells(values)
        return self._sort_out(cells, values)

    def _cast_text(self, cells: Any) -> Cells:
        for watcher in self._watchers:
            watcher.look(cells)
        places = self._finder.find(cells)
        if not len(places):
            return Cells(cells)
        found = cells.take(pa.array(places))
        self.placeholders.update(pc.unique(found).to_pylist())
        missing = pa.array(self.plan.missing, pa.string())
        void = pc.is_in(found, value_set=missing)
        if not pc.any(void).as_py():
            return Cells(cells)
        self._count_missing(found.filter(void))
        return Cells(pc.if_else(pc.is_in(cells, value_set=missing), NULL, cells))

    def _cast_kind(self, source: Any) -> Any:
        plan = self.plan
        if self._in_words:
            if plan.kind == "time" and not plan.settled:
                self._verdict.see_times(source)
            return cast_words(plan, source)
        if plan.number is not None or plan.dates:
            if not plan.settled:
                self._look_at_writing(source)
            return cast_written(plan, source)
        return cast_by_pattern(plan, source) if plan.kind in BY_PATTERN else self._cast_plain(source)

    def _cast_plain(self, source: Any) -> Any:
        """Arrow's own cast, token by token while there are few; cells that do not fit become null."""
        for _attempt in range(MAX_TRIES):
            try:
                values = pc.cast(source, self.plan.arrow)
            except pa.ArrowInvalid as error:
                token = culprit(str(error))
                if token is None or len(self._void) + len(self._bad) >= MAX_TOKENS:
                    break
                (self._void if self._is_void(token) else self._bad).append(token)
                source = without(source, [token])
            else:
                return without_inexact(self.plan, source, values)
        return cast_by_pattern(self.plan, source)

    def _look_at_writing(self, source: Any) -> None:
        """Count the cells that are not in the plain form, and note the years that may settle a century."""
        if self._in_years:
            self._verdict.see_years(source)
        if self.plan.number is not None:
            plain = pc.sum(pc.match_substring_regex(source, PLAIN_NUMBER)).as_py() or 0
            self._verdict.written += len(source) - source.null_count - plain

    # ------------------------------------------------------------------------------------------ verdicts

    def _sort_out(self, cells: Any, values: Any) -> Cells:
        """Tell the missing from the wrong among the cells that the cast made null."""
        lost = np.flatnonzero(pc.and_(pc.is_null(values), pc.is_valid(cells)).to_numpy(zero_copy_only=False))
        texts = cells.take(pa.array(lost))
        void = self._void_mask(texts)
        count = int(void.sum())
        if count:
            self._count_missing(texts.filter(pa.array(void)))
        self._present += len(cells) - cells.null_count - count
        if count == len(lost):
            return Cells(values)
        places = lost[~void]
        faults = texts.filter(pa.array(~void))
        self.wrong += len(faults)
        if not self.plan.settled and self._verdict.refuse(faults) and self.demand is None:
            self.demand = self._verdict.now(self._present - self.wrong)
        return Cells(values, Faults(places, faults))

    def _void_mask(self, texts: Any) -> Any:
        """Which of the cells are placeholders; few are looked at one by one, many all at once."""
        if len(texts) <= FEW:
            return np.fromiter((self._is_void(text) for text in texts.to_pylist()), dtype=bool, count=len(texts))
        folded = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
        void = pc.or_(
            pc.is_in(folded, value_set=pa.array(["", *sorted(PLACEHOLDERS)])),
            pc.is_in(texts, value_set=pa.array(self.plan.missing, pa.string())),
        )
        kept = pc.is_in(pc.utf8_trim(texts, PADDING), value_set=pa.array(self.plan.kept, pa.string()))
        return pc.and_(void, pc.invert(kept)).to_numpy(zero_copy_only=False)

    def finish(self) -> None:
        """Judge the whole column once its last batch is cast; ``demand`` is set if the plan was wrong."""
        if self.demand is not None or self.plan.settled:
            return
        if self.plan.kind != "string":
            self.demand = self._verdict.finally_(self._present - self.wrong)
        elif not self._partial:
            self.demand = next((plan for watcher in self._watchers if (plan := watcher.finish()) is not None), None)

    def _is_void(self, token: str) -> bool:
        return (is_placeholder(token) or token in self.plan.missing) and token.strip(PADDING) not in self.plan.kept

    def _count_missing(self, tokens: Any) -> None:
        counts = pc.value_counts(tokens)
        for token, count in zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True):
            if token.strip():
                self.missing[token.strip()] += count


class _Standby:
    """A type that the column may take after all: held against every cell beside the text."""

    def __init__(self, plan: ColumnPlan, limits: Limits) -> None:
        self._caster = Caster(plan, limits)

    def look(self, cells: Any) -> None:
        self._caster.cast(cells)

    def finish(self) -> ColumnPlan | None:
        self._caster.finish()
        demand = self._caster.demand or self._caster.plan
        return demand if demand.kind != "string" else None


_WATCHERS: Mapping[str, Callable[[ColumnPlan, Limits], Watcher]] = {
    "empty": FirstValues,
    "words": FewWords,
    "order": order_watcher,
    "number": number_watcher,
}


def _watchers(plan: ColumnPlan, limits: Limits) -> list[Watcher]:
    """What is kept in sight of a column that stays text for now; whoever speaks first at the end is heard."""
    found = [_WATCHERS[plan.watch](plan, limits)] if plan.watch else []
    if plan.standby is not None:
        # It was made before the column knew its place.
        standby = replace(plan.standby, name=plan.name, position=plan.position, native=plan.native)
        found.append(_Standby(standby, limits))
    return found
