"""Which queries run, whosever process answers them, so that whoever asked can have one stopped.

Kept in the cache, which all web processes share; without it queries run as ever and can't be stopped from elsewhere.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.cache import cache

from catalog.actor import Actor
from catalog.querying.asking import QueryStopped

logger = logging.getLogger(__name__)
_POLL_SECONDS = 0.25
_KEPT_SECONDS = 3_600


@contextmanager
def running(query_id: str, actor: Actor, *, tick: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Gives a tick that also raises QueryStopped once somebody stopped the query of this id."""
    if not query_id:
        yield tick
        return
    key = _key(query_id)
    _quietly(lambda: cache.set(key, actor.asker, _KEPT_SECONDS))
    next_look = time.monotonic() + _POLL_SECONDS

    def look() -> None:
        nonlocal next_look
        tick()
        if time.monotonic() >= next_look:
            next_look = time.monotonic() + _POLL_SECONDS
            if _quietly(lambda: cache.get(f"{key}:stop")):
                raise QueryStopped

    try:
        yield look
    finally:
        _quietly(lambda: cache.delete_many([key, f"{key}:stop"]))


def stop(query_id: str, actor: Actor) -> bool:
    """Ask for the end of a running query; whether there is one of this actor's."""
    key = _key(query_id)
    if _quietly(lambda: cache.get(key)) != actor.asker:
        return False
    _quietly(lambda: cache.set(f"{key}:stop", 1, _KEPT_SECONDS))
    return True


def _key(query_id: str) -> str:
    return f"query:{query_id}"


def _quietly(do: Callable[[], object]) -> object:
    try:
        return do()
    except Exception:  # noqa: BLE001 -- the cache's client raises what it likes, and no query depends on it
        logger.warning("the cache does not answer: queries can't be stopped from elsewhere")
        return None
