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
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone

from catalog import keys, storage
from catalog.actor import Actor
from catalog.errors import CatalogError, Unavailable
from catalog.fairness import work_in_turn
from catalog.lanes import Lane
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
from catalog.models import SourceMode
from catalog.services.combining import BaseMoved, Combination, combine_resource
from catalog.services.overlay import mark_applied
from catalog.services.resources import Original, StoredTable, add_resource
from catalog.table_schema import TableSchema
from catalog.transitions import move
from catalog.workspace import workspace
from ingest.models import Upload, UploadState
from ingest.outcome import RecipeStep, Rejected, RejectionError, Stored
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
from ingest.services.storing import is_asked, named, store_original, store_table
from ingest.services.sweeping import waiting_in
from ingest.services.targeting import Target, find_target, rejection_groups, schema_to_read_by

logger = logging.getLogger(__name__)

COMBINE_TRIES = 20
"""So often an attempt begins anew when other files are added to its table meanwhile."""


def process(*, upload_id: str | UUID) -> None:
    """Process an upload if it waits, or if the worker that had it is gone; otherwise do nothing."""
    upload = claim(Upload, upload_id, waiting=UploadState.RECEIVED, working=UploadState.PROCESSING)
    if upload is not None:
        _work(upload)


def process_next(*, upload_id: str | UUID) -> None:
    """Process the upload whose turn it is in the lane of the given one: a message is only a wake-up."""
    named_lane = Upload.objects.filter(pk=upload_id).values_list("lane", flat=True).first()
    if named_lane is None:
        return
    lane = Lane(named_lane)
    work_in_turn(
        lane,
        _work,
        rows=waiting_in(lane),
        organization="dataset__organization",
        since="received_at",
        waiting=UploadState.RECEIVED,
        working=UploadState.PROCESSING,
    )


def _work(upload: Upload) -> None:
    """A claimed upload, whatever comes of it."""
    if upload.lease_token is None:
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
    except PutBackError:
        logger.info("upload %s: waits for a slot of its size", upload.pk)
    except BaseMoved:
        # Whoever was quicker is done: the sweep sends the message again, and nothing was wrong with this file.
        logger.warning("upload %s: its table changed while it was read", upload.pk)
        _fail(upload, upload.lease_token, "unavailable")
    except (Unavailable, OperationalError, InterfaceError):
        logger.warning("upload %s: a server does not answer", upload.pk, exc_info=True)
        close_old_connections()
        _fail(upload, upload.lease_token, "unavailable")
    except Exception:
        logger.exception("upload %s: failed", upload.pk)
        _fail(upload, upload.lease_token, "internal")


def _run(upload: Upload, lease: Lease, folder: Path) -> None:
    report = _Reporter(lease, upload)
    try:
        source, sha256 = obtain(upload, lease, folder, report.from_source)
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
    """Write the tables by ``record`` and end the upload, both or neither. Raises LeaseLost, BaseMoved."""
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
