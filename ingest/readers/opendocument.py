"""ODS, the tables of OpenDocument 1.3: what they span, which formulas failed, and white space that trips the reader."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

BLOCK = 1 << 20
CONTENT = "content.xml"
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})
# Between the cells of a row stands nothing that means anything (19.596 and after), and calamine stumbles over it.
_BETWEEN = re.compile(rb"(<table:table-row(?:\s[^<>]*)?>|</table:(?:covered-)?table-cell>|<table:[^<>]*/>)\s+(?=<)")
_LONGEST_ERROR = 100


@dataclass(frozen=True, slots=True)
class FailedCells:
    """A cell whose formula failed, from 0, and how often its row and it are repeated."""

    row: int
    column: int
    error: str
    rows: int = 1
    columns: int = 1


class OpenDocumentScan:
    """Counts what the repetitions of rows and cells of the largest table come to, less empty ones at the end.

    ``failed`` has the failed cells of each table by its name.
    """

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self.failed: dict[str, list[FailedCells]] = {}
        self._table: list[FailedCells] = []
        self._total = self._waiting = self._repeat = self._width = self._filled = 0
        self._failing: tuple[int, int] | None = None
        self._text: list[str] = []

    def read(self, part: Any) -> None:
        """Read content.xml through. Raises ExpatError, ValueError."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        while data := part.read(BLOCK):
            parser.Parse(data, False)
        parser.Parse(b"", True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._total = self._waiting = 0
            self._table = self.failed.setdefault(attributes.get("table:name", ""), [])
        elif name == "table:table-row":
            self._repeat = int(attributes.get("table:number-rows-repeated", 1))
            self._width = self._filled = 0
        elif name in _CELLS:
            columns = int(attributes.get("table:number-columns-repeated", 1))
            if attributes.get("calcext:value-type") == "error":
                self._failing, self._text = (self._width, columns), []
            self._width += columns
            if "office:value-type" in attributes or "calcext:value-type" in attributes:
                self._filled = self._width

    def _characters(self, text: str) -> None:
        if self._failing is not None and len(self._text) < _LONGEST_ERROR:
            self._text.append(text)

    def _end(self, name: str) -> None:
        if name in _CELLS and self._failing is not None:
            column, columns = self._failing
            error = "".join(self._text).strip()[:_LONGEST_ERROR]
            self._table.append(FailedCells(self._total + self._waiting, column, error, self._repeat, columns))
            self._failing = None
        if name != "table:table-row":
            return
        if not self._filled:
            self._waiting += self._repeat
            return
        self._total += self._waiting + self._repeat
        self._waiting = 0
        self.rows = max(self.rows, self._total)
        self.columns = max(self.columns, self._filled)


def without_white_space(path: Path) -> io.BytesIO:
    """The document with nothing between the cells of a row; texts stay as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, _BETWEEN.sub(rb"\1", data) if entry.filename == CONTENT else data)
    buffer.seek(0)
    return buffer
