"""Downloads: parallel ranges into `<name>.part`, resumable, verified, and then renamed into place.

Beside the part file stands `<name>.part.json`, which says which pieces are complete. It is written after
the bytes that it speaks of. If a machine dies with bytes unwritten all the same, the sha256 of the whole
finds it, and the file is fetched again from its beginning.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import IO

from commonfield._http import Transport
from commonfield.errors import ChecksumMismatch
from commonfield.files import lock, sha256_of, write_atomically
from commonfield.listing import FileEntry, Links
from commonfield.progress import Meter
from commonfield.ranges import RangesIgnored, Span, SpanFetcher, Stopped

PIECE_BYTES = 8 << 20
MAX_PIECES = 10_000
PARALLEL = 4
_STATE_SECONDS = 0.5


class FileDownload:
    """One file on its way to `target`. `settle` is called with the verified part file before the rename."""

    def __init__(
        self,
        *,
        transport: Transport,
        links: Links,
        entry: FileEntry,
        target: Path,
        lock_path: Path,
        meter: Meter,
        stop: threading.Event,
        settle: Callable[[Path], None] = lambda _: None,
    ) -> None:
        self.entry = entry
        self.target = target
        self.part = target.with_name(f"{target.name}.part")
        self.state = target.with_name(f"{target.name}.part.json")
        self._lock_path = lock_path
        self._meter = meter
        self._settle = settle
        self._fetcher = SpanFetcher(
            transport=transport, links=links, entry=entry, write=self._write, advance=meter.add, stop=stop
        )
        self._piece = max(PIECE_BYTES, -(-entry.bytes // MAX_PIECES))
        self._count = max(1, -(-entry.bytes // self._piece))
        self._done: set[int] = set()
        self._resumed = False
        self._saved_at = 0.0
        self._guard = threading.RLock()
        self._whole = threading.Lock()
        self._holding: IO[bytes] | None = None
        self._handle: IO[bytes] | None = None

    def begin(self, is_there: Callable[[], bool]) -> list[int]:
        """Wait for other processes, and say which pieces are to be run; none if `is_there` by now."""
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self._holding = lock(self._lock_path)
        if is_there():
            self._meter.add(self.entry.bytes)
            self.close()
            return []
        self._done = self._load_state()
        self._resumed = bool(self._done)
        self._handle = self.part.open("r+b" if self._done else "w+b", buffering=0)
        self._handle.truncate(self.entry.bytes)
        self._meter.add(sum(self._span(piece).end - self._span(piece).start for piece in self._done))
        missing = [piece for piece in range(self._count) if piece not in self._done]
        # Where an earlier run fetched everything and died before the end, one piece is run to end it.
        return missing or [0]

    def run(self, piece: int) -> None:
        """Fetch one piece. Whoever completes the last one verifies the file and puts it into place.

        That happens here and not in the thread that hands out the pieces, because that one may be
        waiting for another process, which may be waiting for this very file.
        """
        if piece not in self._done:
            self._fetch(piece)
        with self._guard:
            self._done.add(piece)
            complete = len(self._done) == self._count and self._handle is not None
            self._save_state(now=complete)
            if complete:
                self._finish()

    def close(self) -> None:
        """Leave things so that they can be taken up again. Harmless when all is done."""
        with self._guard:
            if self._handle is not None:
                self._save_state(now=True)
                self._handle.close()
                self._handle = None
            if self._holding is not None:
                self._holding.close()
                self._holding = None

    # ------------------------------------------------------------ bytes
    def _span(self, piece: int) -> Span:
        start = piece * self._piece
        return Span.of(start, min(start + self._piece, self.entry.bytes))

    def _fetch(self, piece: int) -> None:
        span = self._span(piece)
        try:
            self._fetcher.fetch(span)
        except RangesIgnored:
            # Some proxies drop the Range header. One thread takes the whole file, the others wait for it.
            with self._whole:
                if piece not in self._done:
                    self._fetch_whole()

    def _fetch_whole(self) -> None:
        with self._guard:
            self._meter.add(-sum(self._span(done).end - self._span(done).start for done in self._done))
            self._done.clear()
        self._fetcher.fetch(Span.of(0, self.entry.bytes))
        with self._guard:
            self._done.update(range(self._count))

    def _write(self, offset: int, chunk: bytes) -> None:
        with self._guard:
            if self._handle is None:
                raise Stopped
            self._handle.seek(offset)
            view = memoryview(chunk)
            while view:
                view = view[self._handle.write(view) :]

    def _finish(self) -> None:
        found = sha256_of(self.part)
        if found != self.entry.sha256 and self._resumed:
            # Some piece of an earlier day is not what its state said. Nothing of it is kept.
            self._resumed = False
            self._fetch_whole()
            found = sha256_of(self.part)
        if self._handle is not None:
            self._handle.close()
            self._handle = None
        self.state.unlink(missing_ok=True)
        if found != self.entry.sha256:
            self.part.unlink(missing_ok=True)
            raise ChecksumMismatch(
                f"{self.entry.path} arrived with sha256 {found}, but {self.entry.sha256} was published; "
                "nothing of it was kept.",
                "Run the same again; if it stays so, something between here and the registry changes the "
                "bytes: tell the registry's operators.",
            )
        self._settle(self.part)
        self.part.replace(self.target)
        self.close()

    # ------------------------------------------------------------ state
    def _load_state(self) -> set[int]:
        try:
            state = json.loads(self.state.read_text("utf-8"))
            fits = {**state, "done": None} == self._description(done=None)
            if not fits or self.part.stat().st_size != self.entry.bytes:
                return set()
            return {int(piece) for piece in state["done"] if 0 <= int(piece) < self._count}
        except (OSError, ValueError, KeyError, TypeError):
            return set()

    def _description(self, *, done: list[int] | None) -> dict[str, object]:
        return {"sha256": self.entry.sha256, "bytes": self.entry.bytes, "piece": self._piece, "done": done}

    def _save_state(self, *, now: bool) -> None:
        if not self._done or (not now and time.monotonic() - self._saved_at < _STATE_SECONDS):
            return
        self._saved_at = time.monotonic()
        write_atomically(self.state, json.dumps(self._description(done=sorted(self._done))))


def fetch_all(
    downloads: Iterable[tuple[FileDownload, Callable[[], bool]]], *, parallel: int, stop: threading.Event
) -> None:
    """Run the downloads, pieces of several files side by side; each comes with its `is_there`.

    Raises what the first piece that failed raised; whatever arrived until then can be resumed.
    """
    begun: list[FileDownload] = []
    pending: set[Future[None]] = set()
    try:
        with ThreadPoolExecutor(parallel, thread_name_prefix="commonfield") as pool:
            try:
                for download, is_there in downloads:
                    begun.append(download)
                    for piece in download.begin(is_there):
                        while len(pending) >= parallel * 2:
                            pending = _drain(pending)
                        pending.add(pool.submit(download.run, piece))
                while pending:
                    pending = _drain(pending)
            except BaseException:
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        for download in begun:
            with contextlib.suppress(OSError):
                download.close()


def _drain(pending: set[Future[None]]) -> set[Future[None]]:
    done, rest = wait(pending, return_when=FIRST_COMPLETED)
    errors = [error for future in done if (error := future.exception()) is not None]
    for error in errors:
        if not isinstance(error, Stopped):
            raise error
    return rest
