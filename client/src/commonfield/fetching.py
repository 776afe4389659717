"""Bringing the files of a version to this machine, into the cache or into a folder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from commonfield._http import Transport
from commonfield.cache import Cache
from commonfield.errors import BadArgument, DestinationExists, NotFound, UnexpectedAnswer
from commonfield.files import CHUNK, sha256_of
from commonfield.listing import FileEntry, Links, Listing, find_listing
from commonfield.models import DatasetId
from commonfield.progress import Meter, Report
from commonfield.transfer import FileDownload, fetch_all

Kind = Literal["parquet", "original", "document"]


@dataclass(frozen=True)
class Fetched:
    """The files of one resource in the cache, in order, and the version that they are of."""

    listing: Listing
    resource: str
    paths: tuple[Path, ...]


class Fetcher:
    def __init__(self, transport: Transport, cache: Cache, *, parallel: int, report: Report | None) -> None:
        self._transport = transport
        self._cache = cache
        self._parallel = parallel
        self._report = report

    def into_cache(
        self, id: DatasetId, *, version: str, resource: str | None, original: bool, part: int | None = None
    ) -> Fetched:
        """The files of the one resource that is meant. Raises BadArgument if that is not clear."""
        listing, links = find_listing(self._transport, self._cache, id, version)
        entries = entries_of(listing, resource=resource, original=original)
        name = entries[0].resource
        if part is not None:
            if not 0 <= part < len(entries):
                raise BadArgument(f"{name} has no part {part}.", f"Its parts are 0 to {len(entries) - 1}.")
            entries = [entries[part]]
        self._cache.prepare()
        found = {entry.sha256: self._cache.find(entry.sha256, entry.bytes) for entry in entries}
        missing = {entry.sha256: entry for entry in entries if found[entry.sha256] is None}
        self._fetch(
            [(entry, self._cache.object_path(entry.sha256)) for entry in missing.values()],
            links,
            settle=self._cache.seal,
            is_there=lambda entry, _: self._cache.find(entry.sha256, entry.bytes) is not None,
        )
        paths = tuple(found[entry.sha256] or self._cache.object_path(entry.sha256) for entry in entries)
        return Fetched(listing, name, paths)

    def into_folder(
        self,
        id: DatasetId,
        folder: Path,
        *,
        version: str,
        resource: str | None,
        kind: Kind,
        overwrite: bool,
    ) -> list[Path]:
        """The files of a kind, of all resources or of one, under their published names.

        Raises DestinationExists before anything is fetched.
        """
        listing, links = find_listing(self._transport, self._cache, id, version)
        entries = _of_kind(listing, kind)
        if resource is not None:
            _one_resource(entries, resource, listing)
            entries = [entry for entry in entries if entry.resource == resource]
        targets = _targets(entries, folder)
        wanted = [(entry, target) for entry, target in targets if not self._is_ready(entry, target, overwrite)]
        self._cache.prepare()
        self._fetch(wanted, links, settle=lambda _: None, is_there=self._copied_from_cache)
        return [target for _, target in targets]

    def _fetch(
        self,
        wanted: Sequence[tuple[FileEntry, Path]],
        links: Links,
        *,
        settle: Callable[[Path], None],
        is_there: Callable[[FileEntry, Path], bool],
    ) -> None:
        stop = threading.Event()
        meter = Meter(self._report, stage="download", total=sum(entry.bytes for entry, _ in wanted))

        def downloads() -> Iterator[tuple[FileDownload, Callable[[], bool]]]:
            for entry, target in wanted:
                download = FileDownload(
                    transport=self._transport,
                    links=links,
                    entry=entry,
                    target=target,
                    lock_path=self._cache.lock_path(target),
                    meter=meter,
                    stop=stop,
                    settle=settle,
                )
                yield download, lambda entry=entry, target=target: is_there(entry, target)  # type: ignore[misc]

        fetch_all(downloads(), parallel=self._parallel, stop=stop)

    def _is_ready(self, entry: FileEntry, target: Path, overwrite: bool) -> bool:
        if not target.exists():
            return False
        if target.is_file() and _is_same(entry, target):
            return True
        if overwrite and target.is_file():
            return False
        raise DestinationExists(
            f"{target} exists and is not the published {entry.path}.",
            "Choose another folder, or say overwrite=True (--overwrite) to replace it.",
        )

    def _copied_from_cache(self, entry: FileEntry, target: Path) -> bool:
        """Spare the network what is on this machine: by another process meanwhile, or in the cache."""
        if target.is_file() and _is_same(entry, target):
            return True
        cached = self._cache.find(entry.sha256, entry.bytes)
        if cached is None:
            return False
        part = target.with_name(f"{target.name}.part")
        with cached.open("rb") as source, part.open("wb") as copy:
            while chunk := source.read(CHUNK):
                copy.write(chunk)
        part.with_name(f"{part.name}.json").unlink(missing_ok=True)
        part.replace(target)
        return True


def _targets(entries: Sequence[FileEntry], folder: Path) -> list[tuple[FileEntry, Path]]:
    """Where each file goes. Tables out of one archive share an original, which is fetched once; two
    originals that only share their name go into folders named after their resources.
    """
    contents: dict[str, set[str]] = {}
    for entry in entries:
        if not entry.is_safe:
            raise UnexpectedAnswer(
                f"The registry lists a file that cannot be stored safely: {entry.path!r}.",
                "Fetch it with open() (load for a table), and tell the registry's operators.",
            )
        contents.setdefault(entry.path, set()).add(entry.sha256)
    placed = {}
    for entry in entries:
        home = folder if len(contents[entry.path]) == 1 else folder / entry.resource
        placed[home / entry.path] = entry
    return [(entry, target) for target, entry in placed.items()]


def _is_same(entry: FileEntry, path: Path) -> bool:
    return path.stat().st_size == entry.bytes and sha256_of(path) == entry.sha256


def entries_of(listing: Listing, *, resource: str | None, original: bool) -> list[FileEntry]:
    """The files of the one resource that is meant, in order. Raises BadArgument if that is not clear, NotFound."""
    entries = _of_kind(listing, kind_of(original=original))
    name = _one_resource(entries, resource, listing)
    return [entry for entry in entries if entry.resource == name]


def kind_of(*, original: bool, documents: bool = False, resource: str | None = None) -> Kind:
    """Which files are meant. Raises BadArgument for two kinds at once, and for documents of a table."""
    if documents and (original or resource is not None):
        raise BadArgument("Documents are of the whole version.", "Leave out original= and resource=.")
    return "document" if documents else "original" if original else "parquet"


def _of_kind(listing: Listing, kind: Kind) -> list[FileEntry]:
    entries = [entry for entry in listing.files if entry.kind == kind]
    if not entries:
        raise NotFound(
            f"Version {listing.version} of {listing.dataset} has no {kind} files.",
            "Look at its page, or at `commonfield versions`.",
            404,
            "no-files",
        )
    return entries


def _one_resource(entries: Sequence[FileEntry], wanted: str | None, listing: Listing) -> str:
    names = list(dict.fromkeys(entry.resource for entry in entries))
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted in names:
        return str(wanted)
    known = ", ".join(names)
    if wanted is None:
        raise BadArgument(
            f"{listing.dataset} {listing.version} has {len(names)} resources.",
            f"Say which one with resource= (--resource): {known}.",
        )
    raise BadArgument(f"{listing.dataset} {listing.version} has no resource {wanted!r}.", f"It has: {known}.")
