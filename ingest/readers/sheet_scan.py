"""A look at a workbook before it is loaded: how many cells its sheets span, and which formulas failed.

The library that reads workbooks holds a sheet as one rectangle from its first to its last cell, and leaves cells with
an error empty. So a file of a few hundred bytes can ask for more memory than there is, and a failed formula would be
lost without a word. Both are told by the parts of the package, read once as a stream.
"""

from __future__ import annotations

import lzma
import re
import struct
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from catalog.findings import Finding
from ingest.limits import Limits
from ingest.outcome import RejectionError

BLOCK = 1 << 20
CARRY = 4_096
MAX_ERRORS = 10_000
MAX_INDEX_BYTES = 8 << 20
_REFERENCE = re.compile(rb'<(?:\w{1,8}:)?c\s[^<>]{0,200}?\br="([A-Z]{1,3})([0-9]{1,7})"')
_ERROR = re.compile(
    rb"<(?:\w{1,8}:)?c\s([^<>]{0,200})>(?:<f[^<>]{0,200}>[^<]{0,2000}</f>|<f[^<>]{0,200}/>)?<v>(#[^<]{1,20})</v>"
)
_CELL_NAME = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Records of [MS-XLSB] 2.5: a row's header, and the cells, which are numbered 1 to 11 and begin with their column.
_ROW_HEADER = 0
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    ET.ParseError,
    expat.ExpatError,
    ValueError,
    NotImplementedError,
    EOFError,
)
_CELLS = range(1, 12)


@dataclass(slots=True)
class Scan:
    """``spans`` has rows and columns by the path of a sheet's part, ``errors`` its failed cells (name, error)."""

    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    errors: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def failed(self, sheet: str) -> list[tuple[str, str]]:
        """The failed cells of the sheet of this name."""
        return next((self.errors.get(path, []) for path, name in self.names.items() if name == sheet), [])


def scan_package(path: Path, limits: Limits) -> Scan:
    """Read the parts of an XLSX, XLSB or ODS file through.

    Raises RejectionError when a sheet spans too many cells or a part is not what the archive's directory says.
    """
    found = Scan()
    try:
        with zipfile.ZipFile(path) as archive:
            found.names = _sheet_names(archive)
            for entry in archive.infolist():
                with archive.open(entry) as stream:
                    _scan_part(entry.filename, stream, found)
    except _DAMAGED as error:
        params: dict[str, Any] = {"format": "a workbook", "reason": str(error)}
        raise RejectionError(Finding("format-damaged", params=params)) from error
    except RuntimeError as error:
        raise RejectionError(Finding("archive-locked", value=path.name)) from error
    for part, (rows, columns) in found.spans.items():
        if rows * columns > limits.max_sheet_cells:
            params = {"cells": f"{rows:,} × {columns:,}", "limit": limits.max_sheet_cells}
            raise RejectionError(Finding("sheet-too-large", value=found.names.get(part, part), params=params))
    return found


