"""One received upload through the pipeline: fetched, converted, stored, recorded; once, whatever is killed.

Bytes go to the store before rows, under their hashes, so that a second attempt finds them there. Rows are written
in one transaction that is fenced by the lease's token: of two workers, one writes.
"""

from __future__ import annotations

import functools
import itertools
import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog import keys, storage
from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.jobs.kind import Failure, NotNowError, Work
from catalog.jobs.leases import NO_LEASE, Lease, lock_fenced
from catalog.models import NoticeKind, SourceMode
from catalog.services.annotating.overlay import mark_applied
from catalog.services.notifying.notices import tell
from catalog.services.publishing.combining import BaseMoved, Combination, combine_resource
from catalog.services.publishing.documents import StoredDocument, add_document
from catalog.services.publishing.resources import Original, StoredTable, add_resource
from catalog.table_schema import TableSchema
from catalog.transitions import move
from ingest.models import Upload, UploadKind, UploadState
from ingest.outcome import FindingReport, RecipeStep, Rejected, RejectionError, Stored
from ingest.pipeline import PIPELINE_VERSION
from ingest.progress import Progress
from ingest.recipes.recipe import parse_recipe
from ingest.recipes.vocabulary import RecipeInvalidError
from ingest.sandbox.apart import ingest_apart
from ingest.sandbox.parse import Request
from ingest.services.combining import Addition, combine, only_table, require_keys
from ingest.services.confining import confinement_for, limits_here
from ingest.services.corrections_file import require_same_table
from ingest.services.obtaining import PutBackError, obtain, with_provenance
from ingest.services.recipes import recipes_for, require_original
from ingest.services.storing import is_asked, named, store_document, store_original, store_table
from ingest.services.sweeping import UPLOADS
from ingest.services.targeting import Target, find_target, rejection_groups, schema_to_read_by

logger = logging.getLogger(__name__)

COMBINE_TRIES = 20
"""So often an attempt begins anew when other files are added to its table meanwhile."""
LONG = timedelta(minutes=1)
"""After so long the uploader may have gone to do something else, and is told of a rejection."""


def process(*, upload_id: str | UUID) -> None:
    """Process an upload if it waits, or if the worker that had it is gone; otherwise do nothing."""
    UPLOADS.do(upload_id, _WORK)


def process_next(*, upload_id: str | UUID) -> None:
    """Process the upload whose turn it is in the lane of the given one: a message is only a wake-up."""
    UPLOADS.do_next(upload_id, _WORK)


def _process(upload: Upload, lease: Lease, folder: Path) -> None:
    """One attempt. Raises NotNowError when somebody was quicker with the table: nothing is wrong with this file."""
    logger.info("upload %s: processing %s (%s bytes)", upload.pk, upload.filename, upload.size)
    try:
        _run(upload, lease, folder)
    except PutBackError:
        logger.info("upload %s: waits for a slot of its size", upload.pk)
    except BaseMoved as moved:
        raise NotNowError("its table changed while it was read") from moved


def _run(upload: Upload, lease: Lease, folder: Path) -> None:
    report = _Reporter(lease, upload)
    try:
        source, sha256 = obtain(upload, lease, folder, report.from_source)
        if upload.kind == UploadKind.DOCUMENT:
            report("store", bytes_done=upload.size)
            _keep(upload, lease, store_document(upload, source, sha256))
            return
        target = find_target(upload)
        schema = schema_to_read_by(upload, target)
    except RejectionError as refusal:
        _reject(upload, lease, upload.claimed_sha256, rejection_groups(refusal))
        return
    request = Request(
        source=source,
        filename=upload.filename,
        workdir=folder / "parse",
        schema=schema,
        limits=limits_here(refused_share=upload.dataset.max_refused_percent / 100),
        expected_sha256=upload.claimed_sha256 or None,
        recipes=_recipes(upload),
    )
    outcome = ingest_apart(
        request,
        confinement=confinement_for(upload.size),
        sha256=sha256,
        progress=report.from_pipeline,
        tick=lease.check,
        turn=Path(settings.VAR_DIR) / "work" / "large-memory",
    ).outcome
    lease.check()
    if isinstance(outcome, Rejected):
        _reject(upload, lease, outcome.sha256, [group.to_json() for group in outcome.findings.groups])
        return
    outcome = with_provenance(upload, outcome)
    report("store", bytes_done=upload.size)
    original = store_original(upload, source, outcome.sha256)
    try:
        if upload.mode == SourceMode.REPLACE:
            _stand_alone(upload, lease, outcome, original, schema)
        else:
            _add(upload, lease, outcome, original, target, schema, folder)
    except RejectionError as refusal:
        _reject(upload, lease, outcome.sha256, rejection_groups(refusal))


def _recipes(upload: Upload) -> dict[str, list[RecipeStep]]:
    """How the file is to be read. A recipe of an older pipeline that can't be followed any more is left out."""
    recipes = recipes_for(upload)
    if upload.recipe is not None:
        return recipes
    kept = {}
    for name, steps in recipes.items():
        try:
            parse_recipe(steps)
        except RecipeInvalidError:
            logger.warning("upload %s: the recipe of %s can't be followed any more", upload.pk, name, exc_info=True)
        else:
            kept[name] = steps
    return kept


