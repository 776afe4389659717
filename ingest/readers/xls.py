"""XLS, Excel's workbooks of before 2007 [MS-XLS] in a compound file [MS-CFB]: which formulas failed.

The library that reads the cells leaves those with an error empty. They are told by the records BoolErr and Formula.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.xlsb import error_of

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = struct.Struct("<8s16sHHHHH6sIIIIIIIIII")
_DIRECTORY_ENTRY = 128
_STREAMS = ("Workbook", "Book")
_LAST = 0xFFFFFFFA
"""Sector numbers from here on are no sectors but marks."""
_IN_HEADER = 109
# Records of [MS-XLS] 2.3.2.
_BOF, _EOF, _BOUND_SHEET, _BOOL_ERR, _FORMULA = 0x0809, 0x000A, 0x0085, 0x0205, 0x0006

Failed = list[tuple[int, int, str]]


class NoCompoundFile(ValueError):
    """The bytes are not laid out as [MS-CFB] has it."""


def failed_cells(path: Path) -> dict[str, Failed]:
    """The failed cells (row and column from 0, error) of each sheet, by its name.

    Empty where the file is not laid out as the format has it: whether it can be read at all, the reader tells.
    """
    try:
        stream = _Compound(path.read_bytes()).stream(_STREAMS)
        return _failed_by_sheet(stream)
    except (NoCompoundFile, struct.error):
        return {}


class _Compound:
    """A file of files: sectors of a fixed size, chained by a table (FAT); small ones within a stream of their own."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512 or not data.startswith(SIGNATURE):
            raise NoCompoundFile
        head = _HEADER.unpack_from(data)
        shift, small_shift = head[5], head[6]
        if shift not in {9, 12} or small_shift != 6:
            raise NoCompoundFile
        self._data, self._size, self._small_size = data, 1 << shift, 1 << small_shift
        first_directory, self._cutoff, first_small, first_index, index_count = (
            head[10],
            head[12],
            head[13],
            head[15],
            head[16],
        )
        self._table = self._read_table(first_index, index_count)
        self._directory = self._chain(first_directory)
        self._small_table = self._numbers(self._chain(first_small)) if first_small < _LAST else ()

    def stream(self, names: tuple[str, ...]) -> bytes:
        """The stream of one of these names. Raises NoCompoundFile."""
        root = self._directory[:_DIRECTORY_ENTRY]
        for at in range(0, len(self._directory) - _DIRECTORY_ENTRY + 1, _DIRECTORY_ENTRY):
            entry = self._directory[at : at + _DIRECTORY_ENTRY]
            length = struct.unpack_from("<H", entry, 64)[0]
            name = entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
            if name in names and entry[66] == 2:
                start, size = struct.unpack_from("<II", entry, 116)
                if size >= self._cutoff:
                    return self._chain(start)[:size]
                return self._small_chain(start, self._chain(struct.unpack_from("<I", root, 116)[0]))[:size]
        raise NoCompoundFile

    def _read_table(self, first_index: int, index_count: int) -> tuple[int, ...]:
        """The number of the next sector, for each sector: its own sectors are listed in the header and after it."""
        places = list(struct.unpack_from(f"<{_IN_HEADER}I", self._data, 76))
        at = first_index
        for _ in range(min(index_count, len(self._data) // self._size)):
            listed = self._numbers(self._sector(at))
            if not listed:
                raise NoCompoundFile
            places += listed[:-1]
            at = listed[-1]
        return self._numbers(b"".join(self._sector(place) for place in places if place < _LAST))

    @staticmethod
    def _numbers(data: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        return self._data[at : at + self._size]

    def _chain(self, number: int) -> bytes:
        return b"".join(self._sector(place) for place in _follow(number, self._table))

    def _small_chain(self, number: int, within: bytes) -> bytes:
        size = self._small_size
        return b"".join(within[place * size : (place + 1) * size] for place in _follow(number, self._small_table))


def _follow(number: int, table: tuple[int, ...]) -> Iterator[int]:
    """The numbers of a chain. Raises NoCompoundFile where it runs in a circle or out of the table."""
    for _ in range(len(table) + 1):
        if number >= _LAST:
            return
        if number >= len(table):
            raise NoCompoundFile
        yield number
        number = table[number]
    raise NoCompoundFile


def _failed_by_sheet(stream: bytes) -> dict[str, Failed]:
    begins: dict[str, int] = {}
    for kind, at, size in _records(stream, 0, len(stream)):
        if kind == _BOUND_SHEET and size >= 8:
            begin, _visible, _type, length, wide = struct.unpack_from("<IBBBB", stream, at)
            raw = stream[at + 8 : at + 8 + length * (1 + (wide & 1))]
            begins[raw.decode("utf-16-le" if wide & 1 else "latin-1", "replace")] = begin
    # Each sheet ends where the next begins at the latest, so that sheets within sheets take no more time.
    ends = sorted({*begins.values(), len(stream)})
    found = {}
    for name, begin in begins.items():
        end = next((end for end in ends if end > begin), len(stream))
        found[name] = list(_failed_in_sheet(stream, begin, end))
    return found


def _failed_in_sheet(stream: bytes, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    for kind, at, size in _records(stream, begin, end):
        if kind == _BOOL_ERR and size >= 8:
            row, column, _format, code, is_error = struct.unpack_from("<HHHBB", stream, at)
        elif kind == _FORMULA and size >= 14 and stream[at + 12 : at + 14] == b"\xff\xff":
            row, column, _format, what, _, code = struct.unpack_from("<HHHBBB", stream, at)
            is_error = what == 2
        else:
            continue
        if is_error:
            yield row, column, error_of(code)


def _records(stream: bytes, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Type, place and size of the records of a substream, up to its end; charts within a sheet are passed over."""
    at, depth = begin, 0
    while at + 4 <= end:
        kind, size = struct.unpack_from("<HH", stream, at)
        at += 4
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, at, size
        at += size
