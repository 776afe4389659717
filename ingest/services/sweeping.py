"""Uploads that need a worker, found by their state: the sweep's truth beside the event's speed."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.actor import system
from catalog.lanes import Lane
from catalog.leases import MAX_TRIES
from catalog.transitions import move
from ingest.models import Upload, UploadState

logger = logging.getLogger(__name__)
OUTAGE_SWEEPS = 6
"""Sweeps between two tries while a server of ours does not answer: a minute, as SWEEP_SECONDS comes."""


WAKE_UPS = 200
"""Uploads that a sweep sends wake-ups for, at most: a worker that is woken takes whichever waits."""


def waiting_in(lane: Lane) -> QuerySet[Upload]:
    """The uploads of a lane that a worker may take: those that wait, and those whose worker is gone."""
    orphaned = Q(state=UploadState.PROCESSING, lease_until__lt=timezone.now())
    return Upload.objects.filter(Q(state=UploadState.RECEIVED) | orphaned, lane=lane)


def next_of_the_larger_lanes() -> list[tuple[UUID, Lane]]:
    """One upload of each larger lane that waits for a slot, as an example for a wake-up."""
    lanes = (Lane.MEDIUM, Lane.LARGE)
    found = [(waiting_in(lane).order_by("received_at").values_list("pk", flat=True).first(), lane) for lane in lanes]
    return [(pk, lane) for pk, lane in found if pk is not None]


def find_work() -> list[tuple[UUID, Lane]]:
    """Uploads to wake a worker for, with their lanes: waiting too long, or processing with a lease that ran out.

    Failures of ours with tries left are put back to received, a little later after each.
    """
    now = timezone.now()
    _retry_failed()
    patience = timedelta(seconds=settings.LEASE_SECONDS)
    waiting = Q(state=UploadState.RECEIVED) & (Q(queued_at__isnull=True) | Q(queued_at__lt=now - patience))
    orphaned = Q(state=UploadState.PROCESSING, lease_until__lt=now)
    oldest = Upload.objects.filter(waiting | orphaned).order_by("size").values_list("pk", "lane")
    found = [(pk, Lane(lane)) for pk, lane in oldest[:WAKE_UPS]]
    Upload.objects.filter(pk__in=[pk for pk, _ in found]).update(queued_at=now)
    return found


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
