"""The worker's side: starts the warden, hands it a job, reads what comes back, and says how it ended."""

from __future__ import annotations

import atexit
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from catalog.sandbox.codec import encode
from catalog.sandbox.confinement import Confinement
from catalog.sandbox.frames import HEADER, FrameBroken, FrameReader, pack

TICK_SECONDS = 0.1
LOG = "parser.log"
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TZDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")


class Cause(StrEnum):
    """How a job ended. *Error* is an exception in it, *killed* a SIGKILL or SIGTERM that was none of ours."""

    DONE = "done"
    ERROR = "error"
    CRASHED = "crashed"
    KILLED = "killed"
    CPU = "cpu"
    WALL = "wall"
    MEMORY = "memory"
    DISK = "disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``target`` is ``module:function`` and gets ``payload`` (JSON) and a function to report with.

    It runs in ``folder``, which it may write to; of the rest of the disk it may read ``readable``.
    """

    target: str
    payload: Any
    folder: Path
    readable: Sequence[Path] = ()
    confinement: Confinement = field(default_factory=Confinement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """``answer`` is the target's own where ``cause`` is *done*; ``detail`` is for operators."""

    cause: Cause
    answer: Any = None
    detail: str = ""
    peak_bytes: int = 0
    cpu_seconds: float = 0
    seconds: float = 0


class WardenLost(Exception):
    """The warden itself is gone or could not start; its log stands in the worker's."""


class _Broken(Exception):
    """The cell said what is no message of ours."""


class Keeper:
    """One warden and its jobs, one at a time: other threads wait. Not to be carried over a fork.

    ``load`` is the ``module:function`` by which the warden loads what its cells need.
    """

    def __init__(self, load: str) -> None:
        self._load = load
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._endings: FrameReader | None = None

    def warm(self) -> None:
        """Start the warden, without waiting for it: it loads for a second or two."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "catalog.sandbox.warden", str(theirs.fileno()), self._load],
                env=_clean_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                # Ctrl-C in a terminal is for the one who started us.
                start_new_session=True,
            )
        self._control, self._endings = ours, FrameReader(ours.fileno())

    def branch(self) -> Branch:
        """A warden of its own, forked from this one. Raises WardenLost."""
        with self._turn:
            self.warm()
            if self._control is None:
                raise WardenLost("it did not start")
            ours, theirs = socket.socketpair()
            with theirs:
                data = pack({"branch": True})
                try:
                    socket.send_fds(self._control, [data[: HEADER.size]], [theirs.fileno()])
                    self._control.sendall(data[HEADER.size :])
                except OSError as error:
                    ours.close()
                    self.close()
                    raise WardenLost(str(error)) from error
            return Branch(ours)

    def close(self) -> None:
        """End the warden and whatever it watches."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
        self._process = self._control = self._endings = None

    def run(
        self,
        job: Job,
        *,
        on_progress: Callable[[Any], None] = lambda _: None,
        tick: Callable[[], None] = lambda: None,
    ) -> Ending:
        """Have the job done. What ``on_progress`` and ``tick`` (some ten times a second) raise ends it and passes on.

        Raises WardenLost.
        """
        with self._turn:
            self.warm()
            job.folder.mkdir(parents=True, exist_ok=True)
            try:
                return self._hold(job, on_progress, tick)
            except _Broken as error:
                # Nothing more is heard of this cell: it ends with its warden.
                self.close()
                return Ending(cause=Cause.CRASHED, detail=f"it said what is no message: {error}")
            except OSError as error:
                self.close()
                raise WardenLost(str(error)) from error
            except BaseException:
                self.close()
                raise

    def _hold(self, job: Job, on_progress: Callable[[Any], None], tick: Callable[[], None]) -> Ending:
        if self._control is None or self._endings is None:
            raise WardenLost("it did not start")
        reading, writing = os.pipe()
        try:
            try:
                send_job(self._control, job, writing)
            finally:
                os.close(writing)
            return _Conversation(self._control, self._endings, reading, job.folder).hold(on_progress, tick)
        finally:
            os.close(reading)


def send_job(control: socket.socket, job: Job, fd: int) -> None:
    """Tell a warden of a job; ``fd`` is where its cell answers. Raises OSError."""
    request = {
        "target": job.target,
        "payload": job.payload,
        "folder": str(job.folder.resolve()),
        "readable": [str(path.resolve()) for path in job.readable],
        "confinement": encode(job.confinement),
    }
    data = pack(request)
    socket.send_fds(control, [data[: HEADER.size]], [fd])
    control.sendall(data[HEADER.size :])


