"""Tasks take ids and call a service. The work itself is found by its row; a message may come twice or never."""

from celery import shared_task
from django.conf import settings

TIME_LIMIT = 6 * 3600


@shared_task(name="ingest.process_upload", soft_time_limit=TIME_LIMIT, time_limit=TIME_LIMIT + 300)
def process_upload(upload_id: str) -> None:
    """Process one received upload, if no other worker holds it."""
    from ingest.services.processing import process

    process(upload_id=upload_id)


@shared_task(name="ingest.sweep_uploads", soft_time_limit=60, time_limit=90, expires=settings.SWEEP_SECONDS)
def sweep_uploads() -> None:
    """Send again what waits without a message or whose worker is gone."""
    from ingest.services.sweeping import find_work

    for upload_id in find_work():
        process_upload.delay(str(upload_id))


@shared_task(name="ingest.expire_uploads", soft_time_limit=600, time_limit=660)
def expire_uploads() -> None:
    """End abandoned uploads, drop their parts, and delete staged copies that nobody needs."""
    from catalog.actor import system
    from ingest.services.uploads import expire_abandoned, sweep_staged

    expire_abandoned(actor=system())
    sweep_staged()
