"""Jobs by size, so that a small file never waits behind a giant: a queue for each size, and slots within a worker.

A worker takes from all queues. Of its processes some (``SMALL_SLOTS``) never do a job of the larger lanes, and as many
more never one of the largest; a worker with one process does all.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from django.conf import settings


class Lane(StrEnum):
    """The queues of the broker have these names."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class SlotFreed:
    """A worker has room again for a job of the larger lanes; who has one waiting sends a wake-up."""


def lane_of(size: int) -> Lane:
    """The lane of a file of so many bytes."""
    if size <= settings.SMALL_FILE_BYTES:
        return Lane.SMALL
    return Lane.MEDIUM if size <= settings.LARGE_FILE_BYTES else Lane.LARGE


class _Worker:
    """What a worker's processes share: how many they are, and one nameless file whose bytes are the slots."""

    processes: int = 1
    slots: IO[bytes] | None = None


def open_slots(*, processes: int) -> None:
    """To be called once in a worker's main process, before it forks."""
    _Worker.processes = processes
    # A file without a name leaves nothing behind, and a lock on a byte of it dies with its process, by kill -9 too.
    _Worker.slots = tempfile.TemporaryFile()  # noqa: SIM115 -- it stays open as long as the worker lives


def engine_threads() -> int:
    """Threads of a job's engine: ENGINE_THREADS, or the machine's cores shared among the worker's processes."""
    return settings.ENGINE_THREADS or max(1, len(os.sched_getaffinity(0)) // _Worker.processes)


@contextmanager
def slot(lane: Lane) -> Iterator[bool]:
    """Whether this process may do a job of the lane now; the slot is kept until the block ends."""
    place = _take(lane)
    try:
        yield place is not None
    finally:
        if place is not None and place >= 0 and _Worker.slots is not None:
            fcntl.lockf(_Worker.slots, fcntl.LOCK_UN, 1, place)


def _take(lane: Lane) -> int | None:
    """The number of a free slot, -1 where none is needed, None when all are taken."""
    if lane is Lane.SMALL or _Worker.slots is None:
        return -1
    kept = settings.SMALL_SLOTS * (1 if lane is Lane.MEDIUM else 2)
    for place in range(max(1, _Worker.processes - kept)):
        try:
            fcntl.lockf(_Worker.slots, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            continue
        return place
    return None
