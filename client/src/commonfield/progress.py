"""How far a long piece of work is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """`done` of `total` bytes in a stage; `total` is None where nobody knows it.

    Stages of a download: download, verify. Of a push: upload, then the registry's own (queued, fetch where
    it imports from an address, verify, detect, read, convert, store, profile, validate, done), then check.
    """

    stage: str
    done: int
    total: int | None
    rows: int | None = None


Report = Callable[[Progress], None]


class Meter:
    """Adds up what several threads do, and tells one listener in order."""

    def __init__(self, report: Report | None, *, stage: str, total: int) -> None:
        self._report = report
        self._stage = stage
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def add(self, amount: int) -> None:
        """`amount` may be negative: a part that has to be sent again takes its bytes back."""
        with self._lock:
            self._done += amount
            if self._report is not None:
                self._report(Progress(self._stage, self._done, self._total))
