"""Dates as people write them, other than ISO 8601, which Arrow casts itself.

A ``DateFormat`` is one writing; a column may need several ("16.11.2007" beside "Nov 16, 2007"). Nothing is
guessed cell by cell: whether the day or the month comes first is settled for the column by a value above 12,
and a column without one stays text, as does one of which the century is not written anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from ingest.writings.month_names import MONTH_OF

Order = Literal["dmy", "mdy", "ymd", "compact"]

# POSIX: a year of two digits from 69 on is of the last century.
PIVOT = 69
# The year's, month's and day's signs of Chinese and Japanese, and of Korean.
_SIGNS: Mapping[str, tuple[str, str]] = {"年": ("月", "日"), "년 ": ("월 ", "일")}

_NAMES = "|".join(sorted(map(re.escape, MONTH_OF), key=lambda name: (-len(name), name)))
_NAME = f"(?P<name>(?i:{_NAMES}))"
_TIME = (
    "(?P<clock>(?:[ T]|, )(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    "(?::(?P<second>[0-9]{2}(?:\\.[0-9]{1,6})?))?"
    "(?: ?(?P<half>[AaPp])\\.?[Mm]\\.?)?)?"
)
_YEAR = {2: "(?P<year>[0-9]{2})", 4: "(?P<year>[0-9]{4})"}
_DAY = "(?P<day>[0-9]{1,2})"
_MONTH = "(?P<month>[0-9]{1,2})"
# "1. März 2024", "1 de marzo de 2024", "1st of March 2024", "1er mars 2024".
_BEHIND_DAY = "(?:\\.|st|nd|rd|th|er|º|ª)?(?: (?:de|of))?"
_BEFORE_YEAR = "(?:,| de| del)?"


@dataclass(frozen=True, slots=True)
class DateFormat:
    """One way of writing a date: ``order``, ``separator``, month by number or name, digits of the year.

    A year of two digits is of 1900 to 1999 from ``pivot`` on, of 2000 to 2099 below.
    """

    order: Order
    separator: str = ""
    named: bool = False
    year_digits: int = 4
    pivot: int = PIVOT

    @property
    def pattern(self) -> str:
        """The whole cell, with a group for each part of the date and of the time; for RE2 and ``re``."""
        gap = re.escape(self.separator)
        year = _YEAR[self.year_digits]
        if self.order == "compact":
            return "^(?P<year>(?:19|20)[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<clock>)$"
        if self.separator in _SIGNS:
            month, day = _SIGNS[self.separator]
            return f"^{year}{gap}{_MONTH}{month}{_DAY}{day}{_TIME}$"
        if self.order == "ymd":
            return f"^{year}{gap}{_MONTH}{gap}{_DAY}{_TIME}$"
        if self.named:
            behind, before = (_BEHIND_DAY, _BEFORE_YEAR) if self.separator == " " else ("", ",?")
            body = (
                f"{_DAY}{behind}{gap}{_NAME}\\.?{before}{gap}{year}"
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
        if self.separator in _SIGNS:
            month, day = _SIGNS[self.separator]
            return f"{year}{self.separator}%m{month}%d{day}"
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

        month = _month_number(group("name")) if self.named else group("month")
        year = group("year")
        if self.year_digits == 2:
            recent = pc.less(pc.cast(pc.if_else(valid, year, "0"), pa.int64()), self.pivot)
            year = pc.binary_join_element_wise(pc.if_else(recent, "20", "19"), year, "")
        text = pc.binary_join_element_wise(year, _two(month), _two(group("day")), "-")
        if self.order != "compact":
            text = pc.binary_join_element_wise(text, _clock(group), "")
        return pc.if_else(valid, text, pa.scalar(None, pa.string()))


_MONTH_WORDS = pa.array(list(MONTH_OF))
_MONTH_NUMBERS = pa.array([f"{number:02}" for number in MONTH_OF.values()])


def _month_number(names: Any) -> Any:
    return _MONTH_NUMBERS.take(pc.index_in(pc.utf8_lower(names), value_set=_MONTH_WORDS))


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
    ymd = [DateFormat("ymd", gap) for gap in ("-", "/", ".", *_SIGNS)]
    named = [DateFormat("dmy", gap, named=True, year_digits=digits) for gap in "- /" for digits in (4, 2)]
    american = [DateFormat("mdy", " ", named=True, year_digits=4)]
    return (*numeric, *ymd, *named, *american, DateFormat("compact"))


FAMILIES = _families()
_COMPILED = tuple((family, re.compile(family.pattern)) for family in FAMILIES)
# Every date begins with one to four digits and a sign, or with a name and a day, and ends near its year.
_MAYBE = re.compile(r"[0-9]{1,4}[^\s0-9]{0,2}[\W_年년]\S|[0-9]{8}$|[^\W0-9_]{3,}\.? [0-9]{1,2}|[0-9]{4}[年년]")


def format_named(name: str) -> DateFormat | None:
    """The format that strptime's letters name (``DateFormat.name``), or None."""
    choices = [*FAMILIES, *(swapped(item) for item in FAMILIES)]
    return next((item for item in choices if item.name == name), None)


def swapped(family: DateFormat) -> DateFormat:
    """The same writing with day and month exchanged, where both are numbers."""
    if family.named or family.order not in {"dmy", "mdy"}:
        return family
    return DateFormat(
        "mdy" if family.order == "dmy" else "dmy", family.separator, False, family.year_digits, family.pivot
    )


def family_of(value: str) -> tuple[DateFormat, re.Match[str]] | None:
    """The writing that the value has; of day-first and month-first always the day-first one."""
    if not _MAYBE.match(value):
        return None
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
    swappable = family.order == "dmy" and 1 <= day <= 12 and 1 <= month <= 31
    return (1 <= day <= 31 and 1 <= month <= 12) or swappable
