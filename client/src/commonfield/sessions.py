"""Remembering an upload that was begun, so that the same file goes on where it broke off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commonfield.cache import Cache
from commonfield.files import write_atomically


@dataclass(frozen=True)
class FileIdentity:
    """The file's place, size and time of change: if all three are the same, so is the file.

    Should that be wrong, the sha256 that the registry computes over what it received finds it.
    """

    path: str
    size: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> FileIdentity:
        found = path.stat()
        return cls(str(path.resolve()), found.st_size, found.st_mtime_ns)


class Session:
    """The registry's id of the upload of one file into one dataset of one site, for one purpose."""

    def __init__(
        self, cache: Cache, *, site: str, dataset: str, file: FileIdentity, purpose: Mapping[str, Any] | None = None
    ) -> None:
        key = json.dumps([site, dataset, file.path, file.size, file.modified_ns, *([purpose] if purpose else [])])
        self._cache = cache
        self._path = cache.root / "uploads" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
        self._file = file

    def recall(self) -> str | None:
        try:
            return str(json.loads(self._path.read_text("utf-8"))["upload"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, upload: str) -> None:
        self._cache.prepare()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, json.dumps({"upload": upload, "file": self._file.path}), mode=0o600)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)