def _stand_alone(upload: Upload, lease: Lease, outcome: Stored, original: Original, schema: TableSchema | None) -> None:
    """Store the file's tables in the place of those of the same names."""
    found = [table for table in outcome.resources if is_asked(upload, table.name, len(outcome.resources))]
    tables = named(upload, [store_table(upload, table, schema) for table in found])
    lease.check()

    def record(row: Upload) -> None:
        if row.reads_original:
            require_original(row)
        for table in tables:
            add_resource(
                actor=Actor(user=row.created_by),
                dataset=row.dataset,
                table=table,
                original=original,
                pipeline_version=PIPELINE_VERSION,
                upload_id=row.pk,
                conforms_to=row.dataset.conforms_to,
            )

    _finish(upload, lease, outcome, tables, record)


def _add(
    upload: Upload,
    lease: Lease,
    outcome: Stored,
    original: Original,
    target: Target | None,
    schema: TableSchema | None,
    folder: Path,
) -> None:
    """Combine the file with the table that it is for, as often as others are quicker. Raises RejectionError."""
    addition = Addition(upload, only_table(outcome.resources), outcome.sha256, folder, lease.check)
    if upload.corrections is not None:
        require_same_table(upload, target)
    if target is None:
        require_keys(addition)
        _stand_alone(upload, lease, outcome, original, schema)
        return
    for attempt in itertools.count(1):
        table, combination = combine(addition, target, attempt)
        lease.check()
        record = functools.partial(_record_combination, table=table, original=original, combination=combination)
        try:
            _finish(upload, lease, outcome, [table], record, counts=combination.counts)
        except BaseMoved:
            moved = find_target(upload)
            is_other = moved is None or moved.base.columns != target.base.columns or upload.corrections is not None
            if attempt == COMBINE_TRIES or moved is None or is_other:
                # The file was read by a schema that is no more: all of it begins anew, in another attempt.
                raise
            target = moved
        else:
            return


def _record_combination(row: Upload, *, table: StoredTable, original: Original, combination: Combination) -> None:
    resource = combine_resource(
        actor=Actor(user=row.created_by),
        dataset=row.dataset,
        name=table.name,
        table=table,
        original=original,
        combination=combination,
        pipeline_version=PIPELINE_VERSION,
        upload_id=row.pk,
    )
    if row.corrections is not None:
        actor = Actor(user=row.created_by)
        mark_applied(actor=actor, resource=resource, ids=row.corrections["fitting"], upload_id=row.pk)


def _keep(upload: Upload, lease: Lease, document: StoredDocument) -> None:
    """End the upload of a document, whose bytes are in the store."""
    lease.check()

    def record(row: Upload) -> None:
        add_document(actor=Actor(user=row.created_by), dataset=row.dataset, document=document, upload_id=row.pk)

    _finish(upload, lease, Stored(document.sha256, document.bytes, (), FindingReport()), [], record)


@transaction.atomic
def _finish(
    upload: Upload,
    lease: Lease,
    outcome: Stored,
    tables: list[StoredTable],
    record: Callable[[Upload], None],
    *,
    counts: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Write what came of the file by ``record`` and end the upload, both or neither. Raises LeaseLost, BaseMoved."""
    row = lock_fenced(Upload, upload.pk, lease.token)
    try:
        with transaction.atomic():
            record(row)
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
        counts=dict(counts),
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
    transaction.on_commit(lambda: _clean_up(row.keeps_id or row.pk))


@transaction.atomic
def _reject(upload: Upload, lease: Lease, sha256: str, findings: list[dict[str, Any]]) -> None:
    row = lock_fenced(Upload, upload.pk, lease.token)
    _end(row, UploadState.REJECTED, sha256=sha256, findings=findings, error=None)
    if row.received_at is not None and timezone.now() - row.received_at >= LONG:
        told = {"file": row.filename, "upload": str(row.pk)}
        tell([row.created_by], NoticeKind.UPLOAD_REJECTED, dataset=row.dataset_id, **told)


def _failed(row: Upload, failure: Failure) -> None:
    """Record a failure of ours; the sweep tries again."""
    sentence = "This is a fault of ours, not of your file."
    remedy = "The operators have been told; your file is kept." if failure.is_final else "It is tried again by itself."
    error = {"code": failure.code, "sentence": sentence, "remedy": remedy, "cause": failure.cause}
    _end(row, UploadState.FAILED, error=error, **failure.counts)


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

    def __init__(self, lease: Lease, upload: Upload) -> None:
        self._lease = lease
        self._upload = upload
        self._stage = ""
        self._last = 0.0

    def __call__(self, stage: str, *, bytes_done: int, rows: int = 0) -> None:
        self._lease.check()
        now = time.monotonic()
        if stage == self._stage and now - self._last < 0.5:
            return
        self._stage, self._last = stage, now
        self._lease.report(
            progress={"stage": stage, "bytes": bytes_done, "total_bytes": self._upload.size, "rows": rows}
        )

    def from_source(self, done: int) -> None:
        if self._upload.source_url and not self._upload.fetched:
            self("fetch", bytes_done=done)
        else:
            # The other half is the pipeline's own look at the bytes.
            self("verify", bytes_done=done // 2)

    def from_pipeline(self, progress: Progress) -> None:
        self(str(progress.stage), bytes_done=progress.bytes, rows=progress.rows)


_WORK = Work(_process, _failed)
