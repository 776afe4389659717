"""Numbers as people write them: thousands, decimal commas, currencies, percent, units, negatives in brackets.

Plain numbers (``-12.5``) are cast directly; a column of others gets one ``NumberFormat`` that every cell must
match in full, so that "1,234" is never read in two ways within a column.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.writings.units import BEFORE, CODE_OF, NEEDS_SPACE

SPACES = " \u00a0\u2007\u2009\u202f"
_SIGN = "[+\\-\u2212]"
_AFFIX = f"[^0-9.,'’()+\\-\u2212{SPACES}]"
# "руб." and "kr." end in a full stop, "km/h", "dB(A)" and "m2" have more signs inside.
_WRITTEN = re.compile(
    rf"^(?P<open>\()?(?P<sign>{_SIGN})?(?P<prefix>{_AFFIX}{{1,3}})?(?:(?<=\S)[{SPACES}])?(?P<inner>{_SIGN})?"
    rf"(?P<body>[0-9](?:[0-9.,'’{SPACES}]*[0-9])?[.,]?|[.,][0-9]+)"
    rf"(?:(?P<gap>[{SPACES}])?(?P<suffix>{_AFFIX}[^{SPACES}+\-\u2212]{{0,6}}?))?"
    rf"(?P<trailing>[{SPACES}]?[\-\u2212])?(?P<close>\))?$"
)

# In the order in which they are preferred when several fit all cells.
_CONVENTIONS: tuple[tuple[str, str, bool], ...] = (
    ("", ".", False),
    (",", ".", False),
    (",", ".", True),
    ("", ",", False),
    (".", ",", False),
    (" ", ",", False),
    (" ", ".", False),
    ("'", ".", False),
    ("'", ",", False),
)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How the numbers of one column are written. ``thousands`` may be ""; "'" and " " stand for their kin.

    ``indian``: the thousands are followed by groups of two, 12,34,567. ``prefix`` and ``suffix`` are the unit
    as it is written.
    """

    thousands: str = ""
    decimal: str = "."
    prefix: str = ""
    suffix: str = ""
    indian: bool = False

    @property
    def unit(self) -> str:
        """The unit's code in UCUM or ISO 4217, or the symbol where several currencies share it."""
        written = self.suffix or self.prefix
        return CODE_OF.get(written, written)

    def describe(self) -> dict[str, Any]:
        pairs = {
            "thousands": self.thousands,
            "decimal": self.decimal,
            "prefix": self.prefix,
            "suffix": self.suffix,
            "grouping": "indian" if self.indian else "",
        }
        return {key: value for key, value in pairs.items() if value}

    @classmethod
    def from_step(cls, step: Mapping[str, Any]) -> NumberFormat:
        """The format that ``describe`` wrote into a ``read-written-numbers`` step."""
        texts = {key: str(step.get(key, "")) for key in ("thousands", "prefix", "suffix")}
        return cls(decimal=str(step.get("decimal", ".")), indian=step.get("grouping") == "indian", **texts)

    @property
    def pattern(self) -> str:
        """The whole cell, for RE2 and for ``re``."""
        prefix = f"{re.escape(self.prefix)}[{SPACES}]?" if self.prefix else ""
        gap = f"[{SPACES}]" if self.suffix in NEEDS_SPACE else f"[{SPACES}]?"
        suffix = f"{gap}{re.escape(self.suffix)}" if self.suffix else ""
        body = body_pattern(self.thousands, self.decimal, indian=self.indian)
        plain = f"{_SIGN}?{prefix}{_SIGN}?{body}{suffix}"
        trailing = f"{prefix}{body}{suffix}[{SPACES}]?[\\-\u2212]"
        return f"^(?:{plain}|{trailing}|\\({prefix}{body}{suffix}\\))$"

    def canonical(self, array: Any) -> Any:
        """Cells that all match ``pattern`` as text that Arrow casts: ``-1234.5``."""
        negative = pc.match_substring_regex(array, "[(\\-\u2212]")
        if self.prefix:
            array = pc.replace_substring(array, self.prefix, "", max_replacements=1)
        if self.suffix:
            array = pc.replace_substring_regex(array, f"{re.escape(self.suffix)}[{SPACES}]?[)\\-\u2212]?$", "")
        array = pc.replace_substring_regex(array, f"[^0-9{self.decimal}]", "")
        if self.decimal == ",":
            array = pc.replace_substring(array, ",", ".")
        if self.unit:
            # Beside a unit a leading zero is no part of an identifier: 05 %.
            array = pc.replace_substring_regex(array, "^0+([0-9])", "\\1")
        return pc.binary_join_element_wise(pc.if_else(negative, "-", ""), array, "")


