"""Files on the user's disk: whole or not at all, and one writer at a time."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

CHUNK = 1 << 20

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: IO[bytes]) -> None:
        msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)


def lock(path: Path) -> IO[bytes]:
    """Wait until nobody else holds `path`, and hold it until the handle is closed (or the process dies)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("ab")
    # Some network file systems know no locks. Then two writers of one file would both verify their
    # bytes at the end, so at worst work is lost, and never data.
    with contextlib.suppress(OSError):
        _lock(handle)
    return handle


def write_atomically(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace the file's whole content; a reader sees the old or the new, never a half."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def sha256_of(path: Path, tick: Callable[[int], None] = lambda _: None) -> str:
    """The file's sha256 in hex; `tick` is told the number of bytes of each step."""
    digest = hashlib.sha256()
    for chunk in read_chunks(path):
        digest.update(chunk)
        tick(len(chunk))
    return digest.hexdigest()


def read_chunks(path: Path, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes from `start`, `length` of them or all, in pieces of at most 1 MiB."""
    left = sys.maxsize if length is None else length
    with path.open("rb") as handle:
        handle.seek(start)
        while left > 0 and (chunk := handle.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
