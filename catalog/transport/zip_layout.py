"""A ZIP archive whose every byte has its place before one is read: stored entries, Zip64 (PKWARE APPNOTE 6.3.10).

Nothing is compressed (Parquet is already), so that lengths are known and any range can be sent. Only the checksums of
entries are not known beforehand: they stand behind the data (4.3.9) and in the directory at the end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

_LOCAL, _DESCRIPTOR, _CENTRAL = 0x04034B50, 0x08074B50, 0x02014B50
_END64, _LOCATOR, _END = 0x06064B50, 0x07064B50, 0x06054B50
_VERSION = 45
_FLAGS = 1 << 3 | 1 << 11
"""The checksum follows the data; names are UTF-8."""
_MAX32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the archive: ``data`` where it is small, else the object under ``key``, of ``size`` bytes."""

    name: str
    size: int
    data: bytes | None = None
    key: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the archive: bytes that are made when they are asked for, or a stretch of an object."""

    start: int
    length: int
    make: Callable[[], bytes] | None = None
    entry: Entry | None = None


class Layout:
    """Where everything stands. ``crc_of`` gives the CRC-32 of an entry's bytes."""

    def __init__(self, entries: Sequence[Entry], *, moment: datetime, crc_of: Callable[[Entry], int]) -> None:
        self._entries = entries
        self._time = _dos_time(moment)
        self._crc_of = crc_of
        self._offsets: list[int] = []
        self.pieces = list(self._laid_out())
        last = self.pieces[-1]
        self.size = last.start + last.length

    def within(self, start: int, length: int) -> Iterator[tuple[Piece, int, int]]:
        """The pieces that hold these bytes, each with the offset within it and how many of its bytes are meant."""
        end = start + length
        for piece in self.pieces:
            first, last = max(start, piece.start), min(end, piece.start + piece.length)
            if first < last:
                yield piece, first - piece.start, last - first

    def _laid_out(self) -> Iterator[Piece]:
        at = 0
        for entry in self._entries:
            self._offsets.append(at)
            header = self._local_header(entry)
            yield Piece(at, len(header), make=_constant(header))
            at += len(header)
            if entry.size:
                yield Piece(at, entry.size, entry=entry)
                at += entry.size
            yield Piece(at, 24, make=self._descriptor_of(entry))
            at += 24
        length = sum(46 + len(entry.name.encode()) + 28 for entry in self._entries) + 56 + 20 + 22
        yield Piece(at, length, make=lambda: self._directory(at))

    def _local_header(self, entry: Entry) -> bytes:
        name = entry.name.encode()
        fixed = struct.pack("<IHHHIIIIHH", _LOCAL, _VERSION, _FLAGS, 0, self._time, 0, _MAX32, _MAX32, len(name), 20)
        return fixed + name + struct.pack("<HHQQ", 1, 16, entry.size, entry.size)

    def _descriptor_of(self, entry: Entry) -> Callable[[], bytes]:
        return lambda: struct.pack("<IIQQ", _DESCRIPTOR, self._crc_of(entry), entry.size, entry.size)

    def _directory(self, at: int) -> bytes:
        records = b"".join(
            self._central_record(entry, offset) for entry, offset in zip(self._entries, self._offsets, strict=True)
        )
        count, size = len(self._entries), len(records)
        end64 = struct.pack("<IQHHIIQQQQ", _END64, 44, _VERSION, _VERSION, 0, 0, count, count, size, at)
        locator = struct.pack("<IIQI", _LOCATOR, 0, at + size, 1)
        end = struct.pack("<IHHHHIIH", _END, 0, 0, 0xFFFF, 0xFFFF, _MAX32, _MAX32, 0)
        return records + end64 + locator + end

    def _central_record(self, entry: Entry, offset: int) -> bytes:
        name = entry.name.encode()
        made_by = 3 << 8 | _VERSION
        fixed = struct.pack(
            "<IHHHHIIIIHHHHHII",
            *(_CENTRAL, made_by, _VERSION, _FLAGS, 0, self._time, self._crc_of(entry), _MAX32, _MAX32),
            *(len(name), 28, 0, 0, 0, 0o100644 << 16, _MAX32),
        )
        return fixed + name + struct.pack("<HHQQQ", 1, 24, entry.size, entry.size, offset)


def crc_of_chunks(chunks: Iterator[bytes]) -> int:
    """CRC-32 of all the bytes."""
    crc = 0
    for chunk in chunks:
        crc = zlib.crc32(chunk, crc)
    return crc


def _constant(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _dos_time(moment: datetime) -> int:
    year = min(max(moment.year, 1980), 2107)
    day = (year - 1980) << 9 | moment.month << 5 | moment.day
    return day << 16 | moment.hour << 11 | moment.minute << 5 | moment.second // 2
