"""Digits of other scripts (１２３, ١٢٣, १२३) and the marks that go with them, as the ASCII ones."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# Full-width and Arabic marks that stand in numbers and dates.
_MARKS = {
    "．": ".", "，": ",", "－": "-", "＋": "+", "％": "%", "（": "(", "）": ")", "／": "/", "：": ":", "　": " ",
    "٫": ".", "٬": ",", "٪": "%",
}  # fmt: skip


# No script above this has decimal digits (Unicode 16).
_LAST = 0x20000


@cache
def _table() -> dict[int, str]:
    digits = {
        code: str(unicodedata.decimal(chr(code)))
        for code in range(128, _LAST)
        if unicodedata.category(chr(code)) == "Nd"
    }
    return digits | {ord(mark): plain for mark, plain in _MARKS.items()}


def has_foreign_digits(text: str) -> bool:
    """Whether a decimal digit stands in it that is not one of 0 to 9."""
    return not text.isascii() and any(sign.isdecimal() and not sign.isascii() for sign in text)


def plain_digits(text: str) -> str:
    """The text with ASCII digits, and with ASCII marks for those that go with the others."""
    return text.translate(_table())


def with_plain_digits(cells: Any) -> Any:
    """The cells of a string array with ASCII digits; a column of plain ASCII costs one look at it."""
    ascii_only = pc.all(pc.string_is_ascii(cells), min_count=0).as_py()
    if ascii_only is not False:
        return cells
    encoded = pc.dictionary_encode(cells)
    words = [plain_digits(text) if has_foreign_digits(text) else text for text in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)
