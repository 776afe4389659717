"""A value that a person gives for a cell: of the column's type, within its constraints, as cells.py writes it.

The sentences are for the person who typed it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import duckdb

from catalog.errors import Invalid
from catalog.rows.cells import CELL_LIMIT
from catalog.rows.query import Family
from catalog.sql import literal
from catalog.table_schema import Constraints, Field

_WIDE = Context(prec=100)
_INTEGERS = re.compile(r"(u?)int(8|16|32|64)")
_DECIMALS = re.compile(r"decimal(?:32|64|128|256)\((\d+), ?(-?\d+)\)")


class ValueRefused(Invalid):
    """The value can't stand in that column; the field is ``value``."""

    code = "value-refused"
    title = "The value does not fit the column"


def cell_value(given: Any, *, field: Field, family: Family) -> Any:
    """``given`` (text as typed, or JSON) as the cell would be read, None for missing.

    ``family`` is the type of the stored column. Raises ValueRefused.
    """
    if given is None:
        if field.constraints.required:
            raise _refused(f"{field.name} must have a value in every row.")
        return None
    if family not in _READERS:
        raise _refused(f"{field.name} holds lists, objects or bytes; such a cell can't be corrected here.")
    text = given if isinstance(given, str) else _written(given)
    if not is_storable(text):
        raise _refused("The text has characters that can't be kept (NUL, or half of a pair).")
    try:
        value = _READERS[family](text if family == "text" else text.strip(), field.arrow)
    except (ValueError, InvalidOperation, OverflowError):
        words, example = _WORDS[family]
        raise _refused(f"“{text[:100]}” is no {words}, which {field.name} holds.", example) from None
    problems = list(_broken(value, field.constraints, family))
    if problems:
        raise _refused(f"{field.name} {problems[0]}.")
    return value


def is_storable(text: str) -> bool:
    """Whether the database can hold the text: JSON can say a NUL, and half of a surrogate pair."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text)


def _refused(sentence: str, remedy: str = "") -> ValueRefused:
    return ValueRefused(remedy=remedy, fields={"value": [sentence]})


def _written(given: Any) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):
        return repr(given)
    raise _refused("A cell holds one text, number, date or truth value, not a list or an object.")


# ---------------------------------------------------------------- types
def _integer(text: str, arrow: str) -> int:
    number = Decimal(text)
    if not number.is_finite() or number != number.to_integral_value() or abs(number.adjusted()) > 40:
        raise ValueError(text)
    signed, bits = True, 64
    if known := _INTEGERS.fullmatch(arrow):
        signed, bits = not known[1], int(known[2])
    least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    if not least <= number <= most:
        raise ValueRefused(fields={"value": [f"The column holds whole numbers from {least} to {most}."]})
    return int(number)


def _decimal(text: str, arrow: str) -> str:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    known = _DECIMALS.fullmatch(arrow)
    if known is None:
        return f"{number:f}"
    precision, scale = int(known[1]), int(known[2])
    is_finer = number != number.scaleb(scale, _WIDE).to_integral_value(context=_WIDE).scaleb(-scale, _WIDE)
    if is_finer or (number and number.adjusted() >= precision - scale):
        raise ValueRefused(
            fields={"value": [f"The column holds numbers of {precision - scale} digits and {scale} after the point."]}
        )
    # Not ``quantize``: its result may not be longer than the context's 28 digits.
    whole, _, fraction = f"{number:f}".partition(".")
    return f"{whole}.{fraction[:scale].ljust(scale, '0')}" if scale > 0 else whole


def _float(text: str, _arrow: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _text(text: str, _arrow: str) -> str:
    if len(text) > CELL_LIMIT:
        raise ValueRefused(fields={"value": [f"Use {CELL_LIMIT:,} characters at most."]})
    return text


def _boolean(text: str, _arrow: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def _moment(text: str, _arrow: str) -> str:
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError(text)
    return _iso(found)


def _instant(text: str, _arrow: str) -> str:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return f"{_iso(found.astimezone(UTC).replace(tzinfo=None))}Z"


def _iso(value: datetime | time) -> str:
    """As DuckDB writes it: no zeros at the end of a fraction."""
    text = value.isoformat()
    return text.rstrip("0") if "." in text else text


_READERS: Mapping[Family, Callable[[str, str], Any]] = {
    "integer": _integer,
    "decimal": _decimal,
    "float": _float,
    "text": _text,
    "bool": _boolean,
    "date": lambda text, _: date.fromisoformat(text).isoformat(),
    "timestamp": _moment,
    "instant": _instant,
    "time": lambda text, _: _iso(time.fromisoformat(text)),
}
_WORDS: Mapping[Family, tuple[str, str]] = {
    "integer": ("whole number", "Write it like 1250."),
    "decimal": ("number", "Write it like 12.5."),
    "float": ("number", "Write it like 12.5."),
    "text": ("text", ""),
    "bool": ("truth value", "Write true or false."),
    "date": ("date", "Write it like 2026-11-19."),
    "timestamp": ("time without a zone", "Write it like 2026-11-19T10:42."),
    "instant": ("time with a zone", "Write it like 2026-11-19T10:42Z or 2026-11-19T10:42+02:00."),
    "time": ("time of day", "Write it like 10:42."),
}


# ---------------------------------------------------------------- constraints
def _broken(value: Any, constraints: Constraints, family: Family) -> Iterator[str]:
    """What of the constraints one value can break, in words that follow the column's name."""
    low, high = constraints.minimum, constraints.maximum
    if low is not None and _less(value, low, family):
        yield f"is at least {low}"
    if high is not None and _less(high, value, family):
        yield f"is at most {high}"
    if family == "text":
        if constraints.min_length is not None and len(value) < constraints.min_length:
            yield f"has at least {constraints.min_length} characters"
        if constraints.max_length is not None and len(value) > constraints.max_length:
            yield f"has at most {constraints.max_length} characters"
        if constraints.pattern is not None and not _matches(value, constraints.pattern):
            yield f"follows the pattern {constraints.pattern}"
    if constraints.enum and str(value) not in {_plain(item) for item in constraints.enum}:
        yield f"is one of {', '.join(_plain(item) for item in constraints.enum[:20])}"


def _less(one: Any, other: Any, family: Family) -> bool:
    """Whether one bound lies below the other; what can't be compared is left to the check of the version."""
    try:
        if family in {"integer", "decimal", "float"}:
            return Decimal(str(one)) < Decimal(str(other))
        if family in {"timestamp", "instant"}:
            return _in_utc(str(one)) < _in_utc(str(other))
        return family in {"date", "time"} and str(one) < str(other)
    except (ValueError, InvalidOperation):
        return False


def _in_utc(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _matches(text: str, pattern: str) -> bool:
    """By RE2, whose time is linear in the text: an owner's pattern can't hold up the site.

    A pattern that only Python knows (lookahead) is left to the check of the version.
    """
    connection = duckdb.connect(":memory:", config={"threads": 1})
    try:
        found = connection.execute(f"SELECT regexp_full_match({literal(text)}, {literal(pattern)})").fetchone()
    except duckdb.Error:
        return True
    finally:
        connection.close()
    return found is None or bool(found[0])


def _plain(item: Any) -> str:
    return str(item)
