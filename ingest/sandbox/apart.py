"""``ingest_file`` in a cell, and what becomes of a parse that does not end well.

A crash is tried once more in a fresh cell: it may have been somebody's ``kill``. Too much memory is tried once more
with twice as much, one such file at a time on a machine. What happens again is the file's: the upload is rejected
with a finding that says so. What is killed twice from outside is ours: ``ParserLost``.
"""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.findings import FindingGroup
from catalog.hashes import sha256_of_file
from catalog.sandbox.codec import NotOfType, decode, encode
from catalog.sandbox.confinement import Confinement
from catalog.sandbox.keeper import Cause, Ending, Job, Keeper, WardenLost, keeper
from ingest.outcome import FindingReport, Outcome, Rejected
from ingest.progress import Progress, ignore
from ingest.sandbox.custody import inspect
from ingest.sandbox.parse import LOAD, TARGET, Request

logger = logging.getLogger(__name__)
TRIES = 2
WAIT_SECONDS = 0.2
_FILE_S_FAULT = {
    Cause.CRASHED: "parser-crashed",
    Cause.CPU: "too-long",
    Cause.WALL: "too-long",
    Cause.MEMORY: "too-much-memory",
    Cause.DISK: "too-much-disk",
}
_AGAIN = {Cause.CRASHED, Cause.KILLED, Cause.WALL, Cause.MEMORY}
"""Processor time and bytes on disk come out the same the second time, and so does an exception of ours."""


class ParserLost(Exception):
    """The parse ended by no fault of the file: an exception of ours, or a kill from outside. To be tried again."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The outcome and what it took, of the last try. ``workdir`` is where the outcome's files lie."""

    outcome: Outcome
    peak_bytes: int
    cpu_seconds: float
    seconds: float


def ingest_apart(
    request: Request,
    *,
    confinement: Confinement,
    sha256: str | None = None,
    progress: Callable[[Progress], None] = ignore,
    tick: Callable[[], None] = lambda: None,
    turn: Path | None = None,
    target: str = TARGET,
    by: Keeper | None = None,
) -> Parsed:
    """``ingest_file`` with the arguments of ``request``, in a process that may die of it.

    ``sha256`` is the source's where the caller knows it; what the cell says it is must be the same. ``tick`` is called
    some ten times a second; what it or ``progress`` raises ends the parse and passes through. ``turn`` is a lock file:
    who needs more memory than is usual waits for it. ``target`` is what is run in place of the pipeline, ``by`` another
    keeper than the process' own. Raises ParserLost.
    """
    request = replace(request, source=request.source.resolve(), workdir=request.workdir.resolve())
    filename = request.filename
    parse = _Parse(request, sha256, job_of=(target, by or keeper(LOAD)), progress=progress, tick=tick)
    ending = parse.run(1, confinement)
    if ending.cause in _AGAIN:
        logger.warning("%s: the parser ended (%s) and is tried again: %s", filename, ending.cause, ending.detail)
        if ending.cause is Cause.MEMORY:
            confinement = replace(confinement, memory_bytes=2 * confinement.memory_bytes)
            with _alone(turn, tick):
                ending = parse.run(2, confinement)
        else:
            ending = parse.run(2, confinement)
    if ending.cause is Cause.DONE:
        return Parsed(ending.answer, ending.peak_bytes, ending.cpu_seconds, ending.seconds)
    if ending.cause not in _FILE_S_FAULT:
        raise ParserLost(f"{ending.cause}: {ending.detail}")
    logger.warning("%s: the parser ended (%s), and that is the file's: %s", filename, ending.cause, ending.detail)
    rejected = _rejected(parse.sha256, request.source.stat().st_size, ending, confinement)
    return Parsed(rejected, ending.peak_bytes, ending.cpu_seconds, ending.seconds)


class _Parse:
    """One file and its tries, each in a folder of its own."""

    def __init__(
        self,
        request: Request,
        sha256: str | None,
        *,
        job_of: tuple[str, Keeper],
        progress: Callable[[Progress], None],
        tick: Callable[[], None],
    ) -> None:
        self._request = request
        self._known_sha256 = sha256
        self._target, self._by = job_of
        self._progress = progress
        self._tick = tick

    def run(self, number: int, confinement: Confinement) -> Ending:
        """One try. Its ``answer`` is an Outcome, inspected."""
        folder = self._request.workdir / f"try-{number}"
        request = replace(self._request, workdir=folder)
        job = Job(
            target=self._target,
            payload=encode(request),
            folder=folder,
            readable=[request.source],
            confinement=confinement,
        )
        try:
            ending = self._by.run(job, on_progress=self._on_progress, tick=self._tick)
            if ending.cause is not Cause.DONE:
                return ending
            outcome: Outcome = decode(Outcome, ending.answer)
            size = request.source.stat().st_size
            inspect(outcome, workdir=folder, sha256=self.sha256, size=size)
        except NotOfType as error:
            return Ending(cause=Cause.CRASHED, detail=f"its answer is not to be believed: {error}")
        except WardenLost as error:
            return Ending(cause=Cause.KILLED, detail=f"the warden is gone: {error}")
        return replace(ending, answer=outcome)

    @cached_property
    def sha256(self) -> str:
        """The source's, reckoned by us."""
        return self._known_sha256 or sha256_of_file(self._request.source)

    def _on_progress(self, data: Any) -> None:
        self._progress(decode(Progress, data))


@contextmanager
def _alone(turn: Path | None, tick: Callable[[], None]) -> Iterator[None]:
    """The machine's one turn for a file that needs much; given back by the kernel if we die."""
    if turn is None:
        yield
        return
    turn.parent.mkdir(parents=True, exist_ok=True)
    with turn.open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                tick()
                time.sleep(WAIT_SECONDS)
        yield


def _rejected(sha256: str, size: int, ending: Ending, confinement: Confinement) -> Rejected:
    limits: dict[Cause, dict[str, Any]] = {
        Cause.CRASHED: {"tries": TRIES},
        Cause.CPU: {"seconds": confinement.cpu_seconds},
        Cause.WALL: {"seconds": confinement.wall_seconds},
        Cause.MEMORY: {"limit": confinement.memory_bytes},
        Cause.DISK: {"limit": confinement.file_bytes},
    }
    group = FindingGroup(_FILE_S_FAULT[ending.cause], 1, params=limits[ending.cause])
    return Rejected(sha256, size, FindingReport(1, (group,)))
