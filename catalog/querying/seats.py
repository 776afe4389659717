"""Cells that are ready before they are asked: forked, shut in, their engine open.

Making a cell takes some 20 ms of a processor; a seat that waits takes that out of the answer's time. A cell answers one
asker only, over one set of files: what it has in memory or on disk is gone with it.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import threading
from pathlib import Path

from catalog.querying.parked import Parked
from catalog.querying.seat import CellLost, Limits, Seat
from catalog.sandbox.keeper import WardenLost

logger = logging.getLogger(__name__)


class Seats:
    """A process' seats: ``spare`` that wait, more while they are needed, ``kept`` for who may ask again."""

    def __init__(self, root: Path, limits: Limits, *, spare: int, kept: int) -> None:
        self._root = root
        self._limits = limits
        self._spare = spare
        self._lock = threading.Lock()
        self._waiting: list[Seat] = []
        self._parked = Parked(kept)

    def take_again(self, tenant: str) -> Seat | None:
        """The seat that answered this asker last, if it is still there."""
        while (seat := self._parked.take(tenant)) is not None:
            if seat.is_alive and seat.wake():
                return seat
            seat.close()
        return None

    def park(self, tenant: str, seat: Seat) -> None:
        """Keep a seat for the next question of this asker."""
        self._parked.put(tenant, seat)

    def take(self) -> Seat:
        """A seat that nobody had. Raises CellLost where none can be made."""
        while True:
            with self._lock:
                seat = self._waiting.pop() if self._waiting else None
            seat = seat or self._made()
            if seat.is_alive and seat.wake():
                return seat
            seat.close()

    def fill(self) -> None:
        """Have as many waiting as there should be, if that can be; the cells make themselves ready meanwhile."""
        while True:
            with self._lock:
                if len(self._waiting) >= self._spare:
                    return
            try:
                seat = self._made()
            except CellLost:
                # It is in the log; whoever asks next tries again and is told.
                return
            with self._lock:
                self._waiting.append(seat)

    def close(self) -> None:
        self._parked.close()
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for seat in waiting:
            seat.close()

    def _made(self) -> Seat:
        try:
            return Seat(self._root, self._limits)
        except (OSError, WardenLost) as error:
            logger.exception("no cell can be made for a query")
            raise CellLost(None) from error


_seats: dict[tuple[int, Path, Limits], Seats] = {}


def seats(root: Path, limits: Limits, *, spare: int, kept: int) -> Seats:
    """The process' own. A forked process finds its parent's here and leaves them alone."""
    key = os.getpid(), root, limits
    if key not in _seats:
        _sweep(root)
        _seats[key] = Seats(root, limits, spare=spare, kept=kept)
        atexit.register(_seats[key].close)
    return _seats[key]


def _sweep(root: Path) -> None:
    """Remove the folders of processes that are no more."""
    for folder in root.glob("*-*"):
        owner = folder.name.partition("-")[0]
        if owner.isdecimal() and not _is_running(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
