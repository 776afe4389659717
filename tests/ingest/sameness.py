"""Whether what a reader made of a file is what stands in it: values are compared, not their spelling."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]+)?")


def same_cell(expected: str, value: Any) -> bool:
    """Whether ``value`` is a faithful reading of the text ``expected``; 7 is none of "007", and None is one of ""."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) == "NaT":
        return expected == ""
    match value:
        case str():
            same = value == expected
        case bool():
            same = expected.lower() == str(value).lower()
        case int() | float() | Decimal():
            same = bool(_NUMBER.fullmatch(expected)) and Decimal(expected) == Decimal(str(value))
        case dt.datetime():
            same = bool(_TIME.fullmatch(expected)) and dt.datetime.fromisoformat(expected) == value.replace(tzinfo=None)
        case dt.date():
            same = expected == value.isoformat()
        case _:
            # numpy's own booleans.
            same = expected.lower() == str(value).lower() and type(value).__name__ == "bool"
    return same


def difference(
    header: Sequence[str] | None, rows: Sequence[Sequence[str]], names: Sequence[str], found: Sequence[Sequence[Any]]
) -> str:
    """What is different, in a few words; "" when everything is there.

    Columns that have neither a value nor a place in the truth may be there too: a trailing delimiter makes them.
    """
    width = len(rows[0])
    if any(not same_cell("", cell) for row in found for cell in row[width:]):
        return f"{len(names)} columns instead of {width}"
    if len(found) != len(rows):
        return f"{len(found)} rows instead of {len(rows)}"
    for number, (wanted, row) in enumerate(zip(rows, found, strict=True), start=1):
        for place, cell in enumerate(wanted):
            if place >= len(row) or not same_cell(cell, row[place]):
                shown = repr(row[place])[:60] if place < len(row) else "nothing"
                return f"row {number}, column {place + 1}: {shown} instead of {cell[:60]!r}"
    if header is not None and [name.strip() for name in names[:width]] != list(header):
        return f"header {list(names[:width])!r:.90}"
    return ""
