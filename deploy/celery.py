"""The Celery app. A message is only a wake-up: what is to be done stands in a row (catalog/leases.py)."""

import logging
import os

from celery import Celery
from celery.signals import worker_init
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")

app = Celery("commonfield")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["catalog", "ingest", "quality"])

# A worker that loses its broker must not put the messages that it holds back through the very connection that is gone:
# kombu 5.7 fails at that, and the worker ends. Nothing is lost without it, since the sweep finds what waits by its row.
Channel.do_restore = False


@worker_init.connect
def preload_engines(**_: object) -> None:
    """Import the heavy engines once, in the parent: its forked children share the pages.

    Great Expectations alone takes 3 s and 250 MB. No DuckDB connection is opened here: those do not survive a fork.
    """
    import ingest.services.processing
    import quality.services.checks
    from quality.engine import check

    logging.getLogger(__name__).info(
        "engines loaded: %s, %s, %s",
        ingest.services.processing.__name__,
        quality.services.checks.__name__,
        check.__name__,
    )
