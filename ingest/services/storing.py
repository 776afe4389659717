"""Bytes of an upload brought to the store, under their hashes, before any row speaks of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from catalog import keys, storage
from catalog.findings import Finding
from catalog.hashes import sha256_of_file
from catalog.services.delivering.downloads import PARQUET
from catalog.services.publishing.documents import StoredDocument
from catalog.services.publishing.resources import Original, StoredPart, StoredTable
from catalog.slugs import slug_of
from catalog.table_schema import TableSchema
from ingest.files.document_types import document_type
from ingest.files.formats import HEAD_BYTES
from ingest.models import Upload
from ingest.outcome import ConvertedResource, RejectionError
from ingest.text.line_runs import Runs, as_parquet

FEW_RUNS = 1_000
"""So many runs of lines are kept in the database's row; more of them lie in the store."""


def source_key(upload: Upload) -> str:
    """Where the upload's bytes lie: what was sent, or what was sent before and is read again."""
    if upload.reads_original:
        return keys.original(upload.dataset_id, upload.reads_original)
    # A file that was refused as a table and is kept as a document lies where it was sent to.
    return keys.staged_upload(upload.keeps_id or upload.pk)


def is_asked(upload: Upload, name: str, tables: int) -> bool:
    """Whether a table of the file is wanted: when one of several is read again, the others stay as they are."""
    return not upload.reads_original or tables == 1 or name == upload.resource_name


def store_original(upload: Upload, source: Path, sha256: str) -> Original:
    """The uploaded bytes under their hash, copied within the store. Raises StorageUnavailable.

    A file that is read again is there already.
    """
    key = keys.original(upload.dataset_id, sha256)
    if not storage.exists(key):
        try:
            storage.copy(keys.staged_upload(upload.pk), key)
        except storage.StorageUnavailable:
            # Of an upload of 2 GB, some of whose parts were broken off and sent again, SeaweedFS 4.48 answered 500 to
            # every copy ("404 Not Found" for chunks of it), while it could be read to its end. The very bytes are here.
            storage.put_file(key, source, content_type=upload.media_type or "application/octet-stream")
    return Original(upload.filename, sha256, source.stat().st_size, upload.media_type, upload.received_at)


def store_table(upload: Upload, table: ConvertedResource, schema: TableSchema | None) -> StoredTable:
    """Parts and findings in the store; ``schema`` is the one by which the file was read."""
    parts = []
    for part in table.parts:
        storage.put_file(keys.parquet(upload.dataset_id, part.sha256), part.path, content_type=PARQUET)
        parts.append(StoredPart(part.sha256, part.bytes, part.rows))
    findings_sha256 = ""
    if table.findings.path is not None:
        findings_sha256 = sha256_of_file(table.findings.path)
        storage.put_file(keys.findings(upload.dataset_id, findings_sha256), table.findings.path, content_type=PARQUET)
    lines, lines_sha256 = store_lines(upload, table.lines)
    return StoredTable(
        name=table.name,
        title=table.title,
        rows=table.rows,
        schema=table.schema,
        parts=tuple(parts),
        recipe=list(table.recipe),
        source=dict(table.source),
        findings_count=table.findings.count,
        findings=[group.to_json() for group in table.findings.groups],
        findings_sha256=findings_sha256,
        read_by=None if schema is None else schema.to_descriptor(),
        questions=table.questions,
        suggestions=table.suggestions,
        lines=lines,
        lines_sha256=lines_sha256,
    )


def store_lines(upload: Upload, runs: Runs) -> tuple[Runs, str]:
    """The lines of a table's rows as the database keeps them: themselves where they are few, else their file's hash."""
    if len(runs) <= FEW_RUNS:
        return runs, ""
    data = as_parquet(runs)
    sha256 = hashlib.sha256(data).hexdigest()
    storage.put_bytes(keys.lines(upload.dataset_id, sha256), data, content_type=PARQUET)
    return (), sha256


def named(upload: Upload, tables: Sequence[StoredTable]) -> list[StoredTable]:
    """A single table takes the name asked for, else that of the dataset's only table, so that addresses last."""
    if len(tables) != 1:
        return list(tables)
    name = upload.resource_name
    latest = upload.dataset.latest
    if not name and latest is not None:
        names = list(latest.resources.values_list("name", flat=True))
        name = names[0] if len(names) == 1 else ""
    table = tables[0]
    name = name or slug_of(table.name, fallback="data")
    return [replace(table, name=name)]


def store_document(upload: Upload, source: Path, sha256: str) -> StoredDocument:
    """The document's bytes under their hash, as they came. Raises RejectionError, StorageUnavailable."""
    size = source.stat().st_size
    if upload.claimed_sha256 and sha256 != upload.claimed_sha256:
        raise RejectionError(Finding("checksum-mismatch", params={"actual": sha256, "expected": upload.claimed_sha256}))
    if size > settings.DOCUMENT_LIMIT_BYTES:
        # Of an address nobody knew the size.
        params = {"bytes": size, "limit": settings.DOCUMENT_LIMIT_BYTES}
        raise RejectionError(Finding("file-too-large", params=params))
    with source.open("rb") as file:
        media_type = document_type(file.read(HEAD_BYTES), upload.filename)
    # From the disk and not copied within the store: its hash is of these very bytes.
    storage.put_file(keys.document(upload.dataset_id, sha256), source, content_type=media_type)
    return StoredDocument(upload.filename, size, sha256, media_type, upload.title, upload.description)
