"""A registry and an object store of their own, over real HTTP.

It follows the API contract as far as the client goes. The two servers have different ports, so they are
different origins.
"""

from __future__ import annotations

import hashlib
import re
import threading
from http.server import ThreadingHTTPServer
from typing import Any

from tests.client.local_api import Api
from tests.client.local_http import Fault, Handler, Seen, Server
from tests.client.local_store import Store

__all__ = ["Fault", "LocalSite"]


class LocalSite:
    part_size = 1 << 20

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.faults: list[Fault] = []
        self.tokens: dict[str, str] = {"cfd_owner": "olga"}
        self.datasets: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.uploads: dict[str, dict[str, Any]] = {}
        self.addresses: dict[str, bytes] = {}
        self.signature = 1
        self.valid_from = 0
        self.links = True
        self.polls_until_done = 2
        self.outcome = "stored"
        self.lock = threading.RLock()
        self._servers = [self._serve("api", Api), self._serve("store", Store)]
        self.url, self.store = (f"http://127.0.0.1:{server.server_port}" for server in self._servers)

    def _serve(self, name: str, handler: type[Handler]) -> ThreadingHTTPServer:
        bound = type(handler.__name__, (handler,), {"site": self, "name": name})
        server = Server(("127.0.0.1", 0), bound)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    # ------------------------------------------------------------ what there is
    def publish(self, key: str, number: str, files: dict[str, bytes], *, access: str = "public", **more: Any) -> None:
        """`files` maps "name.parquet" or "name/1.parquet" to bytes; anything else is an original."""
        with self.lock:
            entries = []
            for path, content in files.items():
                sha = hashlib.sha256(content).hexdigest()
                self.blobs[sha] = content
                kind = "parquet" if path.endswith(".parquet") else "original"
                entries.append(
                    {
                        "resource": re.split(r"[/.]", path)[0],
                        "kind": kind,
                        "path": path,
                        "bytes": len(content),
                        "sha256": sha,
                    }
                )
            dataset = self.datasets.setdefault(key, {"access": access, "title": key, "versions": {}, "draft": None})
            dataset["versions"][number] = {"number": number, "state": "published", "files": entries, **more}

    def api_requests(self, pattern: str = "") -> list[Seen]:
        return [s for s in self.seen if s.server == "api" and re.search(pattern, f"{s.method} {s.path}")]

    def store_requests(self, pattern: str = "") -> list[Seen]:
        return [s for s in self.seen if s.server == "store" and re.search(pattern, f"{s.method} {s.path}")]

    def sign(self, path: str) -> str:
        return f"{self.store}{path}?sig={self.signature}"

    def expire_links(self) -> None:
        with self.lock:
            self.signature += 1
            self.valid_from = self.signature
