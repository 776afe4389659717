"""The strict cast of a text column: what fits the type, what is missing, what is wrong; nothing between.

Arrow casts a whole column in 6 to 10 ns a cell and refuses what it can't read. Its refusal names the cell;
the caster notes the token, takes it out and tries again, and later batches lose all known tokens in one pass.
Real faults are a handful of tokens (n.a., -, #REF!), so that nearly every batch is cast at full speed.
Columns with many different faults are sorted out by a regular expression instead.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dates import Order
from ingest.exactness import inexact_integers, inexact_numbers
from ingest.infer import Sample, plan_single, tolerable
from ingest.limits import Limits
from ingest.missing import PADDING, PLACEHOLDERS, is_placeholder
from ingest.plan import ColumnPlan, Kind
from ingest.widen import as_text, wider

MAX_TRIES = 6
MAX_TOKENS = 64
MAX_COMPARED = 2
MAX_NOVEL = 200
MAX_JUDGED = 10_000
RESERVOIR = 10_000
FEW = 2_000

_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = "[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?"
_PATTERNS: dict[Kind, str] = {
    "integer": "^-?[0-9]{1,18}$",
    "number": "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?$",
    "date": f"^{_DAY}$",
    "datetime": f"^{_DAY}({_CLOCK})?$",
    "instant": f"^{_DAY}{_CLOCK}(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$",
}
# What settles whether the day or the month comes first.
_DECISIVE: dict[Order, str] = {
    "dmy": "^(1[3-9]|[23][0-9])[/.-]",
    "mdy": "^[0-9]{1,2}[/.-](1[3-9]|[23][0-9])[/.-]",
}
_BOOLEANS = pa.array(["false", "true", "False", "True", "FALSE", "TRUE"])
_NULL = pa.scalar(None, pa.string())


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

    ``demand`` is the plan that the cells so far ask for instead; it is None while the plan holds.
    """

    def __init__(self, plan: ColumnPlan, limits: Limits) -> None:
        self.plan = plan
        self.demand: ColumnPlan | None = None
        self.missing: Counter[str] = Counter()
        self._limits = limits
        self._present = 0
        self.wrong = 0
        self._example: str | None = None
        self._void: list[str] = list(plan.missing)
        self._bad: list[str] = []
        self._judged: set[str] = set()
        self._reservoir: Counter[str] = Counter()
        self._orders: set[Order] = set()

    # ------------------------------------------------------------------------------------------ batches

    def cast(self, cells: Any) -> Cells:
        """The typed values of a string array; wrong cells are null and marked."""
        if self.plan.kind == "string":
            return self._cast_text(cells)
        source = pc.utf8_trim(cells, PADDING) if self.plan.trim else cells
        known = self._void + self._bad
        if known:
            source = _without(source, known)
        values = self._cast_written(source) if self.plan.number or self.plan.dates else self._cast_plain(source)
        if values.null_count == cells.null_count:
            self._present += len(cells) - cells.null_count
            return Cells(values)
        return self._sort_out(cells, values)

    def _cast_text(self, cells: Any) -> Cells:
        if self.plan.watch:
            self._look(cells)
        if not self.plan.missing:
            return Cells(cells)
        void = pc.is_in(cells, value_set=pa.array(self.plan.missing))
        if not pc.any(void).as_py():
            return Cells(cells)
        self._count_missing(cells.filter(void))
        return Cells(pc.if_else(void, _NULL, cells))

    def _cast_plain(self, source: Any) -> Any:
        """Arrow's own cast, token by token while there are few; cells that do not fit become null."""
        if self.plan.kind == "boolean":
            index = pc.index_in(source, value_set=_BOOLEANS)
            return pc.cast(pc.bit_wise_and(index, 1), pa.bool_())
        for _attempt in range(MAX_TRIES):
            try:
                values = pc.cast(source, self.plan.arrow)
            except pa.ArrowInvalid as error:
                culprit = _culprit(str(error))
                if culprit is None or len(self._void) + len(self._bad) >= MAX_TOKENS:
                    break
                (self._void if self._is_void(culprit) else self._bad).append(culprit)
                source = _without(source, [culprit])
            else:
                return self._without_inexact(source, values)
        return self._cast_by_pattern(source)

    def _cast_by_pattern(self, source: Any) -> Any:
        fits = pc.match_substring_regex(source, _PATTERNS[self.plan.kind])
        source = pc.if_else(fits, source, _NULL)
        return self._without_inexact(source, _cast_halving(source, self.plan.arrow))

    def _without_inexact(self, source: Any, values: Any) -> Any:
        odd = None
        if self.plan.kind == "integer":
            odd = inexact_integers(source)
        elif self.plan.kind == "number":
            odd = inexact_numbers(source, values)
        if odd is not None and self.plan.settled:
            # The schema says that it is a number, so that leading zeros mean nothing; 0x1F is still refused.
            odd = pc.and_(odd, pc.invert(pc.match_substring_regex(source, _PATTERNS[self.plan.kind])))
        return values if odd is None else pc.if_else(odd, pa.scalar(None, values.type), values)

    def _cast_written(self, source: Any) -> Any:
        """Cells in a human writing: matched in full, put into the plain form, cast."""
        source = pc.utf8_trim(source, PADDING)
        if self.plan.number is not None:
            fits = pc.match_substring_regex(source, self.plan.number.pattern)
            plain = self.plan.number.canonical(pc.if_else(fits, source, _NULL))
        else:
            plain = pc.coalesce(*(item.canonical(source) for item in self.plan.dates))
        return self._without_inexact(plain, _cast_halving(plain, self.plan.arrow))

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
        self._example = self._example or faults[0].as_py()
        self._judge(faults)
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
        return void.to_numpy(zero_copy_only=False)

    def _judge(self, faults: Any) -> None:
        if self.plan.settled or self.demand is not None:
            return
        novel = set(pc.unique(faults).slice(0, MAX_NOVEL).to_pylist()) - self._judged
        if len(self._judged) < MAX_JUDGED:
            self._judged |= novel
        for token in sorted(novel):
            self.demand = wider(self.plan, token)
            if self.demand is not None:
                return
        if self._present >= self._limits.misfit_grace_rows:
            self._judge_share()

    def _judge_share(self) -> None:
        if not self.plan.settled and not tolerable(self.wrong, self._present, self._limits):
            self.demand = as_text(self.plan, "types-mixed", self._example, types=f"{self.plan.kind}s and text")

    def finish(self) -> None:
        """Judge the whole column once its last batch is cast; ``demand`` is set if the plan was wrong."""
        if self.demand is not None:
            return
        if self.plan.watch == "empty" and self._reservoir:
            again = plan_single(self.plan, Sample(self._reservoir, whole=True), self._limits)
            if again != replace(self.plan, watch=""):
                self.demand = again
        elif self.plan.watch == "order" and len(self._orders) == 1:
            order = self._orders.pop()
            formats = tuple(
                replace(item, order=order) if item.order == "dmy" and not item.named else item
                for item in self.plan.dates
            )
            kind: Kind = "date"
            self.demand = replace(self.plan, kind=kind, dates=formats, watch="", remarks=())
        elif self.wrong:
            self._judge_share()

    def _look(self, cells: Any) -> None:
        """Keep what may settle an open question at the end of the file."""
        if self.plan.watch == "order":
            for order, pattern in _DECISIVE.items():
                if order not in self._orders and pc.any(pc.match_substring_regex(cells, pattern)).as_py():
                    self._orders.add(order)
            return
        room = RESERVOIR - self._reservoir.total()
        if room > 0 and cells.null_count < len(cells):
            self._reservoir.update(cells.drop_null().slice(0, room).to_pylist())

    def _is_void(self, token: str) -> bool:
        return is_placeholder(token) or token in self.plan.missing

    def _count_missing(self, tokens: Any) -> None:
        counts = pc.value_counts(tokens)
        for token, count in zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True):
            if token.strip():
                self.missing[token.strip()] += count


