"""What a single value looks like. A column's type is decided from the shapes of all its values."""

from __future__ import annotations

import re
from enum import Enum, auto

from ingest.writings.booleans import KNOWN
from ingest.writings.dates import family_of
from ingest.writings.digits import has_foreign_digits, plain_digits
from ingest.writings.missing import FAULTS, is_placeholder
from ingest.writings.numbers import looks_formatted

INT64 = range(-(2**63), 2**63)
# A decimal number of 15 digits always comes back from a float64 (IEEE 754); one of 18 or more never surely does.
FLOAT64_SURE_DIGITS = 15
FLOAT64_DIGITS = 17
# Longer texts are neither a date nor a number in any writing; looking would only take time.
WRITTEN_LENGTH = 40

_PLAIN = re.compile(
    r"(?P<integer>-?(?:0|[1-9][0-9]*))$"
    r"|(?P<zeros>-?0[0-9]+(?:\.[0-9]*)?)$"
    r"|(?P<decimal>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)$"
    r"|(?P<date>[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))"
    r"(?P<clock>[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?)?"
    r"(?P<zone>Z|[+-](?:0[0-9]|1[0-9]):?[0-5][0-9])?$"
)
_MONTH = re.compile(r"(?:1[0-9]{3}|2[0-9]{3})-(?:0[1-9]|1[0-2])$")
_TIME = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?: ?[AaPp]\.?[Mm]\.?)?$")
# ISO 8601, with at least one part, and one behind the T if there is a T.
_DURATION = re.compile(
    r"-?P(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+W)?(?:[0-9]+D)?"
    r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?$"
)


class Shape(Enum):
    """The shapes in which values are told apart."""

    # Enum's own hash is a Python function, and it would be called for every value that is looked at.
    __hash__ = object.__hash__

    MISSING = auto()
    FAULT = auto()
    BOOLEAN = auto()
    WORD = auto()
    INTEGER = auto()
    BIG = auto()
    ZEROS = auto()
    DECIMAL = auto()
    LONG = auto()
    DATE = auto()
    DATETIME = auto()
    INSTANT = auto()
    WRITTEN_NUMBER = auto()
    WRITTEN_DATE = auto()
    TIME = auto()
    MONTH = auto()
    DURATION = auto()
    TEXT = auto()


NUMERIC = frozenset({Shape.INTEGER, Shape.BIG, Shape.ZEROS, Shape.DECIMAL, Shape.LONG, Shape.WRITTEN_NUMBER})
TEMPORAL = frozenset({Shape.DATE, Shape.DATETIME, Shape.INSTANT, Shape.WRITTEN_DATE})
_WORDS = {"true": Shape.BOOLEAN, "false": Shape.BOOLEAN, **dict.fromkeys(FAULTS, Shape.FAULT)}
TYPED = NUMERIC | TEMPORAL | {Shape.BOOLEAN}


def shape(value: str) -> Shape:
    """The shape of a value, which has no white space around it."""
    if match := _PLAIN.match(value):
        return _plain_shape(value, match)
    if is_placeholder(value):
        return Shape.MISSING
    folded = value.casefold()
    if word := _WORDS.get(folded):
        return word
    if folded in KNOWN:
        return Shape.WORD
    return _written_shape(value) if len(value) <= WRITTEN_LENGTH else Shape.TEXT


def _written_shape(value: str) -> Shape:
    if has_foreign_digits(value):
        plain = shape(plain_digits(value))
        return Shape.TEXT if plain is Shape.MISSING else plain
    if _MONTH.match(value):
        return Shape.MONTH
    # 26.09.2021 is a date before it is an odd number.
    if family_of(value):
        return Shape.WRITTEN_DATE
    if looks_formatted(value):
        return Shape.WRITTEN_NUMBER
    if _TIME.match(value):
        return Shape.TIME
    return Shape.DURATION if _DURATION.match(value) else Shape.TEXT


def _plain_shape(value: str, match: re.Match[str]) -> Shape:
    if match["integer"] is not None:
        if value == "-0":
            return Shape.DECIMAL
        return Shape.INTEGER if len(value) <= 18 or (len(value) <= 20 and int(value) in INT64) else Shape.BIG
    if match["zeros"] is not None:
        return Shape.ZEROS
    if match["decimal"] is not None:
        return Shape.DECIMAL if len(value) <= FLOAT64_SURE_DIGITS or fits_float(value) else Shape.LONG
    if match["zone"] is not None:
        return Shape.TEXT if match["clock"] is None else Shape.INSTANT
    return Shape.DATE if match["clock"] is None else Shape.DATETIME


def significant_digits(value: str) -> int:
    """How many digits of a decimal number carry meaning: 0.00120 and 1200 have 2."""
    return len(_mantissa(value))


def _mantissa(value: str) -> str:
    """The digits that carry meaning: those of 0.00120 are 12."""
    return re.split("[eE]", value.lstrip("+-"))[0].replace(".", "").strip("0")


def fits_float(value: str) -> bool:
    """Whether a float64 holds the number: printed with as many digits as it has, it is the same number again."""
    digits = _mantissa(value)
    if len(digits) <= FLOAT64_SURE_DIGITS:
        return True
    if len(digits) > FLOAT64_DIGITS:
        return False
    return _mantissa(f"{float(value):.{len(digits) - 1}e}") == digits
