"""Dates as people write them, other than ISO 8601, which Arrow casts itself.

A ``DateFormat`` is one writing; a column may need several ("16.11.2007" beside "Nov 16, 2007"). Nothing is
guessed cell by cell: whether the day or the month comes first is settled for the column by a value above 12,
and a column without one stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

Order = Literal["dmy", "mdy", "ymd", "compact"]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# POSIX: a year of two digits from 69 on is of the last century.
PIVOT = 69

_NAME = (
    "(?P<name>(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?))"
)
_TIME = (
    "(?P<clock>(?:[ T]|, )(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    "(?::(?P<second>[0-9]{2}(?:\\.[0-9]{1,6})?))?"
    "(?: ?(?P<half>[AaPp])\\.?[Mm]\\.?)?)?"
)
_YEAR = {2: "(?P<year>[0-9]{2})", 4: "(?P<year>[0-9]{4})"}
_DAY = "(?P<day>[0-9]{1,2})"
_MONTH = "(?P<month>[0-9]{1,2})"


@dataclass(frozen=True, slots=True)
class DateFormat:
    """One way of writing a date: ``order``, ``separator``, month by number or name, digits of the year."""

    order: Order
    separator: str = ""
    named: bool = False
    year_digits: int = 4

    @property
    def pattern(self) -> str:
        """The whole cell, with a group for each part of the date and of the time; for RE2 and ``re``."""
        gap = re.escape(self.separator)
        year = _YEAR[self.year_digits]
        if self.order == "compact":
            return "^(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<clock>)$"
        if self.order == "ymd":
            return f"^{year}{gap}{_MONTH}{gap}{_DAY}{_TIME}$"
        if self.named:
            body = (
                f"{_DAY}{gap}{_NAME}\\.?,?{gap}{year}"
                if self.order == "dmy"
                else (f"{_NAME}\\.? {_DAY}(?:st|nd|rd|th)?,? {year}")
            )
            return f"^{body}{_TIME}$"
        first, second = (_DAY, _MONTH) if self.order == "dmy" else (_MONTH, _DAY)
        return f"^{first}{gap}{second}{gap}{year}{_TIME}$"

    @property
    def name(self) -> str:
        """The format in strptime's letters, as Table Schema writes it."""
        year = "%Y" if self.year_digits == 4 else "%y"
        if self.order == "compact":
            return "%Y%m%d"
        if self.named and self.order == "mdy":
            return f"%b %d, {year}"
        month = "%b" if self.named else "%m"
        parts = {"dmy": ("%d", month, year), "mdy": (month, "%d", year), "ymd": (year, month, "%d")}
        return self.separator.join(parts[self.order])

    def canonical(self, array: Any) -> Any:
        """Cells that match ``pattern`` as ISO 8601 text, the others null."""
        fields = pc.extract_regex(array, self.pattern)
        valid = pc.is_valid(fields)

        def group(name: str) -> Any:
            return pc.struct_field(fields, name)

        if self.named:
            start = pc.utf8_lower(pc.utf8_slice_codeunits(group("name"), 0, 3))
            index = pc.add(pc.index_in(start, value_set=pa.array(MONTHS)), 1)
            month = pc.cast(index, pa.string())
        else:
            month = group("month")
        year = group("year")
        if self.year_digits == 2:
            recent = pc.less(year, pa.scalar(f"{PIVOT}"))
            year = pc.binary_join_element_wise(pc.if_else(recent, "20", "19"), year, "")
        text = pc.binary_join_element_wise(year, _two(month), _two(group("day")), "-")
        if self.order != "compact":
            text = pc.binary_join_element_wise(text, _clock(group), "")
        return pc.if_else(valid, text, pa.scalar(None, pa.string()))


def _two(array: Any) -> Any:
    return pc.utf8_lpad(array, 2, "0")


