"""A store that answers 500 to every copy of its own: an upload is stored all the same, byte for byte."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from catalog import keys, storage
from tests.fixtures.datasets import make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import push

pytestmark = pytest.mark.django_db(transaction=True)


class _NoCopies(BaseHTTPRequestHandler):
    """Passes everything on to the store, but for copies."""

    protocol_version = "HTTP/1.1"
    store: ClassVar[str] = ""
    refused: ClassVar[list[str]] = []

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "x-amz-copy-source" in self.headers:
            self.refused.append(self.path)
            self._answer(500, [], b"")
            return
        store = HTTPConnection(urlsplit(self.store).netloc, timeout=60)
        # With the name by which it was asked, which is part of what was signed.
        store.request(self.command, self.path, body, dict(self.headers.items()))
        answer = store.getresponse()
        self._answer(answer.status, answer.getheaders(), answer.read())
        store.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass_on  # noqa: N815 -- http.server calls them so.

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        self.send_response_only(status)
        length = str(len(data))
        for name, value in headers:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            elif name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: Any) -> None:
        """Nothing is said."""


@pytest.fixture
def refused(settings: Any) -> Iterator[list[str]]:
    """Addresses to which nothing was copied; the store is asked through us meanwhile."""
    handler = type("Handler", (_NoCopies,), {"store": settings.S3_ENDPOINT_URL, "refused": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.S3_ENDPOINT_URL = f"http://127.0.0.1:{server.server_address[1]}"
    storage._forget_clients()
    yield handler.refused
    storage._forget_clients()
    server.shutdown()
    server.server_close()


def test_an_upload_is_stored_all_the_same(cast: Cast, refused: list[str]) -> None:
    data = b"id,name\n1,gull\n2,tern\n"
    upload = push(cast.contributor, make_dataset(cast), data)
    assert refused
    assert (upload.state, upload.sha256) == ("stored", hashlib.sha256(data).hexdigest())
    assert storage.read_bytes(keys.original(upload.dataset_id, upload.sha256)) == data
