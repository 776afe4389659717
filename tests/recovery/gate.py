"""A gate before the object store: all passes, but for the Parquet that it is told to hold.

So a worker can be caught between the first part that it stored and the next, and not by luck.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 1 << 18


class Gate:
    """Listens on a port of the loopback and speaks to the store behind it; ``url`` is what a worker is told."""

    def __init__(self, store: str) -> None:
        parts = urlsplit(store)
        self._behind = (str(parts.hostname), parts.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._change = threading.Condition()
        self._room: dict[str, int] = {}
        self._round = 0
        self.passed: list[str] = []
        """Keys of the parts that went through, each as often as it did."""
        self.held: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    @contextmanager
    def holding(self, *prefixes: str, after: int) -> Iterator[None]:
        """Let ``after`` parts pass under each of the prefixes of keys, and no more.

        What was held is cut off at the end: whoever sent it is dead.
        """
        with self._change:
            self._room = dict.fromkeys(prefixes, after)
        try:
            yield
        finally:
            with self._change:
                self._room, self.held = {}, []
                self._round += 1
                self._change.notify_all()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(self._behind) as store:
            threading.Thread(target=_pour, args=(store, client), daemon=True).start()
            while chunk := client.recv(CHUNK):
                # A client sends the head of a request on its own or with the first bytes of its body.
                if chunk.startswith(b"PUT ") and not self._may_pass(chunk.split(b" ", 2)[1].decode()):
                    return
                store.sendall(chunk)
            # Wakes the other thread, which a mere close would not.
            store.shutdown(socket.SHUT_RDWR)

    def _may_pass(self, path: str) -> bool:
        """Whether the PUT goes on, at once; what must not waits for the end of the holding and is cut off."""
        key = path.partition("?")[0].split("/", 2)[-1]
        if "/parquet/" not in key:
            return True
        with self._change:
            prefix = next((prefix for prefix in self._room if key.startswith(prefix)), None)
            if prefix is None or self._room[prefix] > 0:
                if prefix is not None:
                    self._room[prefix] -= 1
                self.passed.append(key)
                return True
            self.held.append(key)
            now = self._round
            self._change.wait_for(lambda: self._round != now)
            return False


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
