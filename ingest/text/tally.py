"""How many quotes and line ends a text has, counted while somebody else reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np

# What stays in the processor's cache is counted at 5 GB/s, five times as fast as bytes.count where hits are many.
BLOCK = 1 << 18
_LF, _CR = 10, 13


class Tally:
    """Counts the bytes from ``start`` on; ``advance`` as far as they are known to be wanted.

    Counting behind a parser finds the bytes in the page cache, so that one pass over the text does for both.
    """

    def __init__(self, path: Path, start: int, quote: str) -> None:
        self._file = path.open("rb", buffering=0)
        self._file.seek(start)
        self._position = start
        self._quote = ord(quote)
        self._buffer = bytearray(BLOCK)
        self._line_ends = 0
        self._pairs = 0
        self._returns = 0
        self._last = _LF
        self.quotes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._file.close()

    def advance(self, position: int) -> None:
        """Count up to a position in the file (bytes), or to its end if that comes first."""
        with memoryview(self._buffer) as view:
            while self._position < position:
                count = self._file.readinto(view[: position - self._position])
                if not count:
                    return
                self._position += count
                self._count(np.frombuffer(self._buffer, dtype=np.uint8, count=count))

    def _count(self, data: Any) -> None:
        self.quotes += int(np.count_nonzero(data == self._quote))
        feeds = data == _LF
        self._line_ends += int(np.count_nonzero(feeds))
        returns = data == _CR
        if returns.any() or self._last == _CR:
            self._returns += int(np.count_nonzero(returns))
            self._pairs += int(np.count_nonzero(returns[:-1] & feeds[1:])) + int(self._last == _CR and feeds[0])
        self._last = int(data[-1])

    @property
    def lines(self) -> int | None:
        """Lines so far, each ended by LF or CRLF, the last perhaps by nothing; None when a CR stands alone."""
        if self._returns != self._pairs:
            return None
        return self._line_ends + (self._last != _LF)
