"""Whether the one who asked still waits. A WSGI server says nothing of it, but gunicorn hands over its socket."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from catalog.querying.asking import QueryStopped


def watch(environ: Mapping[str, Any]) -> Callable[[], None]:
    """A function that raises QueryStopped once the client has closed its end."""
    connection = environ.get("gunicorn.socket")
    if not isinstance(connection, socket.socket):
        return lambda: None

    def look() -> None:
        with suppress(BlockingIOError, ValueError):
            readable, _, _ = select.select([connection], [], [], 0)
            if readable and not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                raise QueryStopped

    return look
