"""Whole Parquet objects on local disk, least recently used out first, shared by all processes of a machine.

A file is called after its content's sha256, so it is never stale. Locks (flock) say what is going on: whoever
reads a file holds it shared, whoever downloads holds its part file exclusively, and what nobody holds may be
dropped. Locks end with their process, so a killed one leaves nothing that stays locked.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from catalog import storage
from catalog.errors import TooLarge, Unavailable

logger = logging.getLogger(__name__)

_FINISHED = "*.parquet"
_PARTIAL = ".*.part"


class PreviewTooLarge(TooLarge):
    """The table, or what is asked of it, is more than a page may cost; the download has no such limit."""

    code = "preview-too-large"
    title = gettext_lazy("This is too large for a preview")


class ObjectDamaged(Unavailable):
    code = "object-damaged"
    title = gettext_lazy("The stored table can't be read")


@dataclass(frozen=True, slots=True)
class CachedObject:
    """An object of the bucket by its key, its content's sha256 and its size in bytes."""

    key: str
    sha256: str
    bytes: int


def cache_folder() -> Path:
    """Where the files lie. It is made on first use."""
    folder = Path(settings.VAR_DIR) / "preview"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def held(item: CachedObject) -> Iterator[Path]:
    """The object as a local file that stays while the context lasts; fetched if it is not there.

    Raises PreviewTooLarge, ObjectDamaged, ObjectMissing, StorageUnavailable.
    """
    final = cache_folder() / f"{item.sha256}.parquet"
    while (file := _open_locked(final, os.O_RDONLY, fcntl.LOCK_SH)) is None:
        _download(item, final)
    try:
        # The time of change is the time of last use: access times are often switched off.
        os.utime(final)
        yield final
    finally:
        os.close(file)


def _open_locked(path: Path, flags: int, lock: int) -> int | None:
    """A locked descriptor of the file at ``path``; None where there is none, or none any more."""
    try:
        file = os.open(path, flags, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, lock)
        if os.path.samestat(os.fstat(file), path.stat()):
            return file
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    return None


def _download(item: CachedObject, final: Path) -> None:
    """Fetch the object unless somebody else just did. Whoever comes second waits for the first one's lock."""
    limit = settings.PREVIEW_CACHE_BYTES
    if item.bytes > limit:
        raise PreviewTooLarge(
            gettext("The table's file has %(bytes)s bytes; previews are made of files of up to %(limit)s.")
            % {"bytes": f"{item.bytes:,}", "limit": f"{limit:,}"},
            remedy=gettext("Download the table."),
        )
    partial = final.with_name(f".{item.sha256}.part")
    file = _open_locked(partial, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX)
    if file is None:
        return
    try:
        if final.exists():
            partial.unlink()
            return
        _make_room(final.parent, item.bytes)
        _fill(file, item)
        partial.replace(final)
    except BaseException:
        with suppress(FileNotFoundError):
            partial.unlink()
        raise
    finally:
        os.close(file)


def _fill(file: int, item: CachedObject) -> None:
    os.ftruncate(file, 0)
    digest = hashlib.sha256()
    for chunk in storage.stream(item.key):
        digest.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(file, view) :]
    if digest.hexdigest() != item.sha256:
        logger.error("object %s is not what its name says", item.key)
        raise ObjectDamaged(
            gettext("The bytes in the store are not the ones that were stored."),
            remedy=gettext("The operators have been told."),
        )


def _make_room(folder: Path, wanted: int) -> None:
    """Drop what was used longest ago until ``wanted`` bytes fit; files in use stay, even over the limit."""
    room = os.open(folder / ".room", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(room, fcntl.LOCK_EX)
        found = []
        for path in [*folder.glob(_FINISHED), *folder.glob(_PARTIAL)]:
            with suppress(FileNotFoundError):
                state = path.stat()
                found.append((state.st_mtime_ns, state.st_size, path))
        used = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if used + wanted <= settings.PREVIEW_CACHE_BYTES:
                return
            if _drop(path):
                used -= size
    finally:
        os.close(room)


def _drop(path: Path) -> bool:
    """Remove a file that nobody reads or writes; whether it is gone."""
    file = _open_locked(path, os.O_RDWR, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if file is None:
        return not path.exists()
    try:
        path.unlink()
    finally:
        os.close(file)
    return True
