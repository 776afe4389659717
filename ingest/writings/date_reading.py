"""How the dates of one column are written, by all of its values together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from ingest.writings.dates import FAMILIES, PIVOT, DateFormat, family_of, swapped

# The readings of two digits: as POSIX does, all of the 1900s, all of the 2000s.
PIVOTS = (PIVOT, 0, 100)


@dataclass(frozen=True, slots=True)
class DateReading:
    """How a column's dates are written.

    ``doubtful`` names a value of which day or month may come first (one whose two readings are two days, if there
    is one), ``contradicted`` one that can't be read in the order that others ask for, ``century`` one of which the
    century stands nowhere.
    ``deciders`` are values that settle all that the column's values settle.
    """

    formats: tuple[DateFormat, ...]
    has_time: bool
    doubtful: str = ""
    contradicted: str = ""
    century: str = ""
    deciders: tuple[str, ...] = ()


@dataclass(slots=True)
class _Seen:
    """What was seen of one family: the largest first and second numbers, with their values, and the years.

    ``telling`` is the first value whose first and second numbers differ.
    """

    example: str
    telling: str = ""
    first: tuple[int, str] = (0, "")
    second: tuple[int, str] = (0, "")
    years: dict[int, str] = field(default_factory=dict)

    @property
    def deciders(self) -> tuple[str, ...]:
        """The values by which order and century are known."""
        years = (self.years[min(self.years)], self.years[max(self.years)])
        return (self.example, self.telling, self.first[1], self.second[1], *years)


def read_dates(values: Iterable[str]) -> DateReading | None:
    """The formats that all of ``values`` have together, or None when one of them is no date.

    A value such as 31.12.2020 settles the order for all values with its separator.
    """
    seen: dict[DateFormat, _Seen] = {}
    clock = ""
    for value in values:
        found = family_of(value)
        if found is None:
            return None
        family, match = found
        clock = clock or (value if match["clock"] else "")
        item = seen.setdefault(family, _Seen(value))
        item.years.setdefault(int(match["year"]), value)
        if not family.named and family.order == "dmy":
            first, second = int(match["day"]), int(match["month"])
            item.first = max(item.first, (first, value))
            item.second = max(item.second, (second, value))
            if first != second:
                item.telling = item.telling or value
    if not seen:
        return None
    formats: list[DateFormat] = []
    doubtful = telling = contradicted = ""
    for family, item in sorted(seen.items(), key=lambda pair: FAMILIES.index(pair[0])):
        chosen = _settle(family, item)
        if chosen is None:
            doubtful, telling = doubtful or item.example, telling or item.telling
            contradicted = contradicted or (item.second[1] if item.first[0] > 12 else "")
        formats.append(chosen or family)
    pivot, century = _century(seen)
    formats = [replace(item, pivot=pivot) if item.year_digits == 2 else item for item in formats]
    deciders = {clock, *(text for item in seen.values() for text in item.deciders)} - {""}
    return DateReading(tuple(formats), bool(clock), telling or doubtful, contradicted, century, tuple(sorted(deciders)))


def _settle(family: DateFormat, seen: _Seen) -> DateFormat | None:
    """Day first or month first by the largest numbers seen; None when neither or both are above 12."""
    if family.named or family.order != "dmy":
        return family
    first, second = seen.first[0], seen.second[0]
    if (first > 12) == (second > 12):
        return None
    return family if first > 12 else swapped(family)


def _century(seen: dict[DateFormat, _Seen]) -> tuple[int, str]:
    """Where the column's years of two digits turn, and a value in doubt when nothing says it."""
    short = {year for family, item in seen.items() if family.year_digits == 2 for year in item.years}
    if not short:
        return PIVOT, ""
    whole = {year for family, item in seen.items() if family.year_digits == 4 for year in item.years}
    pivot = pivot_for(short, whole)
    if pivot is None:
        return PIVOT, next(item.example for family, item in seen.items() if family.year_digits == 2)
    return pivot, ""


def pivot_for(short: Collection[int], whole: Collection[int]) -> int | None:
    """Where years of two digits turn so that all come to lie among the years of four digits, or ten years off.

    None when there are no such years, or when they lie elsewhere: the century is then not known.
    """
    if not whole:
        return None
    low, high = min(whole) - 10, max(whole) + 10
    for pivot in PIVOTS:
        if all(low <= year + (1900 if year >= pivot else 2000) <= high for year in short):
            return pivot
    return None
