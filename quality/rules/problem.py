"""What is wrong with a rule that somebody gave, in the reader's language, and which parameter it is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Wrong(StrEnum):
    """Problems that a form tells in words of its own, because its fields have other names than the parameters."""

    OTHER = ""
    NO_BOUND = "no-bound"
    BOUNDS_CROSSED = "bounds-crossed"
    BOUNDS_UNLIKE = "bounds-unlike"
    COLUMN_TWICE = "column-twice"
    COLUMNS_TOO_FEW_OR_MANY = "columns-too-few-or-many"
    FIELDS_TOO_FEW_OR_MANY = "fields-too-few-or-many"
    VALUE_TWICE = "value-twice"


@dataclass(frozen=True, slots=True)
class Problem:
    """``parameter`` is the key of the rule's JSON that is wrong, empty where it is the rule as a whole."""

    parameter: str
    sentence: str
    wrong: Wrong = Wrong.OTHER

    def __str__(self) -> str:
        return self.sentence
