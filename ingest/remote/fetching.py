"""The fetch: redirects by hand, each looked at like the first address; a body with a limit, a clock and a hash."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from catalog.findings import Finding
from ingest.remote.address import Resolver, Target, name_in, parse_url, require_open, resolve, shown
from ingest.remote.connection import USER_AGENT, Clock, connected
from ingest.remote.policy import ImportRefusedError, Policy, failed

CHUNK = 1 << 18
_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_HEADERS = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: ``size`` bytes with their hash, and what the server said about them."""

    size: int
    sha256: str
    url: str
    etag: str
    last_modified: str


class Remote:
    """An address, asked. Use it as a context manager: the headers are there, the body comes with ``save``."""

    def __init__(self, url: str, policy: Policy, *, resolver: Resolver = resolve) -> None:
        self._policy = policy
        self._resolver = resolver
        self._stack = ExitStack()
        self._begun = time.monotonic()
        self._asked = parse_url(url, policy)

    def __enter__(self) -> Self:
        """Ask, and follow redirects. Raises ImportRefusedError."""
        with ExitStack() as stack:
            target = self._asked
            for _ in range(self._policy.redirects + 1):
                self._stack = stack.enter_context(ExitStack())
                response, clock = self._ask(target)
                if response.status not in _REDIRECTS:
                    self._require_file(target, response)
                    self._target, self._response, self._clock = target, response, clock
                    stack.pop_all()
                    return self
                self._stack.close()
                target = self._next(target, response)
        raise failed(shown(self._asked.url), f"it leads on more than {self._policy.redirects} times")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def length(self) -> int | None:
        """Bytes that the server says will come; None when it does not say."""
        text = self._response.getheader("Content-Length", "") or ""
        return int(text) if text.isascii() and text.isdigit() and not self._is_packed else None

    @property
    def filename(self) -> str:
        """What the server or the addresses call the file; may be empty."""
        given = self._response.headers.get_filename()
        return given or name_in(self._target.url) or name_in(self._asked.url)

    @property
    def media_type(self) -> str:
        return self._response.headers.get_content_type()

    def save(self, path: Path, *, progress: Callable[[int], None] = lambda _: None) -> Fetched:
        """The whole body to a file; ``progress`` is told the bytes so far, and what it raises ends the fetch.

        Raises ImportRefusedError when it is too large, too slow or not whole; OSError of the disk.
        """
        digest, size = hashlib.sha256(), 0
        self._require_size(self.length or 0)
        self._clock.set(self._policy.total_seconds - (time.monotonic() - self._begun))
        with path.open("wb") as file:
            for chunk in self._chunks():
                size += len(chunk)
                self._require_size(size)
                digest.update(chunk)
                file.write(chunk)
                progress(size)
        header = self._response.headers.get
        url = shown(self._target.url)
        return Fetched(size, digest.hexdigest(), url, header("ETag", "")[:200], header("Last-Modified", "")[:100])

    # ---------------------------------------------------------------------------------------------- asking
    def _ask(self, target: Target) -> tuple[http.client.HTTPResponse, Clock]:
        with _telling(target) as clocks:
            addresses = require_open(target, self._resolver(target.host, target.port), self._policy)
            connection, clock = self._stack.enter_context(connected(target, addresses, self._policy))
            clocks.append(clock)
            connection.request("GET", target.path, headers={"Host": target.authority, **_HEADERS})
            response = connection.getresponse()
            self._stack.callback(response.close)
        if clock.rang:
            raise failed(shown(target.url), "it took too long to answer", passing=True)
        return response, clock

    def _next(self, target: Target, response: http.client.HTTPResponse) -> Target:
        where = response.getheader("Location")
        if not where:
            raise failed(shown(target.url), "it leads on, and does not say where")
        # Headers are Latin-1 by the standard and UTF-8 by habit.
        return parse_url(
            urljoin(target.url, where.encode("latin-1", "replace").decode("utf-8", "replace")), self._policy
        )

    def _require_file(self, target: Target, response: http.client.HTTPResponse) -> None:
        if response.status != 200:
            reason = f"the server answered {response.status}"
            raise failed(shown(target.url), reason, passing=response.status in _PASSING)
        packed = (response.getheader("Content-Encoding") or "identity").strip().lower()
        if packed not in {"identity", "gzip", "x-gzip", ""}:
            raise failed(shown(target.url), f"the server packed it in a way that was not asked for ({packed:.20})")
        self._is_packed = packed in {"gzip", "x-gzip"}

    # -------------------------------------------------------------------------------------------- the body
    def _chunks(self) -> Iterator[bytes]:
        pieces = self._pieces()
        return _unpacked(pieces, self._target) if self._is_packed else pieces

    def _pieces(self) -> Iterator[bytes]:
        """The body as it travels. A body that is shorter than was said is no body."""
        response, due = self._response, self._response.length
        while True:
            with _telling(self._target, self._clock):
                piece = response.read1(CHUNK) if due is None else response.read(min(CHUNK, due))
            if self._clock.rang:
                raise failed(shown(self._target.url), "it took too long", passing=True)
            if not piece:
                break
            due = None if due is None else due - len(piece)
            yield piece
        if due:
            raise failed(shown(self._target.url), f"it ended {due} bytes too early", passing=True)

    def _require_size(self, size: int) -> None:
        if size > self._policy.max_bytes:
            raise ImportRefusedError(Finding("file-too-large", params={"bytes": size, "limit": self._policy.max_bytes}))


def _unpacked(pieces: Iterator[bytes], target: Target) -> Iterator[bytes]:
    """The bytes of a gzip stream that a server made without being asked, never more than a chunk at a time."""
    decoder = zlib.decompressobj(31)
    try:
        for piece in pieces:
            waiting = piece
            while waiting and not decoder.eof:
                yield decoder.decompress(waiting, CHUNK)
                waiting = decoder.unconsumed_tail
    except zlib.error:
        raise failed(shown(target.url), "its packed bytes are damaged") from None
    if not decoder.eof:
        raise failed(shown(target.url), "its packed bytes end too early", passing=True)


@contextmanager
def _telling(target: Target, clock: Clock | None = None) -> Iterator[list[Clock]]:
    """Turn what networks do into our refusal. Clocks that are added to the list are looked at, too."""
    clocks = [clock] if clock else []
    try:
        yield clocks
    except socket.gaierror as error:
        raise failed(shown(target.url), "its host is not known", passing=error.errno == socket.EAI_AGAIN) from None
    except ssl.SSLCertVerificationError as error:
        raise failed(shown(target.url), f"its certificate is not good ({error.verify_message})") from None
    except (TimeoutError, OSError, http.client.HTTPException) as error:
        if isinstance(error, TimeoutError) or any(item.rang for item in clocks):
            raise failed(shown(target.url), "it took too long to answer", passing=True) from None
        raise failed(shown(target.url), f"the connection failed ({type(error).__name__})", passing=True) from None
