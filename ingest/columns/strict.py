"""Arrow's strict casts of texts, one for each kind of column: what does not fit becomes null, and nothing else.

Arrow casts a whole column in 6 to 10 ns a cell and refuses what it can't read.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.columns.exactness import inexact_integers, inexact_numbers
from ingest.columns.plan import DECIMAL_DIGITS, ColumnPlan, Kind
from ingest.writings.missing import PADDING
from ingest.writings.times import canonical_time

_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = "[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?"
_PATTERNS: dict[Kind, str] = {
    "integer": "^-?[0-9]{1,19}$",
    "year": "^[12][0-9]{3}$",
    "number": "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?$",
    "date": f"^{_DAY}$",
    "datetime": f"^{_DAY}({_CLOCK})?$",
    "instant": f"^{_DAY}{_CLOCK}(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$",
    "yearmonth": "^[12][0-9]{3}-(0[1-9]|1[0-2])$",
    "duration": ("^-?P([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+(\\.[0-9]+)?S)?)?$"),
}
NULL = pa.scalar(None, pa.string())
# Kinds that Arrow's cast does not know or reads too freely: the pattern decides.
BY_PATTERN = frozenset({"year", "decimal", "yearmonth", "duration"})


def pattern_of(plan: ColumnPlan) -> str:
    """What a cell in the plain form must match in full to be of the plan's kind."""
    if plan.kind != "decimal":
        return _PATTERNS[plan.kind]
    whole = DECIMAL_DIGITS - plan.scale
    zeros = "0*" if plan.settled or plan.unit else ""
    before = f"{zeros}(?:0|[1-9][0-9]{{0,{whole - 1}}})" if whole else f"{zeros}0"
    after = f"(?:\\.[0-9]{{0,{plan.scale}}})?" if plan.scale else "\\.?"
    tail = f"|\\.[0-9]{{1,{plan.scale}}}" if plan.scale else ""
    return f"^[+-]?(?:{before}{after}{tail})$"


def cast_by_pattern(plan: ColumnPlan, source: Any) -> Any:
    """The cells that match the kind's pattern, cast; the others null."""
    fits = pc.match_substring_regex(source, pattern_of(plan))
    source = pc.if_else(fits, source, NULL)
    return without_inexact(plan, source, cast_halving(source, plan.arrow))


def cast_written(plan: ColumnPlan, source: Any) -> Any:
    """Cells in a human writing: matched in full, put into the plain form, cast."""
    source = pc.utf8_trim(source, PADDING)
    if plan.number is not None:
        fits = pc.match_substring_regex(source, plan.number.pattern)
        plain = plan.number.canonical(pc.if_else(fits, source, NULL))
    else:
        plain = pc.coalesce(*(item.canonical(source) for item in plan.dates))
    return cast_by_pattern(plan, plain)


def cast_words(plan: ColumnPlan, source: Any) -> Any:
    """Truth words as booleans, times of day in their one form."""
    return plan.words.cast(source) if plan.kind == "boolean" else canonical_time(source, sure=not plan.settled)


def without_inexact(plan: ColumnPlan, source: Any, values: Any) -> Any:
    """The values with null for those that are not the number which stands there."""
    odd = None
    if plan.kind == "integer":
        odd = inexact_integers(source)
    elif plan.kind == "number":
        odd = inexact_numbers(source, values)
    if odd is None:
        return values
    if plan.settled:
        # The type is chosen, so that leading zeros mean nothing; 0x1F, infinity and digits too many are refused.
        bare = pc.replace_substring_regex(source, "^([+-]?)0+([0-9])", "\\1\\2")
        fits = pc.match_substring_regex(source, pattern_of(plan))
        still = inexact_numbers(bare, values) if plan.kind == "number" and not plan.rounded else None
        odd = pc.or_(pc.invert(fits), still) if still is not None else pc.invert(fits)
    return pc.if_else(odd, pa.scalar(None, values.type), values)


def cast_halving(cells: Any, target: Any) -> Any:
    """Cast, with null for what does not fit (30 February): halves are tried until the bad cell stands alone.

    Not ``strptime(error_is_null=True)``: it turns 2024-02-30 into 2024-03-01.
    """
    try:
        return pc.cast(cells, target)
    except pa.ArrowInvalid:
        if len(cells) == 1:
            return pa.nulls(1, target)
    middle = len(cells) // 2
    return pa.concat_arrays([cast_halving(cells.slice(0, middle), target), cast_halving(cells.slice(middle), target)])


def culprit(message: str) -> str | None:
    """The cell that Arrow's refusal names: "Failed to parse string: 'n.a.' as a scalar of type int64"."""
    start, end = message.find("string: '"), message.rfind("' as a scalar")
    return message[start + 9 : end] if 0 <= start < end else None


def without(cells: Any, tokens: list[str]) -> Any:
    """The cells with null for the tokens."""
    if len(tokens) <= 2:
        # Comparing costs a third of looking up: it pays for the one or two tokens that most columns have.
        for token in tokens:
            found = pc.equal(cells, token)
            if pc.any(found).as_py():
                cells = pc.if_else(found, NULL, cells)
        return cells
    known = pc.is_in(cells, value_set=pa.array(tokens, pa.string()))
    return pc.if_else(known, NULL, cells) if pc.any(known).as_py() else cells