def _without(cells: Any, tokens: list[str]) -> Any:
    """The cells with null for the tokens."""
    if len(tokens) <= MAX_COMPARED:
        # Comparing costs a third of looking up: it pays for the one or two tokens that most columns have.
        for token in tokens:
            found = pc.equal(cells, token)
            if pc.any(found).as_py():
                cells = pc.if_else(found, _NULL, cells)
        return cells
    known = pc.is_in(cells, value_set=pa.array(tokens, pa.string()))
    return pc.if_else(known, _NULL, cells) if pc.any(known).as_py() else cells


def _culprit(message: str) -> str | None:
    """The cell that Arrow's refusal names: "Failed to parse string: 'n.a.' as a scalar of type int64"."""
    start, end = message.find("string: '"), message.rfind("' as a scalar")
    return message[start + 9 : end] if 0 <= start < end else None


def _cast_halving(cells: Any, target: Any) -> Any:
    """Cast, with null for what does not fit (30 February): halves are tried until the bad cell stands alone.

    Not ``strptime(error_is_null=True)``: it turns 2024-02-30 into 2024-03-01.
    """
    try:
        return pc.cast(cells, target)
    except pa.ArrowInvalid:
        if len(cells) == 1:
            return pa.nulls(1, target)
    middle = len(cells) // 2
    return pa.concat_arrays([_cast_halving(cells.slice(0, middle), target), _cast_halving(cells.slice(middle), target)])
