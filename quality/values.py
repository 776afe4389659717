"""Values between JSON and a column: what a rule's value means there, and how a column's value is shown."""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from quality.table import NUMERIC, Column

TEXT_LIMIT = 500

# Doubles hold every whole number up to here; beyond, neighbours fall together.
EXACT_LIMIT = 2**53


def as_value_of(column: Column, value: Any) -> Any:
    """A rule's JSON value as a Python value that DuckDB compares rightly with the column's values.

    Raises ValueError when it is no value of the column's kind.
    """
    family = column.family
    if family in NUMERIC:
        number = _number(value)
        return _single(number) if column.sql_type == "FLOAT" else number
    if family == "text":
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(value)
        return str(value)
    if family == "bool":
        return _truth(value)
    if family in ("date", "timestamp", "time"):
        return _moment(family, value)
    raise ValueError(value)


def _number(value: Any) -> int | float | Decimal:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(value) from None
    if not number.is_finite():
        raise ValueError(value)
    return int(number) if number == number.to_integral_value() else number


def _single(number: float | Decimal) -> float:
    """The nearest 32-bit float: 1.1 in a rule must meet the 1.1 in a FLOAT column."""
    try:
        return float(struct.unpack("f", struct.pack("f", float(number)))[0])
    except OverflowError:
        return float(number)


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    raise ValueError(value)


def _moment(family: str, value: Any) -> date | datetime | time:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004 (every refusal of a value is a ValueError)
    if family == "time":
        return time.fromisoformat(value)
    try:
        return date.fromisoformat(value)
    except ValueError:
        moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def is_exact_in_double(value: Any) -> bool:
    """False for numbers that a double changes, and for times of day, which Great Expectations can't carry."""
    if isinstance(value, time):
        return False
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < EXACT_LIMIT
    if isinstance(value, Decimal):
        return Decimal(repr(float(value))) == value
    return True


def shown(value: Any, limit: int = TEXT_LIMIT) -> Any:
    """A column's value as JSON that PostgreSQL can keep: no NaN, no NUL, long texts cut with an ellipsis.

    Whole numbers beyond 2**53 and decimals that no double holds become texts: JSON readers would change them.
    """
    if isinstance(value, Mapping):
        return {_clipped(str(key), limit): shown(item, limit) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [shown(item, limit) for item in value]
    return _shown_scalar(value, limit)


def _shown_scalar(value: Any, limit: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return _shown_number(value)
    if isinstance(value, bytes | bytearray):
        return _clipped(base64.b64encode(value[:limit]).decode(), limit)
    if isinstance(value, date | time):
        return value.isoformat()
    return _clipped(str(value), limit)


def _shown_number(value: float | Decimal) -> float | int | str:
    if isinstance(value, int):
        return value if abs(value) <= EXACT_LIMIT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return _shown_decimal(value)


def _shown_decimal(value: Decimal) -> float | int | str:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value():
        return int(value) if abs(value) <= EXACT_LIMIT else str(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _clipped(text: str, limit: int) -> str:
    clean = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
