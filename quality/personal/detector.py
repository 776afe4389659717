"""One way in which personal data are told: the form of a value, its check digits, and the names of its column."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from catalog.personal.kinds import PersonalKind

# What parts the words of a column's name: also the border of a capital, as in "birthDate".
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Detector:
    """``pattern`` is the form of the whole value (Python's and RE2's alike), ``valid`` the test that only members pass.

    ``chance`` is the share of values of this form that pass the test without being members. ``header`` are the column
    names by which it goes; ``only_named`` ones are never told without. ``inside`` is the form inside of longer text,
    "" where it is not sought there. ``minimum`` is the least number of different values that an unnamed column needs.
    """

    kind: PersonalKind
    pattern: str
    valid: Callable[[str], bool]
    chance: float
    scheme: str = ""
    header: re.Pattern[str] | None = None
    only_named: bool = False
    inside: str = ""
    minimum: int = 1
    has_checksum: bool = True
    for_integers: bool = False

    @cached_property
    def whole(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @cached_property
    def within(self) -> re.Pattern[str] | None:
        return re.compile(self.inside) if self.inside else None

    def is_named(self, name: str) -> bool:
        return self.header is not None and self.header.search(words_of(name)) is not None

    def has_form(self, value: str) -> bool:
        return self.whole.fullmatch(value) is not None


def words_of(name: str) -> str:
    """A column's name in lower case with single spaces between its words."""
    return re.sub(r"[\W_]+", " ", _CAPITAL.sub(" ", name)).strip().casefold()


def named(words: str) -> re.Pattern[str]:
    """A header with one of the words (alternatives of a regular expression) that is not part of another word.

    Chinese, Japanese and Korean write no spaces, so that there a word may stand anywhere.
    """
    wide = "|".join(word for word in words.split("|") if not word.isascii() and _is_wide(word))
    spaced = "|".join(word for word in words.split("|") if word not in wide.split("|"))
    alternatives = [rf"(?<!\w)(?:{spaced})(?!\w)"] if spaced else []
    return re.compile("|".join([*alternatives, *([wide] if wide else [])]))


def _is_wide(word: str) -> bool:
    return any("\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" for sign in word)
