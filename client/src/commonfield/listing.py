"""Which files belong to a version, and where their bytes are right now."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from commonfield._http import Transport
from commonfield._parse import Json, many, need, number, text
from commonfield.cache import Cache
from commonfield.errors import ApiError, ConnectionFailed, ServerFailed, TransferFailed, UnexpectedAnswer
from commonfield.files import write_atomically
from commonfield.models import DatasetId

FRESH_SECONDS = 24 * 3600
"""A published version never changes; it can be withdrawn, so its listing is asked for again once a day."""


@dataclass(frozen=True)
class FileEntry:
    """One file of a version. `download_url` is signed and valid for minutes; `url` is for ever."""

    resource: str
    kind: str
    path: str
    bytes: int
    sha256: str
    rows: int | None
    url: str
    download_url: str | None = None

    @classmethod
    def from_json(cls, data: Json) -> FileEntry:
        entry = cls(
            resource=text(data, "resource"),
            kind=str(need(data, "kind")),
            path=str(need(data, "path")),
            bytes=int(need(data, "bytes")),
            sha256=str(need(data, "sha256")),
            rows=number(data, "rows"),
            url=text(data, "url"),
            download_url=text(data, "download_url") or None,
        )
        # It names a file on this machine, and the listing comes from another one.
        if not re.fullmatch(r"[0-9a-f]{64}", entry.sha256):
            raise UnexpectedAnswer(
                f"The registry lists {entry.path!r} with {entry.sha256!r}, which is no sha256.",
                "Do not use it; tell the registry's operators.",
            )
        return entry

    @property
    def is_safe(self) -> bool:
        """Whether the path stays inside the folder that it is put into, on any system."""
        posix, windows = PurePosixPath(self.path), PureWindowsPath(self.path)
        rooted = posix.is_absolute() or windows.is_absolute() or windows.drive or windows.root
        steps = {*posix.parts, *windows.parts}
        return bool(steps) and not rooted and ".." not in steps and "\0" not in self.path


@dataclass(frozen=True)
class Listing:
    """What a version consists of: `version` is exact, even if `latest` was asked for."""

    dataset: str
    version: str
    manifest_sha256: str
    files: tuple[FileEntry, ...]

    @classmethod
    def from_json(cls, data: Json, *, dataset: str, version: str) -> Listing:
        return cls(
            dataset=text(data, "dataset") or dataset,
            version=text(data, "version") or version,
            manifest_sha256=text(data, "manifest_sha256"),
            files=many(FileEntry.from_json, need(data, "files")),
        )


class Links:
    """Hands out the address of a file's bytes, and asks for a new one when a signed link has run out."""

    def __init__(self, transport: Transport, listing: Listing, id: DatasetId) -> None:
        self._transport = transport
        self._listing = listing
        self._id = id
        self._lock = threading.Lock()
        self._urls: dict[str, str] = {}

    def address(self, entry: FileEntry) -> str:
        with self._lock:
            if entry.sha256 not in self._urls:
                self._refresh(entry)
            return self._of(entry)

    def renew(self, entry: FileEntry, stale: str) -> str:
        """A newer address than `stale`; many threads may notice at once, and one of them asks."""
        with self._lock:
            if self._urls.get(entry.sha256) == stale:
                self._refresh(entry)
            return self._of(entry)

    def _refresh(self, entry: FileEntry) -> None:
        # Only for this file: the registry's audit trail counts every signed link as a download.
        self._urls.pop(entry.sha256, None)
        signed = fetch_listing(self._transport, self._id, self._listing.version, signed=entry.sha256)
        self._urls |= self._addresses(signed)

    def _of(self, entry: FileEntry) -> str:
        try:
            return self._urls[entry.sha256]
        except KeyError:
            raise TransferFailed(
                f"{entry.path} is no longer in version {self._listing.version} of {self._id}.",
                "A draft changes while it is worked on: begin the download again.",
            ) from None

    def _addresses(self, listing: Listing) -> dict[str, str]:
        return {entry.sha256: entry.download_url or self._transport.rebase(entry.url) for entry in listing.files}


def fetch_listing(
    transport: Transport, id: DatasetId, version: str, *, once: bool = False, signed: str = ""
) -> Listing:
    """Ask the registry; with `signed`, only for the file of that sha256, with a link to its bytes.

    Raises ApiError, ConnectionFailed.
    """
    wanted = {"links": "1", "sha256": signed} if signed else None
    data = transport.get(f"{id.version_path(version)}/files.json", wanted, once=once)
    return Listing.from_json(data, dataset=str(id), version=version)


def find_listing(transport: Transport, cache: Cache, id: DatasetId, version: str) -> tuple[Listing, Links]:
    """The version's files: from the cache if an exact version was asked for lately, else from the registry.

    Without a connection, an exact version that was listed before is good for as long as it is cached.
    Raises ApiError; a listing that the registry now refuses (withdrawn, access ended) is forgotten.
    """
    path = _cache_path(transport, cache, id, version)
    stored = _read(path)
    if stored is not None and time.time() - stored[1] < FRESH_SECONDS:
        return stored[0], Links(transport, stored[0], id)
    try:
        listing = fetch_listing(transport, id, version, once=stored is not None)
    except (ConnectionFailed, ServerFailed) as error:
        if stored is not None:
            return stored[0], Links(transport, stored[0], id)
        raise _with_known_versions(error, path.parent) from error
    except ApiError:
        path.unlink(missing_ok=True)
        raise
    if re.fullmatch(r"\d+\.\d+\.\d+", listing.version):
        _write(cache, path.with_name(f"{listing.version}.json"), listing)
    return listing, Links(transport, listing, id)


def _cache_path(transport: Transport, cache: Cache, id: DatasetId, version: str) -> Path:
    id.version_path(version)
    # Another token may see less: what one was shown is not shown to another without asking the registry.
    whose = hashlib.sha256(f"{transport.site}\0{transport.token_digest}".encode()).hexdigest()[:24]
    return cache.root / "listings" / whose / id.owner / id.slug / f"{version}.json"


def _read(path: Path) -> tuple[Listing, float] | None:
    try:
        document: dict[str, Any] = json.loads(path.read_text("utf-8"))
        listing = Listing.from_json(document["listing"], dataset="", version=path.stem)
        return listing, float(document["checked_at"])
    except (OSError, ValueError, KeyError, TypeError, UnexpectedAnswer):
        # A listing of an older client or half a disk is no reason to fail: it is asked for again.
        return None


def _write(cache: Cache, path: Path, listing: Listing) -> None:
    unsigned = replace(listing, files=tuple(replace(entry, download_url=None) for entry in listing.files))
    cache.prepare()
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"checked_at": time.time(), "listing": asdict(unsigned)}
    write_atomically(path, json.dumps(document), mode=0o600)


def _with_known_versions(error: ConnectionFailed | ServerFailed, folder: Path) -> ConnectionFailed | ServerFailed:
    known = sorted(path.stem for path in folder.glob("*.json"))
    if known and isinstance(error, ConnectionFailed):
        return ConnectionFailed(
            error.sentence,
            f"{error.remedy} Without a connection, ask for a version that you have: {', '.join(known)}.",
        )
    return error
