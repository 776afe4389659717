"""Cells that have answered, each kept for a short while for whoever it answered.

A new cell costs 15 to 20 ms of a processor, mostly pages that the kernel copies; the next question of the same asker
over the same files finds all of that there. Nobody else's question ever meets it (``tenant``), and no other files: what
a cell could have kept of a question, its asker knew.
"""

from __future__ import annotations

import threading
from collections import deque

from catalog.querying.seat import Seat

KEPT_SECONDS = 15.0


class Parked:
    """At most ``limit`` cells of all askers together; the oldest goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._held: deque[tuple[str, Seat]] = deque()
        self._timer: threading.Timer | None = None

    def take(self, tenant: str) -> Seat | None:
        """The one that answered this asker last."""
        with self._lock:
            for number in range(len(self._held) - 1, -1, -1):
                if self._held[number][0] == tenant:
                    seat = self._held[number][1]
                    del self._held[number]
                    return seat
        return None

    def put(self, tenant: str, seat: Seat) -> None:
        """Keep it. Raises nothing: one that can't be kept is closed."""
        if not self._limit or not seat.rest():
            seat.close()
            return
        with self._lock:
            self._held.append((tenant, seat))
            surplus = [self._held.popleft()[1] for _ in range(len(self._held) - self._limit)]
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(KEPT_SECONDS, self.close)
            self._timer.daemon = True
            self._timer.start()
        for item in surplus:
            item.close()

    def close(self) -> None:
        """End them all."""
        with self._lock:
            held = [seat for _, seat in self._held]
            self._held.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        for seat in held:
            seat.close()
