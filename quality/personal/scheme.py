"""What identity numbers are made of: a day of birth, check digits, signs that are never given; and the forms they take.

A country's number is a row of a table (``national_ids_europe``, ``national_ids_world``): a name, the tests that every
member passes, and the forms in which it is written. What only one country does is a function of its own there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from catalog.personal.kinds import PersonalKind
from quality.personal.checksums import bare, is_day, is_day_of_century, weighted
from quality.personal.detector import Detector

Test = Callable[[str], bool]
"""Asked of the number without what only parts it: letters (capital) and digits."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Σ weight · digit is a multiple of ``modulus``; the check digit is among them, with a weight of its own."""

    weights: Sequence[int]
    modulus: int

    def __call__(self, signs: str) -> bool:
        return weighted(signs, self.weights) % self.modulus == 0


@dataclass(frozen=True, slots=True)
class CheckDigit:
    """The digit behind those that have a weight is (``times`` · Σ weight · digit) mod ``modulus``, and 0 for ten."""

    weights: Sequence[int]
    modulus: int
    times: int = -1

    def __call__(self, signs: str) -> bool:
        return int(signs[len(self.weights)]) == self.times * weighted(signs, self.weights) % self.modulus % 10


@dataclass(frozen=True, slots=True)
class Born:
    """There is such a day: ``year``, ``month`` and ``day`` are the places where their two digits begin.

    The day may be written with ``more`` added (for whom a number is given for the time being), and whole hundreds of
    years with ``centuries``: what is added to the month, by the first year of the century; without, any will do.
    ``unknown`` says that a month of 00 stands for a day that nobody knows.
    """

    year: int
    month: int
    day: int
    more: int = 0
    centuries: Mapping[int, int] | None = None
    unknown: bool = False

    def __call__(self, signs: str) -> bool:
        year, month, day = (int(signs[at : at + 2]) for at in (self.year, self.month, self.day))
        day -= self.more if day > self.more else 0
        if self.unknown and month == 0:
            return True
        if self.centuries is None:
            return is_day_of_century(year, month, day)
        return any(is_day(first + year, month - added, day) for first, added in self.centuries.items())


def not_one_digit(signs: str) -> bool:
    """Not the same digit over and over: sums and check digits often hold for these, and nobody has them."""
    return len(set(signs)) > 1


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a number; what is not said here is as in ``quality.personal.detector.Detector``."""

    pattern: str
    chance: float
    inside: str = ""
    minimum: int = 1
    only_named: bool = False
    for_integers: bool = False


@dataclass(frozen=True, slots=True)
class Scheme:
    """A country's number: its name, the names of columns that hold it, its forms, and the tests of a member."""

    name: str
    header: re.Pattern[str]
    forms: Sequence[Form]
    tests: Sequence[Test]
    has_checksum: bool = True

    def is_member(self, text: str) -> bool:
        """Whether a text of one of the forms is one."""
        signs = bare(text)
        return all(test(signs) for test in self.tests)

    def detectors(self) -> list[Detector]:
        """A detector for each of the forms."""
        return [
            Detector(
                PersonalKind.NATIONAL_ID,
                form.pattern,
                self.is_member,
                form.chance,
                scheme=self.name,
                header=self.header,
                only_named=form.only_named,
                inside=form.inside,
                minimum=form.minimum,
                has_checksum=self.has_checksum,
                for_integers=form.for_integers,
            )
            for form in self.forms
        ]
