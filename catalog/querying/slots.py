"""So many questions at once on a machine, whatever process answers them; the next ones wait a little, then come back.

A slot is a file that is locked. The lock ends with its process, so that nothing stays taken.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from catalog.errors import Unavailable

Lane = Literal["query", "export"]
_PAUSE = 0.005
_waiting: dict[tuple[int, Path, Lane], deque[object]] = {}
"""Who waits in this process, in the order in which they came: only the first of them looks for a slot.

A forked process finds its parent's here and leaves them alone.
"""


class TooBusy(Unavailable):
    """All slots are taken, and stayed so for as long as one may wait. ``wait`` is in seconds."""

    code = "too-busy"
    title = "Too many questions at once"
    wait = 5


@contextmanager
def slot(
    folder: Path, *, lane: Lane, count: int, seconds: float, tick: Callable[[], None] = lambda: None
) -> Iterator[None]:
    """One of ``count`` slots of the lane, for as long as the context lasts. Raises TooBusy after ``seconds``."""
    folder.mkdir(parents=True, exist_ok=True)
    file = _waited_for(folder, lane, count, time.monotonic() + seconds, tick)
    try:
        yield
    finally:
        os.close(file)


def _waited_for(folder: Path, lane: Lane, count: int, deadline: float, tick: Callable[[], None]) -> int:
    queue, own = _waiting.setdefault((os.getpid(), folder, lane), deque()), object()
    queue.append(own)
    try:
        while True:
            if queue[0] is own:
                for number in range(count):
                    file = _taken(folder / f"{lane}-{number}")
                    if file is not None:
                        return file
            if time.monotonic() > deadline:
                raise TooBusy(f"{count} are being answered.", remedy="Ask again in a few seconds.")
            tick()
            time.sleep(_PAUSE)
    finally:
        queue.remove(own)


def _taken(path: Path) -> int | None:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file
