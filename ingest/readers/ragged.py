"""Rows with too few or too many fields, put back in their place between the good ones.

Arrow hands them out apart from the batches. A short row is filled up with nothing, a long one is cut; both
are on record with their whole text. Short rows after the last good row are footnotes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from catalog.findings import Finding
from ingest.text.dialect import Dialect
from ingest.text.layout import is_header

MIN_TABLE_ROWS = 3

_FOOTNOTE = re.compile(
    r"^\W*(source|sources|note|notes|quelle|quellen|hinweis|anmerkung|generated|created|exported|copyright|\(c\)|©"
    r"|total rows|[*#†‡—])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class RaggedRow:
    """``number`` counts the records after the header, from 1, ragged ones among them."""

    number: int
    actual: int
    text: str


class Mender:
    """Puts the ragged rows of a pass back among the good rows of its batches."""

    def __init__(self, dialect: Dialect, width: int, first_row: int) -> None:
        self._dialect = dialect
        self._width = width
        self._first_row = first_row
        self._next = 1
        self._waiting: list[RaggedRow] = []
        self.seen = 0
        self.last_number = 0
        # Places of the comments among the records, from 0.
        self.comments: list[int] = []

    def take(self, row: RaggedRow) -> None:
        """Called by the parser for each ragged row, before the batch that follows it is handed out."""
        self._waiting.append(row)
        self.seen += 1
        self.last_number = row.number

    @property
    def records(self) -> int:
        """Records passed so far, comments among them."""
        return self._next - 1

    @property
    def waiting(self) -> int:
        """Ragged rows that no batch has taken in yet."""
        return len(self._waiting)

    def mend(self, columns: list[Any], count: int) -> tuple[list[Any], int, tuple[Finding, ...]]:
        """The batch of ``count`` good rows with the ragged ones that come before its last row, less comments."""
        inside: list[RaggedRow] = []
        for place, row in enumerate(self._waiting):
            if row.number - self._next - place >= count:
                break
            inside.append(row)
        if not inside:
            self._next += count
            return columns, count, ()
        del self._waiting[: len(inside)]
        # How many good rows stand before each of them.
        cuts = [row.number - self._next - place for place, row in enumerate(inside)]
        kept = [(row, cut) for row, cut in zip(inside, cuts, strict=True) if not self._is_comment(row)]
        notes = self._without_comments(inside)
        mended, findings = self._repair([row for row, _cut in kept])
        self._next += count + len(inside)
        places = [cut for _row, cut in kept]
        columns = [_splice(good, extra, places) for good, extra in zip(columns, mended, strict=True)]
        return columns, count + len(kept), (*findings, *notes)

    def rest(self) -> tuple[list[Any], int, tuple[Finding, ...]]:
        """After the last good row: the ragged rows that are data, and findings for the footnotes and comments."""
        rows = self._waiting
        self._waiting = []
        cut = len(rows)
        while cut and self._is_footnote(rows[cut - 1]):
            cut -= 1
        code = "lines-after-table"
        if cut == len(rows) and self._is_another_table(rows):
            cut, code = 0, "second-table"
        below = rows[cut:]
        notes = self._without_comments(rows[:cut])
        data = [row for row in rows[:cut] if not self._is_comment(row)]
        self.seen -= len(below)
        columns, findings = self._repair(data)
        self._next += cut
        found = (Finding(code, row=self._row(row), value=row.text.rstrip("\r\n")) for row in below)
        return columns, len(data), (*findings, *notes, *found)

    def _without_comments(self, rows: list[RaggedRow]) -> tuple[Finding, ...]:
        """Count the comments among the rows out, and say each."""
        comments = [row for row in rows if self._is_comment(row)]
        self.comments += [row.number - 1 for row in comments]
        self.seen -= len(comments)
        return tuple(Finding("comment-lines", value=row.text.rstrip("\r\n")) for row in comments)

    def _row(self, row: RaggedRow) -> int:
        """Its number among the records, comments not counted."""
        return row.number - bisect_left(self.comments, row.number - 1) + self._first_row - 1

    def _is_comment(self, row: RaggedRow) -> bool:
        """A line such as "# measured again" between the rows of a table."""
        return row.actual < self._width and row.text.lstrip().startswith("#")

    def _is_another_table(self, rows: list[RaggedRow]) -> bool:
        """Whether what is left looks like a table of its own: a header over rows of the same number of fields."""
        widths = {row.actual for row in rows}
        if len(rows) < MIN_TABLE_ROWS or len(widths) != 1 or rows[0].actual < MIN_TABLE_ROWS - 1:
            return False
        first, *others = (self._dialect.split(row.text) for row in rows[:100])
        return is_header(first, [fields for fields in others if len(fields) == len(first)])

    def _is_footnote(self, row: RaggedRow) -> bool:
        if row.actual >= self._width:
            return False
        return row.actual == 1 or bool(_FOOTNOTE.match(row.text.lstrip(self._dialect.quote)))

    def _repair(self, rows: list[RaggedRow]) -> tuple[list[Any], tuple[Finding, ...]]:
        width = self._width
        cells: list[list[str | None]] = [[] for _ in range(width)]
        findings = []
        for row in rows:
            fields = self._dialect.split(row.text)
            for place in range(width):
                cells[place].append((fields[place] or None) if place < len(fields) else None)
            findings.append(
                Finding(
                    "row-too-short" if row.actual < width else "row-too-long",
                    row=self._row(row),
                    value=row.text.rstrip("\r\n"),
                    params={"actual": row.actual, "expected": width},
                )
            )
        return [pa.array(column, pa.string()) for column in cells], tuple(findings)


def _splice(good: Any, extra: Any, cuts: list[int]) -> Any:
    """``good`` with the cells of ``extra`` put in, each before the good one at its cut."""
    pieces: list[Any] = []
    start = 0
    for place, cut in enumerate(cuts):
        pieces += [good.slice(start, cut - start), extra.slice(place, 1)]
        start = cut
    return pa.concat_arrays([*pieces, good.slice(start)])
