"""One cell from the web's side: its folder, the socket to it, what is said and heard, and its end."""

from __future__ import annotations

import logging
import os
import select
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.querying.messages import Wrong
from catalog.sandbox.codec import NotOfType, decode
from catalog.sandbox.confinement import MIB, Confinement
from catalog.sandbox.frames import HEADER, MAX_FRAME, FrameBroken, body_of, pack, write
from catalog.sandbox.keeper import Branch, Cause, Job, WardenLost, keeper

logger = logging.getLogger(__name__)
LOAD = "catalog.querying.cell:load"
TARGET = "catalog.querying.cell:serve"
TICK_SECONDS = 0.1
_MANY_SECONDS = 10**8
_READ = 1 << 18
_OVERHEAD = 384 * MIB
"""What a cell has beside its engine: the interpreter, pyarrow, a batch in the making."""


class Asked(Exception):
    """There is no answer, and ``wrong`` says why."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.sentence)
        self.wrong = wrong


class TimeUp(Exception):
    """The question took longer than it may."""


class CellLost(Exception):
    """The cell ended without an answer, by ``cause``."""

    def __init__(self, cause: Cause | None) -> None:
        super().__init__(str(cause))
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a cell may take: ``memory`` of its engine in bytes, ``temporary`` bytes on disk, seconds of processor."""

    memory: int
    temporary: int
    cpu_seconds: int


class Seat:
    """One cell and the socket to it. ``folder/in`` is what it may read.

    ``given`` are the sha256 of the objects that lie there, table by table; None before any do.
    """

    def __init__(self, root: Path, limits: Limits) -> None:
        self.given: tuple[tuple[str, ...], ...] | None = None
        root.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root)).resolve()
        self.readable = self.folder / "in"
        self.readable.mkdir()
        (self.folder / "tmp").mkdir()
        self._branch: Branch | None = None
        ours, theirs = socket.socketpair()
        # A bare descriptor, as of a Branch and for its reason.
        self._fd = ours.detach()
        self._buffer = bytearray()
        try:
            with theirs:
                self._branch = keeper(LOAD).branch()
                self._branch.start(self._job(limits), theirs.fileno())
        except BaseException:
            self.close()
            raise

    def _job(self, limits: Limits) -> Job:
        return Job(
            target=TARGET,
            payload={
                "folder": str(self.folder),
                "memory": f"{limits.memory}B",
                "temporary_bytes": limits.temporary,
            },
            folder=self.folder / "tmp",
            readable=[self.readable],
            confinement=Confinement(
                memory_bytes=limits.memory + _OVERHEAD,
                cpu_seconds=limits.cpu_seconds,
                wall_seconds=_MANY_SECONDS,
                file_bytes=limits.temporary,
                # It can start no process; where the kernel has no bar against that, it is soon enough.
                census_seconds=5.0,
                is_asleep=True,
            ),
        )

    @property
    def is_alive(self) -> bool:
        """Whether nothing was heard from the other side that says otherwise."""
        ready, _, _ = select.select([self._fd], [], [], 0)
        if not ready:
            return True
        with suppress(OSError):
            self._buffer += os.read(self._fd, _READ)
        return bool(self._buffer)

    def wake(self) -> bool:
        """Have it watched from now on; whether it is there."""
        try:
            if self._branch is not None:
                self._branch.wake()
        except WardenLost:
            return False
        return self._branch is not None

    def rest(self) -> bool:
        """Have it not watched while it waits for its next question; whether it is there."""
        try:
            if self._branch is not None:
                self._branch.rest()
        except WardenLost:
            return False
        return self._branch is not None and self.is_alive

    def say(self, message: dict[str, Any]) -> None:
        """Raises CellLost."""
        try:
            write(self._fd, pack(message))
        except OSError:
            raise CellLost(self._cause()) from None

    def hear(self, *, deadline: float, tick: Callable[[], None]) -> dict[str, Any]:
        """The next message. Raises Asked for what it says is wrong, TimeUp, CellLost, and what ``tick`` raises."""
        header = self._exactly(HEADER.size, deadline, tick)
        (length,) = HEADER.unpack(header)
        if length > MAX_FRAME:
            raise CellLost(Cause.CRASHED)
        try:
            message = body_of(self._exactly(length, deadline, tick))
            if not isinstance(message, dict):
                raise CellLost(Cause.CRASHED)
            if "wrong" in message:
                raise Asked(decode(Wrong, message["wrong"]))
        except (FrameBroken, NotOfType) as error:
            raise CellLost(Cause.CRASHED) from error
        if "failed" in message:
            logger.error("a query's cell failed: %s", str(message["failed"])[:4_000])
            is_memory = isinstance(message["failed"], dict) and message["failed"].get("cause") == "memory"
            raise CellLost(Cause.MEMORY if is_memory else Cause.ERROR)
        return message

    def pieces(self, length: int, *, deadline: float, tick: Callable[[], None]) -> Iterator[bytes]:
        """The bytes that were announced, as they come."""
        while length:
            if not self._buffer:
                self._receive(deadline, tick)
            piece = bytes(self._buffer[:length])
            del self._buffer[: len(piece)]
            length -= len(piece)
            yield piece

    def _exactly(self, length: int, deadline: float, tick: Callable[[], None]) -> bytes:
        while len(self._buffer) < length:
            self._receive(deadline, tick)
        data = bytes(self._buffer[:length])
        del self._buffer[:length]
        return data

    def _receive(self, deadline: float, tick: Callable[[], None]) -> None:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeUp
            ready, _, _ = select.select([self._fd], [], [], min(TICK_SECONDS, left))
            if ready:
                break
            tick()
        try:
            data = os.read(self._fd, _READ)
        except OSError:
            data = b""
        if not data:
            raise CellLost(self._cause())
        self._buffer += data

    def _cause(self) -> Cause | None:
        return None if self._branch is None else self._branch.ending(2.0)

    def close(self) -> None:
        """End the cell whatever it does, and remove its folder."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._branch is not None:
            self._branch.close()
        shutil.rmtree(self.folder, ignore_errors=True)
