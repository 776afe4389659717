"""Times of day, as ISO 8601 texts of one form (09:30:00), in which they sort as they should."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

PATTERN = (
    "^(?P<hour>[01]?[0-9]|2[0-3]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9](?:\\.[0-9]{1,6})?))?"
    "(?: ?(?P<half>[AaPp])\\.?[Mm]\\.?)?$"
)
HALF = "[AaPp]\\.?[Mm]\\.?$"
SURE = f"^[0-9]{{2}}:|{HALF}"
_HALF = re.compile(HALF)
_CLOCK = re.compile(r"[0-9]{2}:")


def are_times_of_day(values: Collection[str]) -> bool:
    """Whether the values can only be times of day: all with a.m. or p.m., or all with hours of two digits.

    "9:30" alone may be minutes and seconds as well.
    """
    halves = sum(bool(_HALF.search(value)) for value in values)
    return halves == len(values) or (not halves and all(map(_CLOCK.match, values)))


def canonical_time(cells: Any, *, sure: bool = False) -> Any:
    """The cells as HH:MM:SS with the fraction that they have; null where a cell is no time of day.

    Only what can be nothing else if ``sure``: 9:30 then is none.
    """
    if sure:
        cells = pc.if_else(pc.match_substring_regex(cells, SURE), cells, pa.scalar(None, pa.string()))
    fields = pc.extract_regex(cells, PATTERN)
    valid = pc.is_valid(fields)
    hour, minute, second, half = (pc.struct_field(fields, name) for name in ("hour", "minute", "second", "half"))
    number = pc.cast(pc.if_else(valid, hour, "0"), pa.int64())
    given = pc.not_equal(half, "")
    # 13 PM and 0 AM are no times.
    possible = pc.or_(pc.invert(given), pc.and_(pc.greater_equal(number, 1), pc.less_equal(number, 12)))
    afternoon = pc.is_in(half, value_set=pa.array(["p", "P"]))
    twelve = pc.if_else(pc.equal(number, 12), pa.scalar(0, pa.int64()), number)
    number = pc.if_else(given, pc.if_else(afternoon, pc.add(twelve, 12), twelve), number)
    hours = pc.utf8_lpad(pc.cast(number, pa.string()), 2, "0")
    text = pc.binary_join_element_wise(hours, minute, pc.if_else(pc.equal(second, ""), "00", second), ":")
    return pc.if_else(pc.and_(valid, possible), text, pa.scalar(None, pa.string()))
