"""Numbers as people write them: thousands, decimal commas, currency, percent, negatives in brackets.

Plain numbers (``-12.5``) are cast directly; a column of others gets one ``NumberFormat`` that every cell must
match in full, so that "1,234" is never read in two ways within a column.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

CURRENCIES = "$€£¥₹₩₽₺₪฿"
SPACES = " \u00a0\u2009\u202f"
_SIGN = "[+\\-\u2212]"
_WRITTEN = re.compile(
    rf"^(?P<open>\()?(?P<sign>{_SIGN})?(?P<prefix>[{CURRENCIES}])?[{SPACES}]?(?P<inner>{_SIGN})?"
    rf"(?P<body>[0-9][0-9.,'’{SPACES}]*|[.,][0-9]+)[{SPACES}]?(?P<suffix>[{CURRENCIES}%])?(?P<close>\))?$"
)

# In the order in which they are preferred when several fit all cells.
_CONVENTIONS: tuple[tuple[str, str], ...] = (
    ("", "."),
    (",", "."),
    ("", ","),
    (".", ","),
    (" ", ","),
    (" ", "."),
    ("'", "."),
    ("'", ","),
)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How the numbers of one column are written. ``thousands`` may be ""; "'" and " " stand for their kin."""

    thousands: str = ""
    decimal: str = "."
    prefix: str = ""
    suffix: str = ""

    @property
    def unit(self) -> str:
        return self.suffix or self.prefix

    def describe(self) -> dict[str, str]:
        pairs = {
            "thousands": self.thousands,
            "decimal": self.decimal,
            "prefix": self.prefix,
            "suffix": self.suffix,
        }
        return {key: value for key, value in pairs.items() if value}

    @property
    def pattern(self) -> str:
        """The whole cell, for RE2 and for ``re``."""
        prefix = f"{re.escape(self.prefix)}[{SPACES}]?" if self.prefix else ""
        suffix = f"[{SPACES}]?{re.escape(self.suffix)}" if self.suffix else ""
        body = body_pattern(self.thousands, self.decimal)
        plain = f"{_SIGN}?{prefix}{_SIGN}?{body}{suffix}"
        return f"^(?:{plain}|\\({prefix}{body}{suffix}\\))$"

    def canonical(self, array: Any) -> Any:
        """Cells that all match ``pattern`` as text that Arrow casts: ``-1234.5``."""
        removed = f"[+%{CURRENCIES}{SPACES}" + {"'": "'’", ".": ".", ",": ","}.get(self.thousands, "") + "]"
        array = pc.replace_substring_regex(array, "^\\((.*)\\)$", "-\\1")
        array = pc.replace_substring_regex(array, removed, "")
        array = pc.replace_substring(array, "\u2212", "-")
        return pc.replace_substring(array, ",", ".") if self.decimal == "," else array


def body_pattern(thousands: str, decimal: str) -> str:
    """Digits with groups of three by ``thousands`` and a fraction after ``decimal``."""
    fraction = f"(?:{re.escape(decimal)}[0-9]+)?"
    plain = f"(?:[0-9]+{fraction}|{re.escape(decimal)}[0-9]+)"
    if not thousands:
        return plain
    mark = {"'": "['’]", " ": f"[{SPACES}]"}.get(thousands, re.escape(thousands))
    # A group of thousands never begins with a zero: 0,123 can only be a fraction.
    return f"(?:[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+{fraction}|{plain})"


def looks_formatted(value: str) -> bool:
    """Whether the value is a number in some human writing (plain ones are too)."""
    match = _WRITTEN.match(value)
    return match is not None and bool(match["open"]) == bool(match["close"])


def feasible_formats(values: Collection[str]) -> list[NumberFormat]:
    """Every format that each of ``values`` fits in full, the likeliest first; empty when there is none."""
    if not values or not all(map(looks_formatted, values)):
        return []
    matches = [match for value in values if (match := _WRITTEN.match(value))]
    prefixes = {match["prefix"] or "" for match in matches}
    suffixes = {match["suffix"] or "" for match in matches}
    if len(prefixes) > 1 or len(suffixes) > 1:
        return []
    prefix, suffix = prefixes.pop(), suffixes.pop()
    formats = [NumberFormat(thousands, decimal, prefix, suffix) for thousands, decimal in _CONVENTIONS]
    return [item for item in formats if all(map(re.compile(item.pattern).match, values))]


def readings_agree(formats: Sequence[NumberFormat], values: Sequence[str]) -> bool:
    """Whether all the formats give the same number for each of the values."""
    texts = pa.array(values, pa.string())
    readings = [item.canonical(texts) for item in formats]
    return all(reading.equals(readings[0]) for reading in readings)
