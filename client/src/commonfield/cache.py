"""Verified bytes on this machine, by sha256, so that nothing is fetched twice.

    objects/ab/abcdef…   published bytes, read-only
    listings/…           what belongs to an exact version (see listing.py)
    uploads/…            uploads that were begun and not finished (see sessions.py)
    locks/…              one writer at a time

An object is written once, after its sha256 was found right, and then gets a fixed modification time. A
file whose time or size is another was touched by somebody: it is hashed again before it is given out,
and thrown away if it is no longer what it says.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from commonfield.files import sha256_of

_SEAL_NS = 946_684_800 * 10**9  # 2000-01-01T00:00:00Z: "verified, and not written since"


@dataclass(frozen=True)
class CacheInfo:
    """Where the cache is and what is in it; `partial_bytes` belong to downloads that were interrupted."""

    path: Path
    files: int
    bytes: int
    partial_bytes: int


class Cache:
    def __init__(self, root: Path | None = None) -> None:
        override = os.environ.get("COMMONFIELD_CACHE")
        self.root = root or (Path(override) if override else platformdirs.user_cache_path("commonfield"))

    def prepare(self) -> None:
        """Make the folder, readable by its owner only: it may hold data of restricted access."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def object_path(self, sha256: str) -> Path:
        return self.root / "objects" / sha256[:2] / sha256

    def lock_path(self, target: Path) -> Path:
        name = hashlib.sha256(os.fsencode(target.resolve())).hexdigest()[:32]
        return self.root / "locks" / f"{name}.lock"

    def find(self, sha256: str, size: int) -> Path | None:
        """The object's path if its bytes are here and are what they say; else None."""
        path = self.object_path(sha256)
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        untouched = found.st_mtime_ns == _SEAL_NS and found.st_size == size
        if not untouched and (found.st_size != size or sha256_of(path) != sha256):
            _remove(path)
            return None
        self.seal(path)
        return path

    def seal(self, path: Path) -> None:
        """Mark verified bytes: read-only, the fixed modification time, and the access time of now."""
        # On a read-only or foreign cache the bytes are as good; only the next check costs a hash.
        with contextlib.suppress(OSError):
            path.chmod(0o444)
            os.utime(path, ns=(time.time_ns(), _SEAL_NS))

    def info(self) -> CacheInfo:
        files = size = partial = 0
        for path in self._objects():
            with contextlib.suppress(FileNotFoundError):
                if path.suffix:
                    partial += path.stat().st_blocks * 512 if hasattr(os.stat_result, "st_blocks") else 0
                else:
                    files += 1
                    size += path.stat().st_size
        return CacheInfo(self.root, files, size, partial)

    def clear(self, *, unused_days: float | None = None) -> CacheInfo:
        """Remove the cached bytes, or those not used for so many days; returns what was removed.

        Begun uploads are kept: without them they could not be resumed.
        """
        before = self.info()
        limit = time.time() - unused_days * 86_400 if unused_days is not None else None
        for path in self._objects():
            with contextlib.suppress(FileNotFoundError):
                if limit is None or path.stat().st_atime < limit:
                    _remove(path)
        if limit is None:
            for path in sorted(self.root.glob("listings/*/*/*/*.json")):
                _remove(path)
        after = self.info()
        return CacheInfo(
            self.root,
            before.files - after.files,
            before.bytes - after.bytes,
            before.partial_bytes - after.partial_bytes,
        )

    def _objects(self) -> list[Path]:
        return sorted(path for path in self.root.glob("objects/??/*") if path.is_file())


def _remove(path: Path) -> None:
    # Windows refuses to remove what is read-only.
    with contextlib.suppress(OSError):
        path.chmod(0o600)
    path.unlink(missing_ok=True)
