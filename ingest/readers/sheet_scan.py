"""A look at a workbook before it is loaded: how many cells its sheets span, and which formulas failed.

The library that reads workbooks holds a sheet as one rectangle from its first to its last cell, and leaves cells with
an error empty. So a file of a few hundred bytes can ask for more memory than there is, and a failed formula would be
lost without a word. Both are told by the parts of the package, read once as a stream.
"""

from __future__ import annotations

import lzma
import re
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
from ingest.readers import xlsb
from ingest.readers.opendocument import CONTENT, FailedCells, OpenDocumentScan

BLOCK = 1 << 20
CARRY = 4_096
MAX_INDEX_BYTES = 8 << 20
_REFERENCE = re.compile(rb'<(?:\w{1,8}:)?c\s[^<>]{0,200}?\br="([A-Z]{1,3})([0-9]{1,7})"')
_ERROR = re.compile(
    rb"<(?:\w{1,8}:)?c\s([^<>]{0,200})>(?:<f[^<>]{0,200}>[^<]{0,2000}</f>|<f[^<>]{0,200}/>)?<v>(#[^<]{1,20})</v>"
)
_CELL_NAME = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
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


@dataclass(slots=True)
class Scan:
    """``spans`` has rows and columns by the path of a sheet's part, ``errors`` its failed cells (name, error).

    The sheets of OpenDocument share a part: ``tables`` has their failed cells by the sheet's name. ``has_short_cells``
    is true of XLSB with cells that stand without their columns.
    """

    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    errors: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[FailedCells]] = field(default_factory=dict)
    has_short_cells: bool = False

    def failed(self, sheet: str) -> list[tuple[str, str]]:
        """The failed cells of the sheet of this name."""
        cells = [
            (cell_name(row, column), item.error)
            for item in self.tables.get(sheet, ())
            for row in range(item.row, item.row + item.rows)
            for column in range(item.column, item.column + item.columns)
        ]
        return cells or next((self.errors.get(path, []) for path, name in self.names.items() if name == sheet), [])


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
    elif xlsb.is_sheet(name):
        sheet = xlsb.scan_sheet(part)
        found.spans[name] = sheet.rows, sheet.columns
        found.errors[name] = [(cell_name(row, column), error) for row, column, error in sheet.errors]
        found.has_short_cells |= sheet.has_short
    elif name == CONTENT:
        document = OpenDocumentScan()
        document.read(part)
        found.spans[name] = document.rows, document.columns
        found.tables = document.failed
    else:
        # Read to its end all the same: the checksum tells whether its size is the one that was declared.
        while part.read(BLOCK):
            pass


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The names of the sheets by the paths of their parts."""
    names = set(archive.namelist())
    index, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if xlsb.INDEX in names:
        index, relations = xlsb.INDEX, xlsb.RELATIONS
    if not {index, relations} <= names or any(
        archive.getinfo(name).file_size > MAX_INDEX_BYTES for name in (index, relations)
    ):
        return {}
    if index == xlsb.INDEX:
        return xlsb.sheet_names(archive)
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


def cell_name(row: int, column: int) -> str:
    """The name of the cell at row and column, both from 0: A1, XFD1048576."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
