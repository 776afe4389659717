"""Placeholders that people write where they have no value.

In a column of numbers or dates such a token is evidence in itself. In a column of text it is not: "NA" is
Namibia in a list of country codes. There it is read as missing only when the same file uses the token so in a
typed column, and when it does not look like the column's other values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

PLACEHOLDERS = frozenset(
    {
        "na", "n/a", "n.a.", "n. a.", "n.a", "#n/a", "#n/a n/a", "#na", "<na>", "nan", "-nan", "nat",
        "null", "(null)", "<null>", "#null!", "none", "nil", "\\n",
        "-", "--", "---", "–", "—", ".", "..", "...", "…", "*", "**", "***", "****", "?", "??",
        "missing", "unknown", "not available", "not applicable", "no data",
        "k.a.", "k. a.", "keine angabe", "n.d.", "s.o.", "s/o", "n.v.t.", "n.b.",
    }
)  # fmt: skip

# The forms in which they stand in columns of text, where the few that a file uses are looked for.
FORMS = tuple(sorted({form for token in PLACEHOLDERS for form in (token, token.upper(), token.capitalize())}))

# What spreadsheets leave where a formula failed: a fault in the file and not a missing value.
FAULTS = frozenset({"#ref!", "#div/0!", "#value!", "#name?", "#num!", "#error!", "#getting_data", "#spill!"})

# White space that stands around numbers; a line break in a cell is never padding.
PADDING = " \t\u00a0\u2007\u2009\u202f\u3000"

_CODE = re.compile(r"^[A-Z]{1,4}$")


def is_placeholder(token: str) -> bool:
    """Whether the token, alone in a cell, commonly says that there is no value."""
    folded = token.strip().casefold()
    return not folded or folded in PLACEHOLDERS


def is_blank(token: str) -> bool:
    """Whether the token is nothing but white space (no-break spaces too)."""
    return not token.strip()


def placeholders_in_text(counts: Mapping[str, int], spoken: Iterable[str], *, whole: bool = True) -> tuple[str, ...]:
    """The tokens of ``spoken`` (missing in the file's typed columns) that are missing in this text too.

    ``counts`` are the column's values with how often each stands: all of them if ``whole``, otherwise any token
    may still come.
    """
    tokens = [token for token in spoken if token in counts or not whole]
    others = [value for value in counts if value not in tokens and not is_placeholder(value)]
    return tuple(sorted(token for token in tokens if not _is_code_among(token, others)))


def _is_code_among(token: str, others: list[str]) -> bool:
    """Whether it is one more of such codes: NA among DE, FR and US."""
    if not _CODE.match(token) or not others:
        return False
    alike = sum(1 for value in others if len(value) == len(token) and _CODE.match(value))
    return alike * 2 > len(others)
