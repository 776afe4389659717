"""An object store behind signed URLs, which refuses a token beside a signature as S3 does."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs

from tests.client.local_http import Fault, Handler, Seen


class Store(Handler):
    def answer(self, seen: Seen, fault: Fault) -> None:
        site = self.site
        if "authorization" in seen.headers:
            self.refuse(400, "InvalidArgument", "Only one auth mechanism allowed")
        elif int(parse_qs(seen.query)["sig"][0]) < site.valid_from:
            self.refuse(403, "AccessDenied", "Request has expired")
        elif seen.method == "PUT":
            _, _, upload, number = seen.path.split("/")
            self.receive(site.uploads[upload], int(number), seen)
        else:
            self.send_blob(site.blobs[seen.path.rsplit("/", 1)[1]], seen, fault)

    def receive(self, upload: dict[str, Any], number: int, seen: Seen) -> None:
        md5 = base64.b64encode(hashlib.md5(seen.body, usedforsecurity=False).digest()).decode()
        if seen.headers.get("content-md5") != md5 or upload["signed"][number] != (md5, len(seen.body)):
            self.refuse(400, "BadDigest", "The Content-MD5 you specified did not match")
            return
        with self.site.lock:
            upload["parts"][number] = seen.body
        self.send(200)

    def refuse(self, status: int, code: str, message: str) -> None:
        xml = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self.send(status, xml.encode(), {"Content-Type": "application/xml"})
