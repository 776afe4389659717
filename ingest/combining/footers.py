"""The Arrow schema of a Parquet file that lies somewhere else: only its footer is fetched."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

# Called with the first byte's place and how many bytes.
ReadRange = Callable[[int, int], bytes]

_END = 8  # The footer's length in four bytes, and the magic number (parquet.thrift, "File format").
_GUESS = 64 << 10


def schema_from(read: ReadRange, size: int) -> Any:
    """The schema of a Parquet file of ``size`` bytes, in one or two reads. Raises pa.ArrowInvalid if it is none."""
    tail = read(max(0, size - _GUESS), min(size, _GUESS))
    needed = _END + int.from_bytes(tail[-_END:-4], "little")
    if needed > len(tail):
        tail = read(size - needed, needed)
    return pq.read_metadata(pa.PythonFile(_Tail(tail, size), mode="r")).schema.to_arrow_schema()


class _Tail(io.RawIOBase):
    """A file of which only the end is here; what stands before it can't be read."""

    def __init__(self, tail: bytes, size: int) -> None:
        super().__init__()
        self._tail, self._size, self._at = tail, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def size(self) -> int:
        return self._size

    def read(self, size: int = -1, /) -> bytes:
        begin = self._at - (self._size - len(self._tail))
        if begin < 0:
            raise OSError("only the end of this file is here")
        data = self._tail[begin : None if size < 0 else begin + size]
        self._at += len(data)
        return data
