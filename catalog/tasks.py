"""Tasks of the core: the workers' sign of life."""

from celery import shared_task


@shared_task(name="catalog.beat_heart", soft_time_limit=10, time_limit=15, expires=15)
def beat_heart() -> None:
    """Say that a worker takes messages (readiness looks at it)."""
    from catalog.health import note_worker

    note_worker()
