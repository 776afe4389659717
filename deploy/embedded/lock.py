"""One supervisor a folder. The kernel drops the lock when its holder dies, so no lock is ever stale."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from deploy.embedded.errors import FolderInUse


class FolderLock:
    """An exclusive lock on a folder, held until release() or the end of the process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises FolderInUse with the holder's pid."""
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            noted = os.read(descriptor, 32).strip()
            os.close(descriptor)
            pid = int(noted) if noted.isdigit() else None
            raise FolderInUse(folder=str(self._folder), pid=pid) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back. The file stays: else two holders could lock two files of one name."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None
