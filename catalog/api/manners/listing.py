"""Every file of a version: the Parquet parts of its tables, all originals that they were made from, its documents."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.actor import Actor
from catalog.api.manners.represent import document_url, part_url, resource_url
from catalog.api.manners.shapes import FileShape
from catalog.models import Resource, ResourceSource, Version
from catalog.services.delivering.documents import find_document_download, record_document_read
from catalog.services.delivering.downloads import Kind, find_download, record_download
from catalog.services.delivering.entitlements import Entitlement, entitle
from catalog.transport.delivery import presign

# A file's place among its kind, and its entry.
Placed = tuple[int, FileShape]


def list_files(actor: Actor, version: Version, *, with_links: bool, wanted: set[str]) -> list[FileShape]:
    """The version's files; those with a sha256 of ``wanted`` where it is not empty. Links are audited one by one.

    With links raises as entitle does, QuotaSpent.
    """
    entitlement = entitle(actor=actor, version=version) if with_links else None
    files: list[FileShape] = []
    for resource in version.resources.prefetch_related("parts", "sources"):
        resource.version = version
        for position, entry in (*_parts(resource), *_originals(resource)):
            if wanted and entry["sha256"] not in wanted:
                continue
            if entitlement is not None:
                entry["download_url"] = _link(entitlement, resource, entry, position)
            files.append(entry)
    return files + _documents(version, entitlement, wanted)


def _documents(version: Version, entitlement: Entitlement | None, wanted: set[str]) -> list[FileShape]:
    found: list[FileShape] = []
    for document in version.documents.all():
        document.version = version
        if wanted and document.sha256 not in wanted:
            continue
        entry: FileShape = {
            "resource": "",
            "kind": "document",
            "path": f"documents/{document.name}",
            "bytes": document.bytes,
            "sha256": document.sha256,
            "rows": None,
            "url": document_url(document),
        }
        if entitlement is not None:
            download = find_document_download(entitlement=entitlement, document=document)
            record_document_read(entitlement=entitlement, document=document, span="link")
            entry["download_url"] = presign(download)
        found.append(entry)
    return found


def _parts(resource: Resource) -> Iterator[Placed]:
    parts = list(resource.parts.all())
    several = len(parts) > 1
    for part in parts:
        yield (
            part.position,
            {
                "resource": resource.name,
                "kind": "parquet",
                "path": f"{resource.name}-{part.position:05d}.parquet" if several else f"{resource.name}.parquet",
                "bytes": part.bytes,
                "sha256": part.sha256,
                "rows": part.rows,
                "url": part_url(resource, part.position, several=several),
            },
        )


def _originals(resource: Resource) -> Iterator[Placed]:
    sources = list(resource.sources.all())
    url = resource_url(resource)
    for source, path in zip(sources, _paths(sources), strict=True):
        yield (
            source.position,
            {
                "resource": resource.name,
                "kind": "original",
                "path": path,
                "bytes": source.bytes,
                "sha256": source.sha256,
                "rows": None,
                "url": f"{url}/originals/{source.position}" if len(sources) > 1 else f"{url}/original",
            },
        )


def _paths(sources: list[ResourceSource]) -> list[str]:
    """The names that the files were uploaded under; two of one name get their places before it."""
    names = [source.filename for source in sources]
    clash = {name for name in names if names.count(name) > 1}
    return [
        f"{source.position:03d}-{source.filename}" if source.filename in clash else name
        for source, name in zip(sources, names, strict=True)
    ]


def _link(entitlement: Entitlement, resource: Resource, entry: FileShape, position: int) -> str:
    kind: Kind = "original" if entry["kind"] == "original" else "parquet"
    download = find_download(entitlement=entitlement, resource=resource, kind=kind, part=position)
    record_download(entitlement=entitlement, resource=resource, download=download, kind=kind, span="link")
    return presign(download)
