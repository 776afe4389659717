"""A published version as one ZIP archive: tables, documents, manifest, a README, and the sha256 of each file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import keys, storage
from catalog.actor import Actor
from catalog.allowances.quotas import charge_download
from catalog.errors import Conflict, Invalid
from catalog.hashes import sha256_of_json
from catalog.models import Document, Resource, Version
from catalog.models.version import PUBLIC_STATES
from catalog.services.delivering.documents import record_document_read
from catalog.services.delivering.entitlements import entitlement_of, require_version_bytes
from catalog.services.delivering.reads import record_read
from catalog.transport.zip_layout import Entry, Layout, crc_of_chunks

LAYOUT = 2
"""Of the way in which archives are laid out: another number, another ETag."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


class NotPublished(Conflict):
    code = "not-published"
    title = gettext_lazy("Only published versions have an archive")


@dataclass(frozen=True)
class Archive:
    """Lengths are known; ``read`` gives any stretch. The same version gives the same bytes."""

    version: Version
    with_originals: bool
    resources: tuple[Resource, ...]
    documents: tuple[Document, ...]

    @property
    def filename(self) -> str:
        return f"{self._folder}.zip"

    @property
    def etag(self) -> str:
        return f'"{sha256_of_json([self.version.manifest_sha256, self.with_originals, LAYOUT])}"'

    @property
    def size(self) -> int:
        return self._layout.size

    def read(self, start: int, length: int) -> Iterator[bytes]:
        """So many bytes from there. Raises ObjectMissing, StorageUnavailable."""
        for piece, offset, count in self._layout.within(start, length):
            if piece.make is not None:
                yield piece.make()[offset : offset + count]
            elif piece.entry is not None and piece.entry.data is not None:
                yield piece.entry.data[offset : offset + count]
            elif piece.entry is not None:
                yield from storage.stream(piece.entry.key, start=offset, length=count)

    @property
    def _folder(self) -> str:
        return f"{self.version.dataset.slug}-{self.version.number}"

    @cached_property
    def _layout(self) -> Layout:
        if self.version.published_at is None:
            raise NotPublished
        return Layout(list(self._entries()), moment=self.version.published_at, crc_of=_crc_of)

    def _entries(self) -> Iterator[Entry]:
        manifest = storage.read_bytes(keys.manifest(self.version.dataset_id, self.version.number or ""))
        bytes_of = [*self._tables(), *self._documents()]
        if self.with_originals:
            bytes_of += self._originals()
        readme = _readme(json.loads(manifest), with_originals=self.with_originals).encode()
        small = [self._small("README.md", readme), self._small("manifest.json", manifest)]
        sums = "".join(f"{entry.sha256}  {entry.name.partition('/')[2]}\n" for entry in [*small, *bytes_of])
        yield from [*small, self._small("SHA256SUMS", sums.encode()), *bytes_of]

    def _small(self, name: str, data: bytes) -> Entry:
        return Entry(f"{self._folder}/{name}", len(data), data=data, sha256=hashlib.sha256(data).hexdigest())

    def _tables(self) -> Iterator[Entry]:
        for resource in self.resources:
            parts = list(resource.parts.all())
            for part in parts:
                name = resource.name if len(parts) == 1 else f"{resource.name}-{part.position:05d}"
                key = keys.parquet(self.version.dataset_id, part.sha256)
                yield Entry(f"{self._folder}/data/{name}.parquet", part.bytes, key=key, sha256=part.sha256)

    def _documents(self) -> Iterator[Entry]:
        for document in self.documents:
            key = keys.document(self.version.dataset_id, document.sha256)
            path = f"{self._folder}/documents/{document.name}"
            yield Entry(path, document.bytes, key=key, sha256=document.sha256)

    def _originals(self) -> Iterator[Entry]:
        for resource in self.resources:
            sources = list(resource.sources.all())
            for source in sources:
                name = _UNSAFE.sub("_", source.filename).strip(". ") or "file"
                name = name if len(sources) == 1 else f"{source.position:05d}-{name}"
                key = keys.original(self.version.dataset_id, source.sha256)
                path = f"{self._folder}/original/{resource.name}/{name}"
                yield Entry(path, source.bytes, key=key, sha256=source.sha256)


def find_archive(*, actor: Actor, version: Version, with_originals: bool = False) -> Archive:
    """The archive of a version. Raises as require_version_bytes does, NotPublished, Invalid."""
    require_version_bytes(actor=actor, version=version)
    resources = list(version.resources.prefetch_related("parts", "sources"))
    for resource in resources:
        resource.version = version
    if version.state not in PUBLIC_STATES:
        raise NotPublished(remedy=_("Take the tables of a draft one by one: files.json lists them."))
    if not resources:
        raise Invalid(_("The version has no table."))
    documents = list(version.documents.all())
    for document in documents:
        document.version = version
    return Archive(version, with_originals, tuple(resources), tuple(documents))


def record_archive(*, actor: Actor, archive: Archive, size: int, span: str = "") -> None:
    """All that is in it is read, whole or ``span``, a range of the archive's bytes; ``size`` bytes go out.

    Raises QuotaSpent.
    """
    charge_download(actor, archive.version.dataset.organization, size)
    detail: dict[str, Any] = {"originals": archive.with_originals} | ({"range": span} if span else {})
    for resource in archive.resources:
        record_read(actor=actor, resource=resource, protocol="archive", **detail)
    entitlement = entitlement_of(actor=actor, version=archive.version)
    for document in archive.documents:
        record_document_read(entitlement=entitlement, document=document, protocol="archive", charged=False, span=span)


def _crc_of(entry: Entry) -> int:
    """CRC-32 of an entry, reckoned once: objects never change."""
    if entry.data is not None:
        return crc_of_chunks(iter([entry.data]))
    name = f"crc32:{entry.sha256}"
    known = cache.get(name)
    if isinstance(known, int):
        return known
    crc = crc_of_chunks(storage.stream(entry.key))
    cache.set(name, crc, None)
    return crc


def _readme(manifest: dict[str, object], *, with_originals: bool) -> str:
    tables = manifest.get("resources")
    names = [str(item.get("name")) for item in tables if isinstance(item, dict)] if isinstance(tables, list) else []
    documents = manifest.get("documents")
    explained = [item for item in documents if isinstance(item, dict)] if isinstance(documents, list) else []
    lines = [
        f"# {manifest.get('title')} {manifest.get('version')}",
        "",
        str(manifest.get("description") or ""),
        "",
        f"Dataset: {manifest.get('dataset')}",
        f"Published: {manifest.get('published_at')}",
        f"Licence: {manifest.get('license')}",
        f"Attribution: {manifest.get('attribution') or '-'}",
        "",
        "## Files",
        "",
        "- `data/`: the tables as Parquet: " + ", ".join(names),
        *(f"- `documents/{item.get('name')}`: {item.get('title') or item.get('media_type')}" for item in explained),
        *(["- `original/`: the files as they were uploaded"] if with_originals else []),
        "- `manifest.json`: the version as it was frozen: columns, sources, checks, decision",
        "- `SHA256SUMS`: for `sha256sum --check SHA256SUMS`",
        "",
    ]
    return "\n".join(lines)
