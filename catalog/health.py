"""Alive, and ready: the three servers answer and a worker takes messages."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection

from catalog import storage

_WORKER_KEY = "worker-heartbeat"
WORKER_SECONDS = 60


def note_worker() -> None:
    cache.set(_WORKER_KEY, time.time(), timeout=WORKER_SECONDS)


def readiness() -> dict[str, str]:
    """For each thing that we stand on, "ok" or what is wrong with it, in a few words."""
    return {
        "database": _state(_ask_database),
        "broker": _state(lambda: cache.get("readiness")),
        "storage": _state(storage.check_bucket),
        "worker": _state(_ask_worker),
    }


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_worker() -> None:
    if cache.get(_WORKER_KEY) is None:
        raise RuntimeError(f"no worker has answered in the last {WORKER_SECONDS} s")


def _state(ask: Callable[[], object]) -> str:
    try:
        ask()
    except Exception as error:  # noqa: BLE001 -- whatever it is, the answer is "not ready".
        text = str(error).strip().splitlines()
        return f"{type(error).__name__}: {text[0][:200] if text else ''}"
    return "ok"
