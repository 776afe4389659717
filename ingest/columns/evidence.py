"""What is known of a column's values: a sample at first, and the cells that contradicted what was made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from itertools import islice

from ingest.writings.dates import family_of
from ingest.writings.digits import has_foreign_digits, plain_digits
from ingest.writings.missing import PADDING
from ingest.writings.shapes import TEMPORAL, Shape, shape

DISTINCT_LIMIT = 50_000
TEXT_AFTER = 300
# Of each shape so many values are kept for planning again, and beside them those that decided something.
KEPT = 20
LOOKED_AT = 2_000


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of one column with how often each stands. ``whole`` when they are all the column's values.

    ``quoted`` when the format has numbers of its own and every value here was written as a text all the same:
    then it stays text, unless it is a date (JSON has none).
    """

    counts: Mapping[str, int]
    whole: bool
    quoted: bool = False


class Evidence:
    """One column's values, sorted by shape: ``weights`` count the cells, ``values`` are the distinct ones.

    ``deciders`` are values that ruled a reading out; ``revisions`` counts the plans that cells have contradicted.
    ``name`` is the column's header, ``decimal`` the mark that other columns of the file have settled on and
    ``delimiter`` the file's: all three are evidence too.
    """

    def __init__(self, sample: Sample, name: str = "") -> None:
        self.name = name
        self.decimal = ""
        self.delimiter = ""
        self.whole = sample.whole and len(sample.counts) < DISTINCT_LIMIT
        self.quoted = sample.quoted
        self.weights: Counter[Shape] = Counter()
        self.values: dict[Shape, dict[str, int]] = {}
        self.padded = False
        self.digits = False
        self.deciders: tuple[str, ...] = ()
        self.revisions = 0
        for place, (raw, count) in enumerate(sample.counts.items()):
            if place == TEXT_AFTER and self.weights[Shape.TEXT] * 2 > self.weights.total():
                # A column of texts: the other values would change nothing, and texts take longest to look at.
                self.weights[Shape.TEXT] += sum(sample.counts.values()) - self.weights.total()
                break
            self._take(raw, count)
        self._read_compact_dates()

    def _take(self, raw: str, count: int) -> None:
        value = raw.strip(PADDING)
        kind = shape(value)
        if kind is not Shape.TEXT:
            if value is not raw and value != raw:
                self.padded = True
            if not value.isascii() and has_foreign_digits(value):
                self.digits, value = True, plain_digits(value)
        self.weights[kind] += count
        found = self.values.get(kind)
        if found is None:
            self.values[kind] = {value: count}
        else:
            found[value] = found.get(value, 0) + count

    def _read_compact_dates(self) -> None:
        """20071116 is a number, unless the column is otherwise one of dates."""
        compact = {value: count for value, count in self.values.get(Shape.INTEGER, {}).items() if family_of(value)}
        weight = sum(compact.values())
        if compact and weight == self.weights[Shape.INTEGER] and self.weight(TEMPORAL) > weight:
            self.weights[Shape.WRITTEN_DATE] += weight
            self.values.setdefault(Shape.WRITTEN_DATE, {}).update(compact)
            del self.weights[Shape.INTEGER], self.values[Shape.INTEGER]

    @property
    def present(self) -> int:
        """How many cells have a value."""
        return self.weights.total() - self.weights[Shape.MISSING]

    @property
    def missing(self) -> tuple[str, ...]:
        """The placeholders that stand among the values."""
        return tuple(sorted(value for value in self.values.get(Shape.MISSING, ()) if value))

    def weight(self, shapes: Iterable[Shape]) -> int:
        return sum(self.weights[item] for item in shapes)

    def of(self, shapes: Iterable[Shape]) -> list[str]:
        return [value for item in sorted(shapes, key=lambda x: x.value) for value in self.values.get(item, ())]

    def first(self, *shapes: Shape) -> str | None:
        return next((next(iter(self.values[item])) for item in shapes if self.values.get(item)), None)

    def without(self, shapes: Iterable[Shape]) -> Evidence:
        """The same evidence less the values of some shapes."""
        left = copy(self)
        left.weights = Counter({item: weight for item, weight in self.weights.items() if item not in shapes})
        left.values = {item: values for item, values in self.values.items() if item not in shapes}
        return left

    def only(self, shapes: Iterable[Shape]) -> Evidence:
        """The same evidence with nothing but the values of some shapes."""
        return self.without(set(Shape) - set(shapes))

    def condensed(self) -> Evidence:
        """The same with a few values of each shape: the first ones, and those that decided something."""
        left = copy(self)
        left.weights = Counter(self.weights)
        left.values = {item: self._few(values) for item, values in self.values.items()}
        return left

    def _few(self, values: Mapping[str, int]) -> dict[str, int]:
        if len(values) <= KEPT:
            return dict(values)
        first = list(islice(values, LOOKED_AT))
        chosen = {*first[:KEPT], *self.deciders, min(first, key=_fraction), max(first, key=len)}
        return {value: count for value, count in values.items() if value in chosen}

    def with_cells(self, cells: Mapping[str, int], weights: Mapping[Shape, int], *, whole: bool) -> Evidence:
        """The evidence and the cells that contradicted the plan made of it, weighed by what a pass has counted.

        ``weights`` are of the cells that fit the plan and of those that did not and are not among ``cells``.
        """
        more = copy(self)
        more.whole = whole
        more.values = {item: dict(values) for item, values in self.values.items()}
        more.weights = Counter()
        for raw, count in cells.items():
            more._take(raw, count)  # noqa: SLF001 -- a copy of its own
        more.weights.update(weights)
        for kind, values in more.values.items():
            # What the sample showed is there, even if this pass has not come to it yet.
            more.weights[kind] = max(more.weights[kind], 1 if values else 0)
        more._read_compact_dates()  # noqa: SLF001
        return more


def _fraction(value: str) -> int:
    """How many signs stand behind the last full stop or comma; all where there is none."""
    return len(value) - max(value.rfind("."), value.rfind(","))
