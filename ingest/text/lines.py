"""On which physical line a record stands: records are for programs, lines for people with an editor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

BLOCK = 4 << 20
_LF, _CR = 10, 13


class LineIndex:
    """Walks a delimited text once and notes where the wanted records begin.

    A line end inside of quotes does not end a record, and blank lines are no records. Quotes are told by
    their parity, as the byte-range splitter does it: a stray quote in an unquoted field would shift the lines
    after it, never the rows.
    """

    def __init__(self, quote: str) -> None:
        self._quote = ord(quote)

    def find(self, path: Path, start: int, first_line: int, records: int, lines: int | None, wanted: Any) -> Any:
        """Lines (int64) of the records ``wanted`` (ascending, 0 is the first after ``start``).

        ``first_line`` is the physical line at ``start``, ``records`` how many there are in all, and ``lines`` on how
        many lines (None if that can't be told).
        """
        if lines == records:
            # A line a record, as nearly every file has it: nothing has to be walked.
            return np.asarray(wanted, dtype=np.int64) + first_line
        return self._walk(path, start, first_line, wanted)

    def _walk(self, path: Path, start: int, first_line: int, wanted: Any) -> Any:
        lines = np.full(len(wanted), 0, dtype=np.int64)
        record, line, quoted, done = 0, first_line, False, 0
        with path.open("rb") as file:
            file.seek(start)
            carry = b""
            while done < len(wanted):
                data = file.read(BLOCK)
                block = carry + data if data else carry + b"\n"
                # A CR at the edge may be half of a CRLF.
                cut = max(block.rfind(b"\n"), block.rfind(b"\r", 0, len(block) - 1)) + 1
                if not data and not carry:
                    break
                if not cut:
                    carry = block
                    continue
                carry = block[cut:]
                begins, begin_lines, line, quoted = self._records(block[:cut], line, quoted)
                while done < len(wanted) and wanted[done] < record + len(begins):
                    stop = int(np.searchsorted(wanted, record + len(begins)))
                    lines[done:stop] = begin_lines[wanted[done:stop] - record]
                    done = stop
                record += len(begins)
            lines[done:] = line
        return lines

    def _records(self, block: bytes, line: int, quoted: bool) -> tuple[Any, Any, int, bool]:
        """Start offsets and lines of the records that begin in the block, which ends with a line end."""
        data = np.frombuffer(block, dtype=np.uint8)
        ends = self._line_ends(block, data)
        quotes = np.flatnonzero(data == self._quote)
        # A line end is inside of quotes when an odd number of them stands before it.
        closing = (np.searchsorted(quotes, ends) + int(quoted)) % 2 == 0
        starts = np.concatenate([[0], ends[:-1] + 1])
        opens = np.concatenate([[not quoted], closing[:-1]])
        crlf = (data[ends] == _LF) & (ends > starts) & (data[np.maximum(ends - 1, 0)] == _CR)
        blank = (ends - starts - crlf == 0) & closing
        begins = opens & ~blank
        numbers = line + np.arange(len(ends))
        return starts[begins], numbers[begins], line + len(ends), not closing[-1]

    @staticmethod
    def _line_ends(block: bytes, data: Any) -> Any:
        """Offsets of the last byte of each line end: LF, CRLF or a CR alone."""
        if b"\r" not in block:
            return np.flatnonzero(data == _LF)
        lf, cr = data == _LF, data == _CR
        alone = cr.copy()
        alone[:-1] &= ~lf[1:]
        return np.flatnonzero(lf | alone)