class Branch:
    """A warden that was forked from another: one cell, with which the caller speaks by itself.

    It holds a bare descriptor: an answer that nobody reads to its end is closed by the garbage collector, which ends
    things in any order and complains of sockets.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control.detach()
        self._endings = FrameReader(self._control)

    def start(self, job: Job, fd: int) -> None:
        """Have a cell forked that answers at ``fd``. Raises WardenLost."""
        try:
            with socket.socket(fileno=os.dup(self._control)) as control:
                send_job(control, job, fd)
        except OSError as error:
            raise WardenLost(str(error)) from error

    def wake(self) -> None:
        """Have a cell watched that was asleep. Raises WardenLost."""
        self._say(b"w")

    def rest(self) -> None:
        """Have a cell not watched that waits for more work. Raises WardenLost."""
        self._say(b"s")

    def _say(self, word: bytes) -> None:
        try:
            os.write(self._control, word)
        except OSError as error:
            raise WardenLost(str(error)) from error

    def ending(self, seconds: float) -> Cause | None:
        """How the cell ended by the kernel's word and the warden's; None where nothing is heard in that time."""
        if self._control < 0:
            return None
        ready, _, _ = select.select([self._control], [], [], seconds)
        if not ready:
            return None
        with suppress(OSError, FrameBroken):
            for message in self._endings.read():
                return cause_of(message["ended"])
        return None

    def close(self) -> None:
        """End the warden and its cell, whatever it does. A second call does nothing."""
        if self._control >= 0:
            os.close(self._control)
            self._control = -1


class _Conversation:
    """One job's frames on its own pipe, and the warden's word about its end."""

    def __init__(self, control: socket.socket, endings: FrameReader, reading: int, folder: Path) -> None:
        self._control = control
        self._endings = endings
        self._frames = FrameReader(reading)
        self._reading = reading
        self._folder = folder
        self._last: dict[str, Any] = {}

    def hold(self, on_progress: Callable[[Any], None], tick: Callable[[], None]) -> Ending:
        while True:
            watched: list[Any] = [self._control] if self._frames.ended else [self._control, self._reading]
            ready, _, _ = select.select(watched, [], [], TICK_SECONDS)
            tick()
            if self._reading in ready:
                self._listen(on_progress)
            elif self._control in ready:
                for message in self._endings.read():
                    return self._ending(message["ended"])
                if self._endings.ended:
                    raise WardenLost("it ended")

    def _listen(self, on_progress: Callable[[Any], None]) -> None:
        """What the cell says, always before its warden's word about its end: its bytes are in the pipe by then."""
        try:
            for message in self._frames.read():
                if not isinstance(message, dict) or self._last:
                    raise _Broken("not what was agreed")
                if "progress" in message:
                    on_progress(message["progress"])
                else:
                    self._last = message
        except FrameBroken as error:
            raise _Broken(str(error)) from None

    def _ending(self, ended: dict[str, Any]) -> Ending:
        cause, detail, answer = self._cause(ended)
        usage = {name: ended[name] for name in ("peak_bytes", "cpu_seconds", "seconds")}
        if cause is not Cause.DONE:
            detail = f"{detail}\n{_tail(self._folder / LOG)}".strip()
        return Ending(cause=cause, answer=answer, detail=detail, **usage)

    def _cause(self, ended: dict[str, Any]) -> tuple[Cause, str, Any]:
        code = ended["exit"]
        if ended["cause"]:
            return Cause(ended["cause"]), f"ended by us ({ended['cause']})", None
        if code == 0 and "answer" in self._last:
            return Cause.DONE, "", self._last["answer"]
        if code == 0 and isinstance(failed := self._last.get("failed"), dict):
            known = {"memory": Cause.MEMORY, "disk": Cause.DISK}
            return known.get(str(failed.get("cause")), Cause.ERROR), str(failed.get("text", "")), None
        if code == 0:
            return Cause.CRASHED, "exit code 0, without a word", None
        words = "its processor time was used up" if code == -signal.SIGXCPU else _words_of(code)
        return cause_of(ended), words, None


def cause_of(ended: dict[str, Any]) -> Cause:
    """What a warden's word about an end means, whatever the cell itself had said."""
    code = ended["exit"]
    if ended["cause"]:
        return Cause(ended["cause"])
    if code == -signal.SIGXCPU:
        return Cause.CPU
    if code in {-signal.SIGKILL, -signal.SIGTERM}:
        return Cause.KILLED
    return Cause.DONE if code == 0 else Cause.CRASHED


def _words_of(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}, without a word"


def _clean_environment() -> dict[str, str]:
    """What a parse needs to know of the machine, and no secret. Its libraries start no threads of their own."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join(path for path in [str(Path(__file__).parents[2]), *sys.path] if path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }


def _tail(log: Path) -> str:
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 4_000))
        return file.read().decode("utf-8", errors="replace")
    return ""


_keepers: dict[tuple[int, str], Keeper] = {}


def keeper(load: str) -> Keeper:
    """The process' own for these engines. A forked process finds its parent's here and leaves it alone."""
    own = os.getpid(), load
    if own not in _keepers:
        _keepers[own] = Keeper(load)
        atexit.register(_keepers[own].close)
    return _keepers[own]
