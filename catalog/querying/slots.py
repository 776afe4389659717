"""So many questions at once on a machine, whatever process answers them; the next ones wait a little, then come back.

A slot is a file that is locked, and so is the ticket of who waits for one: a lock ends with its process, so that no
slot stays taken and no ticket holds up the line.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.errors import Unavailable

Lane = Literal["query", "export"]
_PAUSE = 0.005
_NEW = "."
"""Before the name of a ticket that is not locked yet."""
_numbers = itertools.count()
_entering = threading.Lock()
_waiting: dict[tuple[int, Path, Lane], deque[str]] = {}
"""The tickets of who waits in this process, in the order in which they came: only the first of them looks for a slot.

A forked process finds its parent's here and leaves them alone.
"""


class TooBusy(Unavailable):
    """All slots are taken, and stayed so for as long as one may wait. ``wait`` is in seconds."""

    code = "too-busy"
    title = gettext_lazy("Too many questions at once")
    wait = 5


@contextmanager
def slot(
    folder: Path, *, lane: Lane, count: int, seconds: float, tick: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """One of ``count`` slots of the lane, for as long as the context lasts. Raises TooBusy after ``seconds``.

    Whoever came first is first, in whatever process: without that, a process with few who wait would answer them
    sooner than the others theirs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    line = folder / f"{lane}-line"
    file = None if _has_live(line) else _free(folder, lane, count)
    if file is None:
        file = _waited_for(folder, lane, count, time.monotonic() + seconds, tick)
    try:
        yield
    finally:
        os.close(file)


def _waited_for(folder: Path, lane: Lane, count: int, deadline: float, tick: Callable[[], None]) -> int:
    queue = _waiting.setdefault((os.getpid(), folder, lane), deque())
    with _entering:
        # In one order in both lines: else the first of each may wait for the other.
        own = f"{time.monotonic_ns():020d}-{os.getpid()}-{next(_numbers)}"
        queue.append(own)
    try:
        with _ticket(folder / f"{lane}-line", own) as ticket:
            while True:
                if queue[0] == own and _is_first(ticket):
                    file = _free(folder, lane, count)
                    if file is not None:
                        return file
                if time.monotonic() > deadline:
                    raise TooBusy(
                        _("%(count)s are being answered.") % {"count": count}, remedy=_("Ask again in a few seconds.")
                    )
                tick()
                time.sleep(_PAUSE)
    finally:
        queue.remove(own)


def _free(folder: Path, lane: Lane, count: int) -> int | None:
    """The lock of a slot that nobody has."""
    return next((file for number in range(count) if (file := _locked(folder / f"{lane}-{number}")) is not None), None)


def _locked(path: Path) -> int | None:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


# ---------------------------------------------------------------- the line of those who wait
@contextmanager
def _ticket(line: Path, name: str) -> Iterator[Path]:
    """A locked file whose name says when its owner came, by the machine's clock, which all processes share."""
    line.mkdir(exist_ok=True)
    new = line / f"{_NEW}{name}"
    file = _locked(new)
    try:
        # Under its name it is locked from the first: whoever finds it unlocked may take it away.
        ticket = new.rename(line / name)
        yield ticket
    finally:
        with suppress(FileNotFoundError):
            (line / name).unlink()
        if file is not None:
            os.close(file)


def _tickets(line: Path) -> list[str]:
    try:
        return sorted(ticket.name for ticket in line.iterdir() if not ticket.name.startswith(_NEW))
    except FileNotFoundError:
        return []


def _has_live(line: Path) -> bool:
    return any(_is_live(line / name) for name in _tickets(line))


def _is_first(ticket: Path) -> bool:
    """Whether nobody who is still there came before."""
    return not any(_is_live(ticket.parent / name) for name in _tickets(ticket.parent) if name < ticket.name)


def _is_live(ticket: Path) -> bool:
    """Whether the ticket's owner still waits; the ticket of a process that is no more is taken away."""
    try:
        file = os.open(ticket, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        with suppress(FileNotFoundError):
            ticket.unlink()
        return False
    finally:
        os.close(file)
