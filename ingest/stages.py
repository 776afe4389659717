"""Two threads around the caller's own: one that reads ahead, one that writes behind.

Parsing, casting and compressing are C++ code outside the interpreter's lock, so that three threads fill two
cores. Each hand-over is a queue that holds little: two batches read, and of batches to write about as many bytes as
a row group has, since the writer is idle until one is full and then busy for long. Memory stays bounded whatever the
file. Leaving the context stops and joins the threads, also when the caller's code raised.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")

DEPTH = 2
WAITING_BYTES = 32 << 20
POLL_SECONDS = 0.1


class _End:
    pass


_END = _End()


class _Thread:
    """A thread with a stop flag and a queue; what it raises is raised again in the caller."""

    def __init__(self, name: str, depth: int) -> None:
        self._queue: queue.Queue[Any] = queue.Queue(depth)
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._guarded, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _guarded(self) -> None:
        try:
            self._run()
        except BaseException as error:  # noqa: BLE001 -- handed to the caller's thread, which raises it
            self._error = error

    def _run(self) -> None:
        raise NotImplementedError

    def _put(self, item: Any) -> bool:
        """Put with an eye on the stop flag and on the other side's death; False when there is no use."""
        while not self._stop.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=POLL_SECONDS)
                return True
        return False


class ReadAhead(_Thread, Generic[T]):
    """Runs an iterable in a thread; iterate over this to get its items in order."""

    def __init__(self, source: Iterable[T]) -> None:
        super().__init__("ingest-read", DEPTH)
        self._source = source

    def _run(self) -> None:
        try:
            for item in self._source:
                if not self._put(item):
                    return
        finally:
            self._put(_END)

    def __iter__(self) -> Iterator[T]:
        while not isinstance(item := self._queue.get(), _End):
            yield item
        if self._error is None:
            self._thread.join()
        if self._error is not None:
            raise self._error


class WriteBehind(_Thread, Generic[T]):
    """Calls ``consume`` with each item in a thread, in order. ``finish`` waits until all are consumed.

    ``weigh`` tells an item's bytes: so many may wait as WAITING_BYTES has room for, and one at least.
    """

    def __init__(self, consume: Callable[[T], None], weigh: Callable[[T], int]) -> None:
        super().__init__("ingest-write", 0)
        self._consume = consume
        self._weigh = weigh
        self._room = threading.Condition()
        self._waiting = 0

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                item = self._queue.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(item, _End):
                return
            self._consume(item)
            self._count(-self._weigh(item))

    def _count(self, weight: int) -> None:
        with self._room:
            self._waiting += weight
            self._room.notify()

    def send(self, item: T) -> None:
        """Hand an item over; raises what ``consume`` raised for an earlier one."""
        weight = self._weigh(item)
        with self._room:
            while self._thread.is_alive() and self._waiting and self._waiting + weight > WAITING_BYTES:
                self._room.wait(POLL_SECONDS)
        self._raise()
        self._count(weight)
        self._queue.put(item)

    def finish(self) -> None:
        """Wait until everything is consumed; raises what ``consume`` raised."""
        self._queue.put(_END)
        self._thread.join()
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error
