"""Rows with too few or too many fields, put back in their place between the good ones.

Arrow hands them out apart from the batches. A short row is filled up with nothing, a long one is cut; both
are on record with their whole text. Short rows after the last good row are footnotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from catalog.findings import Finding
from ingest.dialect import Dialect

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

    def take(self, row: RaggedRow) -> None:
        """Called by the parser for each ragged row, before the batch that follows it is handed out."""
        self._waiting.append(row)
        self.seen += 1
        self.last_number = row.number

    @property
    def rows(self) -> int:
        """Records passed so far."""
        return self._next - 1

    @property
    def waiting(self) -> int:
        """Ragged rows that no batch has taken in yet."""
        return len(self._waiting)

    def mend(self, columns: list[Any], count: int) -> tuple[list[Any], int, tuple[Finding, ...]]:
        """The batch of ``count`` good rows with the ragged ones that come before its last row."""
        inside: list[RaggedRow] = []
        for place, row in enumerate(self._waiting):
            if row.number - self._next - place >= count:
                break
            inside.append(row)
        if not inside:
            self._next += count
            return columns, count, ()
        del self._waiting[: len(inside)]
        total = count + len(inside)
        # How many good rows stand before each of them.
        cuts = [row.number - self._next - place for place, row in enumerate(inside)]
        mended, findings = self._repair(inside)
        self._next += total
        return (
            [_splice(good, extra, cuts) for good, extra in zip(columns, mended, strict=True)],
            total,
            findings,
        )

    def rest(self) -> tuple[list[Any], int, tuple[Finding, ...]]:
        """After the last good row: the ragged rows that are data, and a finding for the footnotes."""
        rows = self._waiting
        cut = len(rows)
        while cut and self._is_footnote(rows[cut - 1]):
            cut -= 1
        data, notes = rows[:cut], rows[cut:]
        self._waiting = []
        self.seen -= len(notes)
        columns, findings = self._repair(data)
        self._next += len(data)
        found = list(findings)
        for row in notes:
            value = row.text.rstrip("\r\n")
            found.append(Finding("lines-after-table", row=row.number + self._first_row - 1, value=value))
        return columns, len(data), tuple(found)

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
                    row=row.number + self._first_row - 1,
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
