"""Tasks take ids and call a service. The work itself is found by its row; a message may come twice or never."""

from celery import shared_task
from django.conf import settings

TIME_LIMIT = 2 * 3600


@shared_task(name="quality.run_check", soft_time_limit=TIME_LIMIT, time_limit=TIME_LIMIT + 300)
def run_check(run_id: int) -> None:
    """Do one check run, if no other worker holds it."""
    from quality.services import checks

    checks.run_check(run_id=run_id)


@shared_task(name="quality.sweep_checks", soft_time_limit=60, time_limit=90, expires=settings.SWEEP_SECONDS)
def sweep_checks() -> None:
    """Send again what waits without a message or whose worker is gone."""
    from quality.services import checks

    for run_id in checks.find_work():
        run_check.delay(run_id)
