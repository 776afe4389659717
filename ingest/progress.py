"""Live progress: which stage, how many bytes of the file, how many rows; in a stage at most four times a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

INTERVAL_SECONDS = 0.25


class Stage(StrEnum):
    """The stages in their order. Reading again (a type turned out wrong) goes back to ``READ``."""

    VERIFY = "verify"
    DETECT = "detect"
    READ = "read"
    CONVERT = "convert"


@dataclass(frozen=True, slots=True)
class Progress:
    """``bytes`` of ``total_bytes`` (of the file being read, unpacked) and ``rows`` written so far."""

    stage: Stage
    bytes: int
    total_bytes: int
    rows: int


class Reporter:
    """Calls back when a stage begins, and otherwise no oftener than every quarter of a second.

    What the callback raises passes through to the caller of the pipeline: that is how a lost lease ends it.
    """

    def __init__(self, callback: Callable[[Progress], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._callback = callback
        self._clock = clock
        self._last = float("-inf")
        self._stage = Stage.VERIFY
        self._total = 0

    def enter(self, stage: Stage, total_bytes: int) -> None:
        """Begin a stage over ``total_bytes``. It is always said: a short stage would never be seen otherwise."""
        self._stage, self._total = stage, total_bytes
        self._last = float("-inf")
        self.advance(0, 0)

    def advance(self, position: int, rows: int) -> None:
        now = self._clock()
        if now - self._last < INTERVAL_SECONDS:
            return
        self._last = now
        self._callback(Progress(self._stage, min(position, self._total), self._total, rows))


def ignore(_progress: Progress) -> None:
    """The callback of those who do not watch."""
