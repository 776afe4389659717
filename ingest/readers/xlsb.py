"""XLSB, Excel's binary workbooks [MS-XLSB]: what the library that reads them passes over.

A cell right of another may be written without its column ("short" records, 2.4.8 and after; SheetJS writes them).
calamine leaves these out without a word, so that a sheet that has any is given their columns before it is read.
"""

from __future__ import annotations

import io
import struct
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

BLOCK = 1 << 20
INDEX, RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
# Records of 2.3.1: a row's header, a sheet's entry in the workbook; cells are 1 to 11, short ones 12 to 18, in the
# order of 1 to 7.
_ROW_HEADER, _BUNDLE_SHEET = 0, 156
_CELLS = range(1, 12)
_SHORT_CELLS = range(12, 19)
_SHORTER = 11
_ERROR_CELL, _ERROR_FORMULA, _SHORT_ERROR = 3, 11, 14
_CELL_HEAD = 8
# BErr, 2.5.97.2; the same numbers as in XLS.
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}


@dataclass(slots=True)
class SheetScan:
    """Rows and columns that a sheet spans, its failed cells (row and column from 0, error), and if cells are short."""

    rows: int = 0
    columns: int = 0
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    has_short: bool = False


def is_sheet(name: str) -> bool:
    """Whether the part of this name is a sheet's."""
    return name.startswith("xl/worksheets/") and name.endswith(".bin")


def scan_sheet(part: BinaryIO | zipfile.ZipExtFile) -> SheetScan:
    """Read a sheet's part through. Raises EOFError when it ends within a record."""
    found = SheetScan()
    row = column = -1
    for kind, data in _records(part):
        if kind == _ROW_HEADER and len(data) >= 4:
            row, column = _number(data), -1
            found.rows = max(found.rows, row + 1)
        elif kind in _CELLS and len(data) >= _CELL_HEAD:
            column = _number(data)
            if kind in {_ERROR_CELL, _ERROR_FORMULA} and len(data) > _CELL_HEAD:
                found.errors.append((row, column, error_of(data[_CELL_HEAD])))
        elif kind in _SHORT_CELLS:
            column += 1
            found.has_short = True
            if kind == _SHORT_ERROR and len(data) > 4:
                found.errors.append((row, column, error_of(data[4])))
        else:
            continue
        found.columns = max(found.columns, column + 1)
    return found


def with_columns(path: Path) -> io.BytesIO:
    """The workbook with a column in each of its cells."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for entry in old.infolist():
            with old.open(entry) as part, new.open(entry.filename, "w") as target:
                if is_sheet(entry.filename):
                    for piece in _lengthened(part):
                        target.write(piece)
                else:
                    while data := part.read(BLOCK):
                        target.write(data)
    buffer.seek(0)
    return buffer


def sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The names of the sheets by the paths of their parts."""
    # The parser refuses entities that grow (expat 2.4 and later); the caller has looked at the sizes.
    relations = ET.fromstring(archive.read(RELATIONS))  # noqa: S314
    targets = {item.get("Id"): item.get("Target", "") for item in relations}
    found = {}
    with archive.open(INDEX) as part:
        for kind, data in _records(part):
            if kind == _BUNDLE_SHEET:
                relation, end = _text(data, 8)
                target = targets.get(relation, "")
                name, _ = _text(data, end)
                found[target.lstrip("/") if target.startswith("/") else f"xl/{target}"] = name
    return found


def _lengthened(part: Any) -> Iterator[bytes]:
    column = -1
    for kind, data in _records(part):
        if kind == _ROW_HEADER:
            column = -1
        elif kind in _CELLS and len(data) >= _CELL_HEAD:
            column = _number(data)
        elif kind in _SHORT_CELLS:
            column += 1
            yield _record(kind - _SHORTER, struct.pack("<I", column) + data)
            continue
        yield _record(kind, data)


def _number(data: bytes) -> int:
    return int(struct.unpack_from("<I", data)[0])


def error_of(code: int) -> str:
    """What a failed cell shows, by its code."""
    return _ERRORS.get(code, f"error {code}")


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A string of UTF-16 behind its length (2.5.168), and where it ends."""
    if len(data) < at + 4:
        raise EOFError("it ends within a text")
    end = at + 4 + 2 * int(struct.unpack_from("<I", data, at)[0])
    if len(data) < end:
        raise EOFError("it ends within a text")
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _record(kind: int, data: bytes) -> bytes:
    """A record: type and size, each in bytes of seven bits, the lowest first, and what it holds (2.1.4)."""
    return _sevens(kind) + _sevens(len(data)) + data


def _sevens(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _records(part: Any) -> Iterator[tuple[int, bytes]]:
    """The records of a part. Raises EOFError when it ends within the head of one."""
    data, at = b"", 0

    def need(count: int) -> bool:
        nonlocal data, at
        pieces = [data[at:]]
        there = len(pieces[0])
        while there < count and (more := part.read(BLOCK)):
            pieces.append(more)
            there += len(more)
        if len(pieces) > 1:
            data, at = b"".join(pieces), 0
        return there >= count

    def number(most: int) -> int:
        nonlocal at
        found = 0
        for place in range(most):
            if at >= len(data) and not need(1):
                raise EOFError("it ends within a record")
            byte = data[at]
            at += 1
            found |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                break
        return found

    while at < len(data) or need(1):
        kind, size = number(2), number(4)
        if len(data) - at < size and not need(size):
            return
        yield kind, data[at : at + size]
        at += size
