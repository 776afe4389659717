"""Values that nobody can read back, yet a person knows what they looked at: ``m•••@e•••.org``.

Of words of four letters and more the first letter stays, of an e-mail's domain its end, and signs between. Of numbers
nothing stays: a few digits of an identity number beside a date of birth would be too much. Lengths are not told.
"""

from __future__ import annotations

import re

DOTS = "•••"
SHOWN = 80
_RUN = re.compile(r"[^\W_]+")


def masked(value: str) -> str:
    """The value with every run of letters or digits hidden; never longer than ``SHOWN`` signs."""
    at = value.rfind("@")
    if at < 0:
        return _clipped(_RUN.sub(_hidden, value))
    host, dot, end = value[at + 1 :].rpartition(".")
    shown_end = end if dot and end.isalpha() and len(end) <= 6 and _is_plain(host) else _RUN.sub(_hidden, end)
    return _clipped(f"{_RUN.sub(_hidden, value[:at])}@{_RUN.sub(_hidden, host)}{dot}{shown_end}")


def masked_number(value: str) -> str:
    """The value with every letter and digit hidden."""
    return _clipped(_RUN.sub(DOTS, value))


def _hidden(run: re.Match[str]) -> str:
    text = run.group()
    keeps = len(text) >= 4 and text.isalpha() and text.isascii()
    return f"{text[0]}{DOTS}" if keeps else DOTS


def _is_plain(text: str) -> bool:
    return _RUN.search(text) is not None


def _clipped(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