def _clock(group: Any) -> Any:
    """``T09:05:00`` of the groups of one pattern, nothing where the cell has no time of day."""
    hour, minute, second, half = group("hour"), group("minute"), group("second"), group("half")
    given = pc.greater(pc.binary_length(group("clock")), 0)
    number = pc.cast(pc.if_else(given, hour, "0"), pa.int64())
    afternoon = pc.is_in(half, value_set=pa.array(["p", "P"]))
    morning = pc.is_in(half, value_set=pa.array(["a", "A"]))
    # 13 PM is left as it is and is then no time at all: the cast refuses 25:00.
    number = pc.if_else(pc.and_(afternoon, pc.not_equal(number, 12)), pc.add(number, 12), number)
    number = pc.if_else(pc.and_(morning, pc.equal(number, 12)), pa.scalar(0, pa.int64()), number)
    hours = _two(pc.cast(number, pa.string()))
    seconds = pc.if_else(pc.equal(second, ""), "00", second)
    clock = pc.binary_join_element_wise("T", hours, ":", minute, ":", seconds, "")
    return pc.if_else(given, clock, "")


def _families() -> tuple[DateFormat, ...]:
    numeric = [DateFormat("dmy", gap, year_digits=digits) for gap in "/.-" for digits in (4, 2)]
    ymd = [DateFormat("ymd", gap) for gap in "-/."]
    named = [DateFormat("dmy", gap, named=True, year_digits=digits) for gap in "- " for digits in (4, 2)]
    american = [DateFormat("mdy", " ", named=True, year_digits=4)]
    return (*numeric, *ymd, *named, *american, DateFormat("compact"))


FAMILIES = _families()
_COMPILED = tuple((family, re.compile(family.pattern)) for family in FAMILIES)


@dataclass(frozen=True, slots=True)
class DateReading:
    """How a column's dates are written. ``doubtful`` names a value of which day or month may come first."""

    formats: tuple[DateFormat, ...]
    has_time: bool
    doubtful: str = ""


def family_of(value: str) -> tuple[DateFormat, re.Match[str]] | None:
    """The writing that the value has; of day-first and month-first always the day-first one."""
    for family, pattern in _COMPILED:
        if (match := pattern.match(value)) and _is_possible(family, match):
            return family, match
    return None


def _is_possible(family: DateFormat, match: re.Match[str]) -> bool:
    """Whether day and month can be ones, in either order where the order is open: 31/31/2024 is no date."""
    day = int(match["day"])
    if family.named:
        return 1 <= day <= 31
    month = int(match["month"])
    swapped = family.order == "dmy" and 1 <= day <= 12 and 1 <= month <= 31
    return (1 <= day <= 31 and 1 <= month <= 12) or swapped


def read_dates(values: Iterable[str]) -> DateReading | None:
    """The formats that all of ``values`` have together, or None when one of them is no date.

    A value such as 31.12.2020 settles the order for all values with its separator.
    """
    firsts: dict[DateFormat, list[int]] = {}
    example: dict[DateFormat, str] = {}
    has_time = False
    for value in values:
        found = family_of(value)
        if found is None:
            return None
        family, match = found
        has_time = has_time or bool(match["clock"])
        limits = firsts.setdefault(family, [0, 0])
        example.setdefault(family, value)
        if not family.named and family.order == "dmy":
            limits[0] = max(limits[0], int(match["day"]))
            limits[1] = max(limits[1], int(match["month"]))
    formats: list[DateFormat] = []
    doubtful = ""
    for family, (first, second) in sorted(firsts.items(), key=lambda item: FAMILIES.index(item[0])):
        chosen = _settle(family, first, second)
        if chosen is None:
            doubtful = doubtful or example[family]
            chosen = family
        formats.append(chosen)
    return DateReading(tuple(formats), has_time, doubtful) if formats else None


def _settle(family: DateFormat, first: int, second: int) -> DateFormat | None:
    """Day first or month first by the largest numbers seen; None when neither or both are above 12."""
    if family.named or family.order != "dmy":
        return family
    if (first > 12) == (second > 12):
        return None
    return family if first > 12 else replace(family, order="mdy")
