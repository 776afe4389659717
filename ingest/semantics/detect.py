"""Which meaning a column's values have: proposed from a sample, held against cells from all over the file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.columns.plan import ColumnPlan
from ingest.semantics.addresses import ADDRESSES
from ingest.semantics.identifiers import IDENTIFIERS
from ingest.semantics.places import LIMITS, PLACES, country_names
from ingest.semantics.semantic import Semantic
from ingest.writings.missing import is_placeholder

# In the order in which they are tried: the first that fits is it.
SEMANTICS: tuple[Semantic, ...] = (*ADDRESSES, *IDENTIFIERS, *PLACES)
_BY_CODE: Mapping[str, tuple[Semantic, ...]] = {
    code: tuple(item for item in SEMANTICS if item.code == code) for code in {item.code for item in SEMANTICS}
}

SHARE = 0.99
LOOKED_AT = 300
# If none of the first few is one, the column is not 99 of 100 such values.
GLANCE = 3
LONGEST = 500
# A pattern is held against the cells of one batch in so many (a batch is some 20,000 rows); sets and limits, which
# cost next to nothing, against all.
EVERY = 8


def semantic_of(plan: ColumnPlan, counts: Mapping[str, int]) -> str:
    """The code of what the values mean, "" where they are nothing special. ``counts`` are a sample of the cells."""
    if plan.kind not in {"string", "integer", "number", "decimal"} or plan.number is not None:
        return ""
    present = ((value.strip(), count) for value, count in counts.items() if not is_placeholder(value))
    values = dict(islice(present, LOOKED_AT))
    if not values or max(map(len, islice(values, GLANCE))) > LONGEST:
        return ""
    return next((item.code for item in SEMANTICS if plan.kind in item.kinds and _fits(item, plan, values)), "")


def _fits(item: Semantic, plan: ColumnPlan, values: Mapping[str, int]) -> bool:
    if not item.is_named(plan.source_name) and (item.least is None or len(values) < item.least):
        return False
    if not any(item.test(value) for value in islice(values, GLANCE)):
        return False
    total = sum(values.values())
    missed = 0
    for value, count in values.items():
        if not item.test(value):
            missed += count
            if missed > (1 - SHARE) * total:
                return False
    return True


class Confirmation:
    """Holds a column's cells against what its sample seemed to mean."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._batch = -1
        self._seen = 0
        self._met = 0
        self._limit = LIMITS.get(code)
        self._pattern, self._values = _measure(code)

    def look(self, values: Any) -> None:
        """Take in the next values of the column, as they are stored."""
        self._batch += 1
        if self._limit is not None:
            least_most = pc.min_max(values)
            low, high = least_most["min"].as_py(), least_most["max"].as_py()
            inside = low is None or (low >= -self._limit and high <= self._limit)
            self._count(values, len(values) - values.null_count if inside else pc.sum(self._near(values)).as_py())
        elif pa.types.is_string(values.type):
            if self._values is not None:
                self._count(values, pc.sum(pc.is_in(values, value_set=self._values)).as_py())
            elif self._pattern and self._batch % EVERY == 0:
                trimmed = pc.utf8_trim_whitespace(values)
                self._count(values, pc.sum(pc.match_substring_regex(trimmed, self._pattern)).as_py())

    def _near(self, values: Any) -> Any:
        return pc.less_equal(pc.abs(pc.cast(values, pa.float64(), safe=False)), self._limit)

    def _count(self, values: Any, met: int | None) -> None:
        self._seen += len(values) - values.null_count
        self._met += met or 0

    @property
    def code(self) -> str:
        """The meaning, or "" if too many cells have another."""
        return self._code if self._met >= SHARE * self._seen else ""


def load_lists() -> None:
    """Load the lists that values are held against, which takes a fifth of a second: before a process is forked."""
    for code in _BY_CODE:
        _measure(code)
    country_names()


@cache
def _measure(code: str) -> tuple[str, Any]:
    """What cells are held against: one pattern for all that go by the code, or the set of its values."""
    items = _BY_CODE[code]
    pattern = "|".join(f"(?:{item.pattern})" for item in items if item.pattern)
    known = items[0].values
    return pattern, None if known is None else pa.array(sorted(known()))
