"""Uploads that need a worker, found by their state: the sweep's truth beside the event's speed."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from catalog.actor import system
from catalog.jobs.kind import JobKind, LaneColumn
from catalog.jobs.lanes import Lane
from catalog.jobs.leases import MAX_TRIES
from catalog.transitions import move
from ingest.models import Upload, UploadState

logger = logging.getLogger(__name__)
OUTAGE_SWEEPS = 6
"""Sweeps between two tries while a server of ours does not answer: a minute, as SWEEP_SECONDS comes."""
UPLOADS = JobKind(
    model=Upload,
    noun="upload",
    waiting=UploadState.RECEIVED,
    working=UploadState.PROCESSING,
    organization="dataset__organization",
    since="received_at",
    sizes=LaneColumn("lane"),
    first="size",
)


def find_work() -> list[tuple[UUID, Lane]]:
    """Uploads to wake a worker for, with their lanes: waiting too long, or processing with a lease that ran out.

    Failures of ours with tries left are put back to received, a little later after each.
    """
    _retry_failed()
    return UPLOADS.find_work()


def _retry_failed() -> None:
    failed = Upload.objects.filter(state=UploadState.FAILED, failures__lt=MAX_TRIES)
    for upload in failed[:100]:
        outage = (upload.error or {}).get("code") == "unavailable"
        sweeps = OUTAGE_SWEEPS if outage else 4 ** (upload.failures - 1)
        pause = timedelta(seconds=settings.SWEEP_SECONDS * sweeps)
        if upload.finished_at is None or timezone.now() - upload.finished_at >= pause:
            logger.info("upload %s is tried again (%s failures)", upload.pk, upload.failures)
            move(
                upload,
                to=UploadState.RECEIVED,
                actor=system(),
                dataset_id=upload.dataset_id,
                queued_at=None,
                finished_at=None,
            )