def _scan_part(name: str, part: Any, found: Scan) -> None:
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        found.spans[name] = _scan_xml(part, found.errors.setdefault(name, []))
    elif name.startswith("xl/worksheets/") and name.endswith(".bin"):
        found.spans[name] = _scan_records(part)
    elif name == "content.xml":
        found.spans[name] = _scan_opendocument(part)
    else:
        # Read to its end all the same: the checksum tells whether its size is the one that was declared.
        while part.read(BLOCK):
            pass


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The names of the sheets by the paths of their parts."""
    names = set(archive.namelist())
    index, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {index, relations} <= names or any(
        archive.getinfo(name).file_size > MAX_INDEX_BYTES for name in (index, relations)
    ):
        return {}
    # The parser refuses entities that grow (expat 2.4 and later), and the sizes are bounded.
    targets = {item.get("Id"): item.get("Target", "") for item in ET.fromstring(archive.read(relations))}  # noqa: S314
    sheets = [item for item in ET.fromstring(archive.read(index)).iter() if item.tag.endswith("}sheet")]  # noqa: S314
    found = {}
    for item in sheets:
        target = targets.get(item.get(_RELATION), "")
        found[target.lstrip("/") if target.startswith("/") else f"xl/{target}"] = item.get("name", "")
    return found


def _scan_xml(part: Any, errors: list[tuple[str, str]]) -> tuple[int, int]:
    rows = columns = 0
    for block in _blocks(part):
        letters: set[bytes] = set()
        for column, row in _REFERENCE.findall(block):
            letters.add(column)
            rows = max(rows, int(row))
        columns = max([columns, *map(column_number, letters)])
        if b't="e"' in block:
            errors += _errors(block)
    return rows, columns


def _errors(block: bytes) -> Iterator[tuple[str, str]]:
    for attributes, value in _ERROR.findall(block):
        if b't="e"' in attributes and (name := _CELL_NAME.search(attributes)):
            yield name.group(1).decode(), value.decode("utf-8", "replace")


def _blocks(part: Any) -> Iterator[bytes]:
    """The part in pieces that end with a whole cell."""
    carry = b""
    while data := part.read(BLOCK):
        block = carry + data
        cut = block.rfind(b"</c>") + 4
        if cut < CARRY:
            cut = max(len(block) - CARRY, 0)
        carry = block[cut:] if len(block) - cut <= BLOCK else b""
        yield block[:cut]
    yield carry


def column_number(letters: bytes) -> int:
    """A is 1, XFD is 16,384."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


class _Records:
    """The records of a sheet of XLSB: a type and a size, each in bytes of seven bits, and the record's bytes."""

    def __init__(self, part: Any) -> None:
        self._part = part
        self._data = b""
        self._at = 0

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while self._need(1):
            kind, size = self._number(2), self._number(4)
            if not self._need(size):
                return
            # The first four bytes are the row or the column; no other is looked at.
            yield kind, self._data[self._at : self._at + min(size, 4)]
            self._at += size

    def _need(self, count: int) -> bool:
        while len(self._data) - self._at < count and (more := self._part.read(BLOCK)):
            self._data, self._at = self._data[self._at :] + more, 0
        return len(self._data) - self._at >= count

    def _number(self, most: int) -> int:
        number = 0
        for place in range(most):
            if not self._need(1):
                raise EOFError("it ends within a record")
            byte = self._data[self._at]
            self._at += 1
            number |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                break
        return number


def _scan_records(part: Any) -> tuple[int, int]:
    rows = columns = 0
    for kind, start in _Records(part):
        if len(start) < 4:
            continue
        if kind == _ROW_HEADER:
            rows = max(rows, struct.unpack("<I", start)[0] + 1)
        elif kind in _CELLS:
            columns = max(columns, struct.unpack("<I", start)[0] + 1)
    return rows, columns


class _OpenDocument:
    """Counts what the repetitions of rows and cells of the largest table come to, less empty ones at the end."""

    def __init__(self) -> None:
        self.rows = self.columns = 0
        self._total = self._waiting = self._repeat = self._width = self._filled = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._total = self._waiting = 0
        elif name == "table:table-row":
            self._repeat = int(attributes.get("table:number-rows-repeated", 1))
            self._width = self._filled = 0
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            self._width += int(attributes.get("table:number-columns-repeated", 1))
            if "office:value-type" in attributes or "calcext:value-type" in attributes:
                self._filled = self._width

    def end(self, name: str) -> None:
        if name != "table:table-row":
            return
        if not self._filled:
            self._waiting += self._repeat
            return
        self._total += self._waiting + self._repeat
        self._waiting = 0
        self.rows = max(self.rows, self._total)
        self.columns = max(self.columns, self._filled)


def _scan_opendocument(part: Any) -> tuple[int, int]:
    handler = _OpenDocument()
    parser = expat.ParserCreate()
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    while data := part.read(BLOCK):
        parser.Parse(data, False)
    parser.Parse(b"", True)
    return handler.rows, handler.columns
