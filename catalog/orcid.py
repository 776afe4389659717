"""ORCID iDs: sixteen characters in groups of four, the last of which is computed from the others (ISO 7064, 11-2)."""

from __future__ import annotations

import re

_FORM = re.compile(r"(?:[0-9]{4}-){3}[0-9]{3}[0-9X]")


def is_orcid(text: str) -> bool:
    """Whether this is written as an ORCID iD is, and its check character fits."""
    return _FORM.fullmatch(text) is not None and _check_of(text.replace("-", "")[:-1]) == text[-1]


def _check_of(digits: str) -> str:
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)
