"""Finding the cells that Arrow's cast accepts although something of them would be lost.

Arrow reads 007 and 0x07 as 7, -0 as 0, 1e400 as infinity and twenty digits as the nearest float. Each check
looks at whole columns: a byte or two a cell (about 2 ns), and regular expressions only for what stands out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.writings.shapes import FLOAT64_SURE_DIGITS, fits_float

_ZERO, _NINE, _MINUS, _PLUS = (ord(sign) for sign in "09-+")


def inexact_integers(cells: Any) -> Any | None:
    """Mask of cells with a leading zero (hexadecimal and "-0" among them), or None when there is none.

    ``cells`` is a string array of which every cell casts to int64 or is null.
    """
    mask = _zero_led(cells, digit_after=False)
    return pa.array(mask) if mask.any() else None


def inexact_numbers(cells: Any, values: Any) -> Any | None:
    """Mask of cells of which ``values`` (their float64) is not the number that stands there, or None."""
    mask = _zero_led(cells, digit_after=True)
    finite = pc.all(pc.is_finite(values), min_count=0).as_py()
    if finite is False:
        mask |= np.asarray(pc.fill_null(pc.invert(pc.is_finite(values)), False))
    lengths = pc.binary_length(cells)
    longest = pc.max(lengths).as_py() or 0
    if longest > FLOAT64_SURE_DIGITS:
        mask |= _too_many_digits(cells, values, lengths)
    return pa.array(mask) if mask.any() else None


def _too_many_digits(cells: Any, values: Any, lengths: Any) -> Any:
    found = np.zeros(len(cells), dtype=bool)
    suspects = pc.indices_nonzero(pc.fill_null(pc.greater(lengths, FLOAT64_SURE_DIGITS), False))
    texts = cells.take(suspects)
    # The digits from the first one that counts to the end of the mantissa; trailing zeros are left to Python, and
    # most long numbers are what a program wrote as the shortest text of the float, which costs no look of its own.
    digits = pc.replace_substring_regex(texts, r"^[+-]?[0.]*|[eE].*$|\.", "")
    long = pc.greater(pc.binary_length(digits), FLOAT64_SURE_DIGITS)
    other = pc.not_equal(pc.cast(values.take(suspects), pa.string()), texts)
    places = pc.indices_nonzero(pc.and_(long, other))
    for place, text in zip(suspects.take(places).to_pylist(), texts.take(places).to_pylist(), strict=True):
        found[place] = not fits_float(text)
    return found


def _zero_led(cells: Any, *, digit_after: bool) -> Any:
    """Cells that begin with 0, or -0, and go on (with a digit, if ``digit_after``)."""
    count = len(cells)
    _, offset_buffer, data_buffer = cells.buffers()
    if count == 0 or data_buffer is None or data_buffer.size == 0:
        return np.zeros(count, dtype=bool)
    offsets = np.frombuffer(offset_buffer, dtype=np.int32)[cells.offset : cells.offset + count + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8)
    starts, lengths = offsets[:-1], np.diff(offsets)
    last = data.size - 1
    first = data[np.minimum(starts, last)]
    signed = (first == _MINUS) | (first == _PLUS)
    if signed.any():
        first = np.where(signed, data[np.minimum(starts + 1, last)], first)
    rest = lengths - signed
    zero = (first == _ZERO) & (rest > 1)
    if not digit_after:
        minus_zero = signed & (first == _ZERO) & (lengths == 2)
        return zero | minus_zero
    if zero.any():
        after = data[np.minimum(starts + signed + 1, last)]
        zero &= (after >= _ZERO) & (after <= _NINE)
    return zero
