"""Check digits, each as its standard defines it."""

from __future__ import annotations


def luhn(digits: str) -> bool:
    """ISO/IEC 7812: every second digit from the right is doubled; the digits of all sum up to a multiple of 10."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        number = int(sign) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def weights_of_three(digits: str) -> bool:
    """GS1: weights 3 and 1 in turn from the right, the check digit having 1; a multiple of 10."""
    return sum(int(sign) * (1 + 2 * (place % 2)) for place, sign in enumerate(reversed(digits))) % 10 == 0


def mod_11(text: str) -> bool:
    """ISBN-10 and ISSN: falling weights down to 1, X is ten; a multiple of 11."""
    return sum((place + 1) * _ten(sign) for place, sign in enumerate(reversed(text))) % 11 == 0


def mod_97(text: str) -> bool:
    """ISO/IEC 7064, MOD 97-10, as IBAN and LEI use it: letters are 10 to 35, the remainder is 1."""
    return int("".join(str(int(sign, 36)) for sign in text)) % 97 == 1


def spelled(text: str) -> str:
    """Letters as the numbers 10 to 35, digits as themselves."""
    return "".join(str(int(sign, 36)) for sign in text)


def _ten(sign: str) -> int:
    return 10 if sign in "Xx" else int(sign)
