"""Tasks take ids and call a service. The work itself is found by its row; a message may come twice or never."""

from uuid import UUID

from celery import shared_task
from django.conf import settings

from catalog.jobs.lanes import Lane

TIME_LIMIT = 6 * 3600


@shared_task(name="ingest.process_upload", soft_time_limit=TIME_LIMIT, time_limit=TIME_LIMIT + 300)
def process_upload(upload_id: str) -> None:
    """Process one received upload: the one whose turn it is in the lane of the given one."""
    from ingest.services.processing import process_next

    process_next(upload_id=upload_id)


def wake(upload_id: UUID, lane: Lane) -> None:
    """Send the message that wakes a worker, to the queue of the lane."""
    process_upload.apply_async((str(upload_id),), queue=lane.value)


@shared_task(name="ingest.sweep_uploads", soft_time_limit=60, time_limit=90, expires=settings.SWEEP_SECONDS)
def sweep_uploads() -> None:
    """Send again what waits without a message or whose worker is gone."""
    from ingest.services.sweeping import find_work

    for upload_id, lane in find_work():
        wake(upload_id, lane)


@shared_task(name="ingest.expire_uploads", soft_time_limit=600, time_limit=660)
def expire_uploads() -> None:
    """End abandoned uploads, drop their parts, and delete staged copies that nobody needs."""
    from catalog.actor import system
    from ingest.services.uploads import expire_abandoned, sweep_staged

    expire_abandoned(actor=system())
    sweep_staged()
