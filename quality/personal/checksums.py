"""Check digits that identity numbers share, each as its standard defines it. All take ASCII digits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

# Verhoeff 1969: the dihedral group D5, and the permutation that is applied once more for each place from the right.
_D5 = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTED = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, the digits of all sum up to a multiple of 10."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        number = int(sign) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def verhoeff(digits: str) -> bool:
    """Verhoeff's check by the dihedral group, which finds every single wrong digit and every swap of neighbours."""
    state = 0
    for place, sign in enumerate(reversed(digits)):
        state = _D5[state][_PERMUTED[place % 8][int(sign)]]
    return state == 0


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of the digits, each times its weight; further digits do not count."""
    return sum(int(sign) * weight for sign, weight in zip(digits, weights, strict=False))


def mod_11_2(text: str) -> bool:
    """ISO/IEC 7064, MOD 11-2: the last sign is the check, X is ten."""
    total = 0
    for sign in text[:-1]:
        total = (total + int(sign)) * 2
    return (12 - total % 11) % 11 == (10 if text[-1] in "Xx" else int(text[-1]))


def mod_11_10(digits: str) -> bool:
    """ISO/IEC 7064, MOD 11,10: the last digit is the check."""
    product = 10
    for sign in digits[:-1]:
        total = (int(sign) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def mod_97(text: str) -> bool:
    """ISO/IEC 7064, MOD 97-10: letters are 10 to 35, the remainder is 1."""
    return int("".join(str(int(sign, 36)) for sign in text)) % 97 == 1


def is_day(year: int, month: int, day: int) -> bool:
    """Whether there is such a day."""
    try:
        return date(year, month, day) is not None
    except ValueError:
        return False


def is_day_of_century(year: int, month: int, day: int) -> bool:
    """Whether there is such a day in 1900 + year or in 2000 + year."""
    return is_day(1900 + year, month, day) or is_day(2000 + year, month, day)


def bare(text: str) -> str:
    """Without signs that only part a number: spaces, hyphens, dots, slashes; letters in capitals."""
    return "".join(sign for sign in text if sign.isalnum()).upper()
