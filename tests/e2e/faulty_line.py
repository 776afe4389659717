"""A bad line between a browser and the object store: a proxy of ours that the browser is told to go through.

Playwright could answer for the store as well, but it is told of every request's body then, and 2 GB of bodies go
through the browser's own thread once more. Here the bytes flow as they do in earnest, and what the store has taken
is counted where it says so, whether or not the browser still hears it.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

CHUNK = 1 << 20
REFUSAL = b"slow down"
OF_THIS_CONNECTION = {"connection", "proxy-connection", "keep-alive", "transfer-encoding"}


class FaultyLine:
    """``url`` is the proxy's. ``refused`` of the parts that pass are answered 503, drawn by ``seed``."""

    def __init__(self, *, refused: float, seed: int) -> None:
        self.url = ""
        self.stored: Counter[int] = Counter()
        """How often the store took each part."""
        self.refusals = 0
        self.broken_off = 0
        """Parts whose browser went away, or was paused, before all of it was here."""
        self.under_way = 0
        self.most = 0
        """The most parts that were under way in one moment."""
        self._share, self._chance = refused, random.Random(seed)
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"line": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def begin(self) -> bool:
        """A part comes; whether it is refused."""
        with self._lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            return self._chance.random() < self._share

    def end(self, number: int, status: int | None) -> None:
        """The store (or the line itself) has answered for a part; None when the browser broke it off."""
        with self._lock:
            self.under_way -= 1
            if status is None:
                self.broken_off += 1
            elif status < 300:
                self.stored[number] += 1
            else:
                self.refusals += 1


class _Handler(BaseHTTPRequestHandler):
    """One connection of the browser's."""

    line: ClassVar[FaultyLine]
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        number = int(parse_qs(urlsplit(self.path).query)["partNumber"][0])
        refused, status = self.line.begin(), None
        try:
            if refused:
                self._drop_body()
                status = 503
            else:
                answer, data = self._pass_on()
                status = answer.status
        except OSError:
            self.close_connection = True
            return
        finally:
            self.line.end(number, status)
        if refused:
            self._answer(503, [("Access-Control-Allow-Origin", "*")], REFUSAL)
        else:
            self._answer(answer.status, answer.getheaders(), data)

    def do_OPTIONS(self) -> None:
        """The browser asks first whether it may send to another site."""
        answer, data = self._pass_on()
        self._answer(answer.status, answer.getheaders(), data)

    do_GET = do_OPTIONS  # noqa: N815 -- its name is http.server's.

    def _pass_on(self) -> tuple[HTTPResponse, bytes]:
        """Raises OSError when the browser goes away in the middle of a body: the store never has all of it then."""
        target = urlsplit(self.path)
        store = HTTPConnection(str(target.hostname), target.port or 80, timeout=120)
        try:
            store.putrequest(self.command, f"{target.path}?{target.query}", skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in OF_THIS_CONNECTION:
                    store.putheader(name, value)
            store.endheaders()
            for chunk in self._body():
                store.send(chunk)
            answer = store.getresponse()
            return answer, answer.read()
        finally:
            store.close()

    def _drop_body(self) -> None:
        for _ in self._body():
            pass

    def _body(self) -> Any:
        left = int(self.headers.get("Content-Length", 0))
        while left:
            chunk = self.rfile.read1(min(CHUNK, left))
            if not chunk:
                raise ConnectionResetError
            left -= len(chunk)
            yield chunk

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        with suppress(OSError):
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in {*OF_THIS_CONNECTION, "content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, *arguments: Any) -> None:
        """Nothing is said."""
