"""Quotes that do not do what quotes do: found while the file is read, and mended in a copy of it.

A quoted cell ends at a quote before a delimiter or line end, and quotes within are doubled. Parsers take a quote that
nothing closes for the beginning of a cell that swallows the lines after it, and drop quotes that are not doubled;
neither says so. ``inspect`` sees both in the bytes; ``mend_quotes`` writes the lines concerned anew.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from catalog.findings import Finding
from ingest.text.dialect import Dialect
from ingest.text.file import TextFile

MAX_CELL_LINES = 1_000
_EITHER, _OPEN, _CLOSE, _LONE = range(4)


def look_mended(columns: Sequence[Any], quote: str) -> tuple[bool, bool]:
    """Whether a cell of a batch holds a line break, and whether one looks as if the parser had closed it too early.

    The first is what a cell does that swallowed the lines after a quote never closed. The second goes on as plain text
    to its true closing quote, so that it ends with a quote; and as its first inner quote is gone, the first that is
    left closes something: it stands behind a letter or sign, not behind a blank.
    """
    sign = quote.encode()
    pattern = rf"(?s)^[^{quote}]*[^\s{quote}(\[{{](?:{quote}.*)?{quote}$"
    lines = mended = False
    for column in columns:
        data = column.buffers()[2]
        if data is None:
            continue
        text = data.to_pybytes()
        lines = lines or b"\n" in text or b"\r" in text
        if not mended and sign in text:
            ends = pc.ends_with(column, quote)
            mended = pc.any(ends).as_py() and pc.any(pc.match_substring_regex(column.filter(ends), pattern)).as_py()
    return lines, bool(mended)


def inspect(data: bytes, dialect: Dialect) -> tuple[bool, bool | None]:
    """Whether a quote in a stretch of text stands where it does not belong, and whether one is open at its end.

    The second is None when no quote in the stretch tells.
    Runs of quotes are sorted into those that open a cell, close one, or stand within it; pairs are escapes. Two that
    open without one that closes between them, or a lone one within a quoted cell, are faults. The stretch may begin
    anywhere. It may take a sound text for a faulty one, which costs time and changes nothing.
    """
    if dialect.escape:
        return False, None
    codes = np.frombuffer(data, dtype=np.uint8)
    at = np.flatnonzero(codes == ord(dialect.quote))
    if not len(at):
        return False, None
    first = np.concatenate([[True], np.diff(at) > 1])
    starts = at[first]
    lengths = np.diff(np.append(np.flatnonzero(first), len(at)))
    # Pairs are escapes or empty cells. What lies before the stretch is not known: a run at its beginning is left out.
    odd = (lengths % 2 == 1) & (starts > 0)
    starts, ends = starts[odd], (starts + lengths)[odd]
    if not len(starts):
        return False, None
    edges = np.zeros(256, dtype=bool)
    edges[[ord(dialect.delimiter), 10, 13]] = True
    opens = edges[codes[starts - 1]]
    closes = (ends == len(codes)) | edges[codes[np.minimum(ends, len(codes) - 1)]]
    kinds = np.where(opens & closes, _EITHER, np.where(opens, _OPEN, np.where(closes, _CLOSE, _LONE)))
    faults = (kinds[:-1] == _OPEN) & ((kinds[1:] == _OPEN) | (kinds[1:] == _LONE))
    return bool(faults.any()), bool(kinds[-1] == _OPEN)


def mend_quotes(text: TextFile, dialect: Dialect, limit: int) -> tuple[TextFile, tuple[Finding, ...]]:
    """A copy of the text in which every quote does what quotes do, and a finding for each mended line.

    Records keep their lines, so that lines stay the original's. Raises UnicodeDecodeError where the text is no UTF-8
    after all, and RejectionError for a line of more than ``limit`` characters.
    """
    target = Path(text.workdir or text.path.parent) / f"{text.path.name}.mended"
    findings: list[Finding] = []
    mender = _Mender(dialect, findings.append)
    with target.open("w", encoding="utf-8", newline="") as out:
        for piece in mender.mended(text.lines(limit)):
            out.write(piece)
    return replace(text, path=target, start=0, size=target.stat().st_size), tuple(findings)


class _Mender:
    def __init__(self, dialect: Dialect, report: Callable[[Finding], None]) -> None:
        self._dialect = dialect
        self._report = report
        quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
        self._closing = re.compile(rf"{quote}(?={delimiter}|$)")
        self._opening = re.compile(rf"(?:^|(?<={delimiter})){quote}(?!{quote}|{delimiter}|[\r\n]|$)")

    def mended(self, lines: Iterator[str]) -> Iterator[str]:
        """The text line by line; only lines at fault are changed."""
        number = 0
        ahead: deque[str] = deque()
        while (line := ahead.popleft() if ahead else next(lines, None)) is not None:
            number += 1
            if self._dialect.quote not in line or self._is_sound(line):
                yield line
            elif rest := self._lines_of_cell(line, lines, ahead):
                yield line
                for _ in range(rest):
                    yield ahead.popleft()
                number += rest
            else:
                yield self._mend(line, number)

    def _lines_of_cell(self, line: str, lines: Iterator[str], ahead: deque[str]) -> int:
        """How many of the next lines belong to a cell that is open at the end of ``line``; 0 if none closes it.

        A line without an odd number of quotes can't close it; one that opens a cell of its own belongs to another.
        """
        record = [line]
        while len(record) <= MAX_CELL_LINES:
            if len(record) > len(ahead):
                following = next(lines, None)
                if following is None:
                    return 0
                ahead.append(following)
            record.append(ahead[len(record) - 1])
            if record[-1].count(self._dialect.quote) % 2:
                return len(record) - 1 if self._closes_first(record[-1]) and self._is_sound(*record) else 0
        return 0

    def _closes_first(self, line: str) -> bool:
        opening = self._opening.search(line)
        closing = self._closing.search(line.rstrip("\r\n"))
        return closing is not None and (opening is None or closing.start() < opening.start())

    def _is_sound(self, *lines: str) -> bool:
        """Whether the lines are one record that is well punctuated and closed."""
        try:
            return sum(1 for _ in self._dialect.reader(iter(lines), strict=True)) <= 1
        except csv.Error:
            return False

    def _mend(self, line: str, number: int) -> str:
        self._report(Finding("quotes-mended", line=number, value=line.rstrip("\r\n")))
        body = line.rstrip("\r\n")
        cells = self._cells(body)
        quote = self._dialect.quote
        return (
            self._dialect.delimiter.join(
                quote + cell.replace(quote, quote * 2) + quote
                if quote in cell or self._dialect.delimiter in cell
                else cell
                for cell in cells
            )
            + line[len(body) :]
        )

    def _cells(self, body: str) -> list[str]:
        """The cells of one line: a quote that closes nothing, or that nothing closes, is a sign like others."""
        quote, delimiter = self._dialect.quote, self._dialect.delimiter
        cells, at = [], 0
        while at <= len(body):
            if body.startswith(quote, at) and (end := self._closing.search(body, at + 1)):
                cells.append(body[at + 1 : end.start()].replace(quote * 2, quote))
                at = end.end() + 1
                continue
            end_at = body.find(delimiter, at)
            end_at = len(body) if end_at < 0 else end_at
            cells.append(body[at:end_at])
            at = end_at + 1
        return cells
