"""What a single value looks like. A column's type is decided from the shapes of all its values."""

from __future__ import annotations

import re
from enum import Enum, auto

from ingest.dates import family_of
from ingest.missing import FAULTS, is_placeholder
from ingest.numbers import looks_formatted

INT64_DIGITS = 18
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


class Shape(Enum):
    """The shapes in which values are told apart."""

    MISSING = auto()
    FAULT = auto()
    BOOLEAN = auto()
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
    if word := _WORDS.get(value.casefold()):
        return word
    return _written_shape(value) if len(value) <= WRITTEN_LENGTH else Shape.TEXT


def _written_shape(value: str) -> Shape:
    # 26.09.2021 is a date before it is an odd number.
    if family_of(value):
        return Shape.WRITTEN_DATE
    return Shape.WRITTEN_NUMBER if looks_formatted(value) else Shape.TEXT


def _plain_shape(value: str, match: re.Match[str]) -> Shape:
    if match["integer"] is not None:
        if value == "-0":
            return Shape.DECIMAL
        return Shape.INTEGER if len(value.lstrip("-")) <= INT64_DIGITS else Shape.BIG
    if match["zeros"] is not None:
        return Shape.ZEROS
    if match["decimal"] is not None:
        long = len(value) > FLOAT64_DIGITS and significant_digits(value) > FLOAT64_DIGITS
        return Shape.LONG if long else Shape.DECIMAL
    if match["zone"] is not None:
        return Shape.TEXT if match["clock"] is None else Shape.INSTANT
    return Shape.DATE if match["clock"] is None else Shape.DATETIME


def significant_digits(value: str) -> int:
    """How many digits of a decimal number carry meaning: 0.00120 and 1200 have 2."""
    mantissa = re.split("[eE]", value.lstrip("+-"))[0]
    digits = mantissa.replace(".", "").strip("0")
    return len(digits)
