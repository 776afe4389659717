"""HTTP servers that keep what they were asked, and can be told to misbehave."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tests.client.local_site import LocalSite


@dataclass(frozen=True)
class Seen:
    """One request as it arrived: `server` is "api" or "store"."""

    server: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Fault:
    """What happens instead, to the next `times` requests whose "METHOD /path" fits `match`, `after` so many.

    `status` answers with it; `cut` breaks the connection after so many body bytes; `corrupt` turns bits
    of the body; `no_ranges` answers a range with the whole; `redirect` sends elsewhere; `then` is called.
    """

    match: str
    times: int = 1
    after: int = 0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    corrupt: bool = False
    no_ranges: bool = False
    then: Callable[[], None] | None = None


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that were killed on purpose are no news; a fault of this file is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    site: LocalSite
    name: str
    protocol_version = "HTTP/1.1"
    # Without this, the small packets of headers and body wait 40 ms for each other.
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def do_PATCH(self) -> None:
        self._handle()

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # A client that stops cuts off what it is sending. That was no request, and is noticed here at any time.
            self.close_connection = True
            return
        seen = Seen(
            self.name,
            self.command,
            parts.path,
            parts.query,
            {k.lower(): v for k, v in self.headers.items()},
            body,
        )
        fault = None
        with self.site.lock:
            self.site.seen.append(seen)
            for candidate in self.site.faults:
                if candidate.times > 0 and re.search(candidate.match, f"{self.command} {parts.path}"):
                    if candidate.after > 0:
                        candidate.after -= 1
                        continue
                    candidate.times -= 1
                    fault = candidate
                    break
        if fault is not None and fault.then is not None:
            fault.then()
        if fault is not None and fault.status:
            self.send(fault.status, fault.body, fault.headers)
        elif fault is not None and fault.cut == 0:
            self.close_connection = True
        else:
            self.answer(seen, fault or Fault(""))

    def answer(self, seen: Seen, fault: Fault) -> None:
        raise NotImplementedError

    def send(
        self, status: int, body: bytes = b"", headers: dict[str, str] | None = None, *, cut: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if cut is not None and cut < len(body):
            self.wfile.write(body[:cut])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(body)

    def send_json(self, document: Any, status: int = 200) -> None:
        self.send(status, json.dumps(document).encode(), {"Content-Type": "application/json"})

    def send_blob(self, content: bytes, seen: Seen, fault: Fault) -> None:
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", seen.headers.get("range", ""))
        ranged = match is not None and not fault.no_ranges
        told = {}
        if match is not None and ranged:
            start, end = int(match[1]), min(int(match[2]), len(content) - 1)
            told = {"Content-Range": f"bytes {start}-{end}/{len(content)}"}
            content = content[start : end + 1]
        if fault.corrupt:
            content = bytes([content[0] ^ 1]) + content[1:]
        self.send(206 if ranged else 200, content, told, cut=fault.cut)
