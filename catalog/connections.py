"""A request's connection to the database, given back while nothing is asked of it."""

from __future__ import annotations

from django.db import connections


def give_back_connections() -> None:
    """Before an answer takes its time: a query may last for half a minute, a download for an hour.

    A request holds one of the pool's few connections (DATABASE_POOL_MAX) to its end otherwise, and others would wait
    for it in vain. The next question to the database takes another.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
