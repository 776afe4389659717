"""Tasks take ids and call a service. The work itself is found by its row; a message may come twice or never."""

from celery import shared_task
from django.conf import settings

from catalog.jobs.lanes import Lane

TIME_LIMIT = 2 * 3600


@shared_task(name="quality.run_check", soft_time_limit=TIME_LIMIT, time_limit=TIME_LIMIT + 300)
def run_check(run_id: int) -> None:
    """Do one check run: the one whose turn it is in the lane of the given one."""
    from quality.services import checks

    checks.run_next_check(run_id=run_id)


def wake(run_id: int, lane: Lane) -> None:
    """Send the message that wakes a worker, to the queue of the lane."""
    run_check.apply_async((run_id,), queue=lane.value)


@shared_task(name="quality.run_comparison", soft_time_limit=TIME_LIMIT, time_limit=TIME_LIMIT + 300)
def run_comparison(comparison_id: int) -> None:
    """Compare two versions: those whose turn it is in the lane of the given ones."""
    from quality.services import comparisons

    comparisons.run_next_comparison(comparison_id=comparison_id)


def wake_comparison(comparison_id: int, lane: Lane) -> None:
    """Send the message that wakes a worker, to the queue of the lane."""
    run_comparison.apply_async((comparison_id,), queue=lane.value)


@shared_task(name="quality.sweep_checks", soft_time_limit=60, time_limit=90, expires=settings.SWEEP_SECONDS)
def sweep_checks() -> None:
    """Send again what waits without a message or whose worker is gone: checks, and comparisons of versions."""
    from quality.services import checks, comparisons

    for run_id, lane in checks.find_work():
        wake(run_id, lane)
    for comparison_id, lane in comparisons.COMPARISONS.find_work():
        wake_comparison(comparison_id, lane)
