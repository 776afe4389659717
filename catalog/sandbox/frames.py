"""JSON frames over a pipe or socket: eight bytes of length, then UTF-8. Nothing that arrives is ever executed."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from typing import Any

HEADER = struct.Struct(">Q")
MAX_FRAME = 256 << 20
"""Bytes of a frame at most: the schema of 100,000 columns with its findings takes a tenth of it."""
_READ = 1 << 20


class FrameBroken(Exception):
    """What arrived is no frame of ours."""


def pack(message: Any) -> bytes:
    """The bytes of a frame. Raises FrameBroken when it is too large, TypeError when it is no JSON."""
    body = json.dumps(message).encode("ascii")
    if len(body) > MAX_FRAME:
        raise FrameBroken(f"a frame of {len(body)} bytes")
    return HEADER.pack(len(body)) + body


def write(fd: int, data: bytes) -> None:
    """All of ``data``, however many writes that takes. Raises OSError."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def body_of(data: bytes | bytearray) -> Any:
    """What a frame says. Raises FrameBroken."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FrameBroken(f"no JSON: {error}") from None


class FrameReader:
    """Takes bytes as they come from a descriptor and gives back whole frames."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._buffer = bytearray()
        self.ended = False

    def read(self) -> Iterator[Any]:
        """One read of the descriptor, and the frames that it completed. Raises FrameBroken, OSError."""
        data = os.read(self._fd, _READ)
        if not data:
            self.ended = True
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            (length,) = HEADER.unpack_from(self._buffer)
            if length > MAX_FRAME:
                raise FrameBroken(f"a frame of {length} bytes")
            end = HEADER.size + length
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield body_of(body)