def body_pattern(thousands: str, decimal: str, *, indian: bool = False) -> str:
    """Digits with groups of three by ``thousands`` and a fraction after ``decimal``."""
    fraction = f"(?:{re.escape(decimal)}[0-9]+)?"
    plain = f"(?:[0-9]+{fraction}|{re.escape(decimal)}[0-9]+)"
    if not thousands:
        return plain
    mark = {"'": "['’]", " ": f"[{SPACES}]"}.get(thousands, re.escape(thousands))
    # A group of thousands never begins with a zero: 0,123 can only be a fraction.
    groups = f"(?:{mark}[0-9]{{2}})*{mark}[0-9]{{3}}" if indian else f"(?:{mark}[0-9]{{3}})+"
    first = "[1-9][0-9]?" if indian else "[1-9][0-9]{0,2}"
    return f"(?:{first}{groups}{fraction}|{plain})"


def _written(value: str) -> re.Match[str] | None:
    """The parts of the value if it is a number in some human writing."""
    match = _WRITTEN.match(value)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    signs = sum(match[part] is not None for part in ("open", "sign", "inner", "trailing"))
    prefix, suffix = match["prefix"], match["suffix"]
    if signs > 1 or (prefix and suffix) or (prefix and prefix not in BEFORE) or (suffix and suffix not in CODE_OF):
        return None
    return None if suffix in NEEDS_SPACE and not match["gap"] else match


def looks_formatted(value: str) -> bool:
    """Whether the value is a number in some human writing (plain ones are too)."""
    return _written(value) is not None


def unit_written(value: str) -> str:
    """The unit as it is written beside the number, "" without one."""
    match = _written(value)
    return (match["prefix"] or match["suffix"] or "") if match else ""


def feasible_formats(values: Collection[str]) -> list[NumberFormat]:
    """Every format that each of ``values`` fits in full, the likeliest first; empty when there is none."""
    matches = [_written(value) for value in values]
    found = [match for match in matches if match is not None]
    if not found or len(found) < len(matches):
        return []
    prefixes = {match["prefix"] or "" for match in found}
    suffixes = {match["suffix"] or "" for match in found}
    if len(prefixes) > 1 or len(suffixes) > 1:
        return []
    prefix, suffix = prefixes.pop(), suffixes.pop()
    formats = [NumberFormat(thousands, decimal, prefix, suffix, indian) for thousands, decimal, indian in _CONVENTIONS]
    return [item for item in formats if all(map(re.compile(item.pattern).match, values))]


def format_deciders(values: Collection[str]) -> tuple[str, ...]:
    """For each convention that some of ``values`` rules out, the first that does."""
    # Whole numbers without a mark fit every convention.
    marked = [value for value in values if not value.isdigit()]
    bodies = {match["body"]: value for value in reversed(marked) if (match := _written(value))}
    found = []
    for thousands, decimal, indian in _CONVENTIONS:
        fits = re.compile(f"^{body_pattern(thousands, decimal, indian=indian)}$")
        found.append(next((value for body, value in reversed(bodies.items()) if not fits.match(body)), None))
    return tuple(dict.fromkeys(value for value in found if value is not None))


def readings(number: NumberFormat, values: Sequence[str]) -> list[str]:
    """The values, all of which fit the format, in the plain form."""
    plain: list[str] = number.canonical(pa.array(values, pa.string())).to_pylist()
    return plain


def readings_agree(formats: Sequence[NumberFormat], values: Sequence[str]) -> bool:
    """Whether all the formats give the same number for each of the values."""
    found = [readings(item, values) for item in formats]
    return all(reading == found[0] for reading in found)
