"""The Celery app. A message is only a wake-up: what is to be done stands in a row (catalog/jobs/leases.py)."""

import gc
import logging
import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_process_init
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")

# redis:// and rediss:// mean our transport, which is loaded only by who speaks to a broker. (The setting
# broker_transport would drop rediss' TLS.)
for scheme in ("redis", "rediss"):
    TRANSPORT_ALIASES[scheme] = "deploy.broker:Transport"
app = Celery("commonfield")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["catalog", "ingest", "quality"])


@worker_init.connect
def open_slots(sender: Any = None, **_: object) -> None:
    """Before the processes are forked, make what they share: how many they are, and the slots of the larger jobs."""
    from catalog.jobs import lanes

    lanes.open_slots(processes=sender.concurrency or 1)


@worker_process_init.connect
def start_warden(**_: object) -> None:
    """Each process has a warden for its parses, which loads the pipeline while the first message is on its way."""
    from catalog.sandbox.keeper import keeper
    from ingest.sandbox.parse import LOAD

    keeper(LOAD).warm()


@worker_init.connect
def preload_engines(**_: object) -> None:
    """Import the heavy engines once, in the parent: its forked children share the pages.

    Great Expectations alone takes 3 s and 250 MB. No DuckDB connection is opened here: those do not survive a fork.
    Nothing of it is garbage: looking for some took a fifth of the time, and would write to the shared pages later.
    """
    gc.disable()
    try:
        import ingest.services.processing
        import quality.services.checks
        from quality.checking.engine import check
    finally:
        gc.enable()
    gc.freeze()

    logging.getLogger(__name__).info(
        "engines loaded: %s, %s, %s",
        ingest.services.processing.__name__,
        quality.services.checks.__name__,
        check.__name__,
    )
