"""One received upload through the pipeline: fetched, converted, stored, recorded; once, whatever is killed.

Bytes go to the store before rows, under their hashes, so that a second attempt finds them there. Rows are written
in one transaction that is fenced by the lease's token: of two workers, one writes.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone

from catalog import keys, storage
from catalog.actor import Actor
from catalog.errors import CatalogError, Unavailable
from catalog.hashes import sha256_of_file
from catalog.leases import (
    MAX_ATTEMPTS,
    MAX_TRIES,
    NO_LEASE,
    Lease,
    LeaseLost,
    claim,
    counted_failure,
    held,
    lock_fenced,
)
from catalog.models import Dataset
from catalog.services.downloads import PARQUET
from catalog.services.resources import Original, StoredPart, StoredTable, add_resource
from catalog.slugs import slug_of
from catalog.table_schema import TableSchema
from catalog.transitions import move
from catalog.workspace import fetch, workspace
from ingest.limits import Limits
from ingest.models import Upload, UploadState
from ingest.outcome import ConvertedResource, Rejected, Stored
from ingest.pipeline import PIPELINE_VERSION, ingest_file
from ingest.progress import Progress

logger = logging.getLogger(__name__)


def process(*, upload_id: str | UUID) -> None:
    """Process an upload if it waits, or if the worker that had it is gone; otherwise do nothing."""
    upload = claim(Upload, upload_id, waiting=UploadState.RECEIVED, working=UploadState.PROCESSING)
    if upload is None or upload.lease_token is None:
        return
    logger.info(
        "upload %s: processing %s (%s bytes), attempt %s",
        upload.pk,
        upload.filename,
        upload.size,
        upload.attempts,
    )
    try:
        if upload.attempts > MAX_ATTEMPTS:
            _fail(upload, upload.lease_token, "worker-lost", final=True)
            return
        with held(Upload, upload.pk, upload.lease_token) as lease, workspace("uploads", upload.pk) as folder:
            _run(upload, lease, folder)
    except LeaseLost:
        logger.warning("upload %s: another worker has it", upload.pk)
    except (Unavailable, OperationalError, InterfaceError):
        logger.warning("upload %s: a server does not answer", upload.pk, exc_info=True)
        close_old_connections()
        _fail(upload, upload.lease_token, "unavailable")
    except Exception:
        logger.exception("upload %s: failed", upload.pk)
        _fail(upload, upload.lease_token, "internal")


def _run(upload: Upload, lease: Lease, folder: Path) -> None:
    report = _Reporter(lease, upload.size)
    source = fetch(
        keys.staged_upload(upload.pk),
        folder / "source",
        progress=lambda done: report("verify", bytes_done=done // 2),
    )
    outcome = ingest_file(
        source,
        filename=upload.filename,
        workdir=folder,
        schema=_declared_schema(upload.dataset),
        # The site has one limit of size, told before a byte travels.
        limits=Limits(max_bytes=settings.UPLOAD_LIMIT_BYTES),
        progress=report.from_pipeline,
        expected_sha256=upload.claimed_sha256 or None,
    )
    lease.check()
    if isinstance(outcome, Rejected):
        _reject(upload, lease, outcome.sha256, [group.to_json() for group in outcome.findings.groups])
        return
    report("store", bytes_done=upload.size)
    original = _store_original(upload, source, outcome.sha256)
    tables = [_store_table(upload, table) for table in outcome.resources]
    lease.check()
    _finish(upload, lease, outcome, original, _named(upload, tables))


def _declared_schema(dataset: Dataset) -> TableSchema | None:
    """The dataset's standard schema, which the file must meet."""
    return TableSchema.from_descriptor(dataset.conforms_to.descriptor) if dataset.conforms_to else None


def _store_original(upload: Upload, source: Path, sha256: str) -> Original:
    key = keys.original(upload.dataset_id, sha256)
    if not storage.exists(key):
        storage.copy(keys.staged_upload(upload.pk), key)
    return Original(upload.filename, sha256, source.stat().st_size, upload.media_type)


def _store_table(upload: Upload, table: ConvertedResource) -> StoredTable:
    parts = []
    for part in table.parts:
        storage.put_file(keys.parquet(upload.dataset_id, part.sha256), part.path, content_type=PARQUET)
        parts.append(StoredPart(part.sha256, part.bytes, part.rows))
    findings_sha256 = ""
    if table.findings.path is not None:
        findings_sha256 = sha256_of_file(table.findings.path)
        storage.put_file(keys.findings(upload.dataset_id, findings_sha256), table.findings.path, content_type=PARQUET)
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
    )


