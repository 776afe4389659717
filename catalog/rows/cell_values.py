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
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from catalog.errors import Invalid
from catalog.rows.cells import CELL_LIMIT
from catalog.rows.query import Family
from catalog.sql import literal
from catalog.table_schema import Field

_WIDE = Context(prec=100)
_INTEGERS = re.compile(r"(u?)int(8|16|32|64)")
_DECIMALS = re.compile(r"decimal(?:32|64|128|256)\((\d+), ?(-?\d+)\)")


class ValueRefused(Invalid):
    """The value can't stand in that column; the field is ``value``."""

    code = "value-refused"
    title = gettext_lazy("The value does not fit the column")


def cell_value(given: Any, *, field: Field, family: Family) -> Any:
    """``given`` (text as typed, or JSON) as the cell would be read, None for missing.

    ``family`` is the type of the stored column. Raises ValueRefused.
    """
    if given is None:
        if field.constraints.required:
            raise _refused(gettext("%(name)s must have a value in every row.") % {"name": field.name})
        return None
    if family not in _READERS:
        raise _refused(
            gettext("%(name)s holds lists, objects or bytes; such a cell can't be corrected here.")
            % {"name": field.name}
        )
    text = given if isinstance(given, str) else _written(given)
    if not is_storable(text):
        raise _refused(gettext("The text has characters that can't be kept (NUL, or half of a pair)."))
    try:
        value = _READERS[family](text if family == "text" else text.strip(), field.arrow)
    except (ValueError, InvalidOperation, OverflowError):
        words, example = _WORDS[family]
        raise _refused(
            gettext("“%(text)s” is no %(kind)s, which %(name)s holds.")
            % {"text": text[:100], "kind": words, "name": field.name},
            str(example),
        ) from None
    problems = list(_broken(value, field, family))
    if problems:
        raise _refused(problems[0])
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
    raise _refused(gettext("A cell holds one text, number, date or truth value, not a list or an object."))


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
        raise ValueRefused(
            fields={
                "value": [
                    gettext("The column holds whole numbers from %(least)s to %(most)s.")
                    % {"least": least, "most": most}
                ]
            }
        )
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
            fields={
                "value": [
                    gettext("The column holds numbers of %(precision)s digits and %(scale)s after the point.")
                    % {"precision": precision - scale, "scale": scale}
                ]
            }
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
        raise ValueRefused(
            fields={"value": [gettext("Use %(cell_limit)s characters at most.") % {"cell_limit": f"{CELL_LIMIT:,}"}]}
        )
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
_WORDS: Mapping[Family, tuple[str | Promise, str | Promise]] = {
    "integer": (gettext_lazy("whole number"), gettext_lazy("Write it like 1250.")),
    "decimal": (gettext_lazy("number"), gettext_lazy("Write it like 12.5.")),
    "float": (gettext_lazy("number"), gettext_lazy("Write it like 12.5.")),
    "text": (gettext_lazy("text"), ""),
    "bool": (gettext_lazy("truth value"), gettext_lazy("Write true or false.")),
    "date": (gettext_lazy("date"), gettext_lazy("Write it like 2026-11-19.")),
    "timestamp": (gettext_lazy("time without a zone"), gettext_lazy("Write it like 2026-11-19T10:42.")),
    "instant": (
        gettext_lazy("time with a zone"),
        gettext_lazy("Write it like 2026-11-19T10:42Z or 2026-11-19T10:42+02:00."),
    ),
    "time": (gettext_lazy("time of day"), gettext_lazy("Write it like 10:42.")),
}


# ---------------------------------------------------------------- constraints
def _broken(value: Any, field: Field, family: Family) -> Iterator[str]:
    """What of the column's constraints one value can break, a sentence each."""
    constraints, name = field.constraints, field.name
    low, high = constraints.minimum, constraints.maximum
    if low is not None and _less(value, low, family):
        yield gettext("%(name)s is at least %(low)s.") % {"name": name, "low": low}
    if high is not None and _less(high, value, family):
        yield gettext("%(name)s is at most %(high)s.") % {"name": name, "high": high}
    if family == "text":
        least, most = constraints.min_length, constraints.max_length
        if least is not None and len(value) < least:
            yield gettext("%(name)s has at least %(count)s characters.") % {"name": name, "count": least}
        if most is not None and len(value) > most:
            yield gettext("%(name)s has at most %(count)s characters.") % {"name": name, "count": most}
        if constraints.pattern is not None and not _matches(value, constraints.pattern):
            yield gettext("%(name)s follows the pattern %(pattern)s.") % {"name": name, "pattern": constraints.pattern}
    if constraints.enum and str(value) not in {_plain(item) for item in constraints.enum}:
        known = ", ".join(_plain(item) for item in constraints.enum[:20])
        yield gettext("%(name)s is one of %(values)s.") % {"name": name, "values": known}


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
