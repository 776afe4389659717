"""Column and resource names that every reader can use, beside the names that people gave."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

NAME_LENGTH = 60
NAME_TAIL = 26

# Letters that Unicode does not take apart into a base letter and a mark.
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "ae",
        "ø": "o",
        "Ø": "o",
        "œ": "oe",
        "Œ": "oe",
        "đ": "d",
        "Đ": "d",
        "ł": "l",
        "Ł": "l",
        "þ": "th",
        "Þ": "th",
        "ð": "d",
        "ı": "i",
        "%": " percent ",
        "€": " eur ",
        "£": " gbp ",
        "$": " usd ",
        "°": " deg ",
        "&": " and ",
        "₂": "2",
        "µ": "u",
    }
)


@dataclass(frozen=True, slots=True)
class ColumnName:
    """``name`` is lower-case and unique in its table; ``reason`` says why it is not plainly the header's.

    ``is_chosen`` where its owner gave it: the header says no more what the column is.
    """

    name: str
    source_name: str
    reason: str = ""
    is_chosen: bool = False


def slug(text: str, separator: str = "_") -> str:
    """``text`` as lower-case ASCII letters and digits with single separators; empty when none are left."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    ascii_only = plain.encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", separator, ascii_only).strip(separator)


def column_names(headers: Sequence[str]) -> tuple[ColumnName, ...]:
    """A usable, unique name for each header, in order.

    ``reason`` is one of "" (only case, spaces and marks were changed), "empty", "script" (no Latin letter or
    digit to make a name of), "repeated" and "long".
    """
    taken: set[str] = set()
    result: list[ColumnName] = []
    numbers: dict[str, int] = {}
    # Names that need no repair go first, so that a repaired one never takes the name of a good one.
    plain = [slug(header) for header in headers]
    claimed = {name for name in plain if name and len(name) <= NAME_LENGTH}
    for position, header in enumerate(headers, start=1):
        name, reason = _single_name(header, plain[position - 1], position)
        if name in taken or (reason and name in claimed):
            reason = reason or "repeated"
            name = _next_free(name, (taken, claimed), "_", numbers)
        taken.add(name)
        result.append(ColumnName(name, header, reason))
    return tuple(result)


def _single_name(header: str, plain: str, position: int) -> tuple[str, str]:
    """The name of one header by itself, and why it is not plainly the header's."""
    if not header.strip():
        return f"column_{position}", "empty"
    if not plain:
        return f"column_{position}", "script"
    return (_shorten(plain), "long") if len(plain) > NAME_LENGTH else (plain, "")


def resource_name(title: str, taken: Collection[str]) -> str:
    """A slug of ``[a-z0-9-]`` that is not in ``taken`` for a table's title; "table" for one of no letter."""
    name = slug(title, "-")[:NAME_LENGTH].strip("-") or "table"
    return _next_free(name, (taken,), "-", {}) if name in taken else name


def _next_free(name: str, taken: Sequence[Collection[str]], separator: str, numbers: dict[str, int]) -> str:
    """``numbers`` remembers how far each name has come, so that 40,000 columns of one name are named in one go."""
    number = numbers.get(name, 2)
    while any(f"{name}{separator}{number}" in names for names in taken):
        number += 1
    numbers[name] = number + 1
    return f"{name}{separator}{number}"


def _shorten(name: str) -> str:
    """The middle of a long name goes: questions of a survey differ at their ends."""
    tail = name[-NAME_TAIL:].lstrip("_")
    return f"{name[: NAME_LENGTH - NAME_TAIL - 1].rstrip('_')}_{tail}"