def _named(upload: Upload, tables: Sequence[StoredTable]) -> list[StoredTable]:
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


@transaction.atomic
def _finish(upload: Upload, lease: Lease, outcome: Stored, original: Original, tables: list[StoredTable]) -> None:
    row = lock_fenced(Upload, upload.pk, lease.token)
    actor = Actor(user=row.created_by)
    try:
        with transaction.atomic():
            for table in tables:
                add_resource(
                    actor=actor,
                    dataset=row.dataset,
                    table=table,
                    original=original,
                    pipeline_version=PIPELINE_VERSION,
                    upload_id=row.pk,
                    conforms_to=row.dataset.conforms_to,
                )
    except CatalogError as refusal:
        # The draft was submitted meanwhile, or the uploader is no member any more: theirs to know, not ours to retry.
        error = {"code": refusal.code, "sentence": refusal.sentence, "remedy": refusal.remedy}
        _end(row, UploadState.REJECTED, sha256=outcome.sha256, error=error)
        return
    _end(
        row,
        UploadState.STORED,
        sha256=outcome.sha256,
        resource_names=[table.name for table in tables],
        findings=[
            *(group.to_json() for group in outcome.findings.groups),
            *(group for table in tables for group in table.findings),
        ],
        error=None,
        progress={
            "stage": "store",
            "bytes": row.size,
            "total_bytes": row.size,
            "rows": sum(t.rows for t in tables),
        },
    )
    transaction.on_commit(lambda: _clean_up(row.pk))


@transaction.atomic
def _reject(upload: Upload, lease: Lease, sha256: str, findings: list[dict[str, Any]]) -> None:
    row = lock_fenced(Upload, upload.pk, lease.token)
    _end(row, UploadState.REJECTED, sha256=sha256, findings=findings, error=None)


def _fail(upload: Upload, token: UUID, code: str, *, final: bool = False) -> None:
    """Record a failure of ours, if the lease still is ours and the database answers; the sweep tries again."""
    try:
        with transaction.atomic():
            row = lock_fenced(Upload, upload.pk, token)
            counts = counted_failure(row, outage=code == "unavailable", since=row.received_at)
            if final:
                counts["failures"] = MAX_TRIES
            again = counts["failures"] < MAX_TRIES
            sentence = "This is a fault of ours, not of your file."
            remedy = "It is tried again by itself." if again else "The operators have been told; your file is kept."
            error = {"code": code, "sentence": sentence, "remedy": remedy}
            _end(row, UploadState.FAILED, error=error, **counts)
    except LeaseLost:
        logger.warning("upload %s: another worker has it", upload.pk)
    except Exception:
        # The lease runs out by itself, and the sweep finds the row.
        logger.exception("upload %s: its failure could not be recorded", upload.pk)


def _end(row: Upload, state: UploadState, **changes: Any) -> None:
    move(
        row,
        to=state,
        actor=Actor(user=row.created_by),
        dataset_id=row.dataset_id,
        finished_at=timezone.now(),
        **NO_LEASE,
        **changes,
    )
    logger.info("upload %s: %s", row.pk, state)


def _clean_up(upload_id: UUID) -> None:
    try:
        storage.delete(keys.staged_upload(upload_id))
    except CatalogError:
        logger.warning("upload %s: its staged copy stays for the sweep", upload_id)


class _Reporter:
    """Writes progress through the fence: each stage as it begins, then at most twice a second."""

    def __init__(self, lease: Lease, total: int) -> None:
        self._lease = lease
        self._total = total
        self._stage = ""
        self._last = 0.0

    def __call__(self, stage: str, *, bytes_done: int, rows: int = 0) -> None:
        self._lease.check()
        now = time.monotonic()
        if stage == self._stage and now - self._last < 0.5:
            return
        self._stage, self._last = stage, now
        self._lease.report(progress={"stage": stage, "bytes": bytes_done, "total_bytes": self._total, "rows": rows})

    def from_pipeline(self, progress: Progress) -> None:
        self(str(progress.stage), bytes_done=progress.bytes, rows=progress.rows)
