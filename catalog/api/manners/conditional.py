"""ETags for things that are read: the same answer is not sent twice (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.hashes import canonical_json
from catalog.transport.etags import is_known


def etag_of(data: Any) -> str:
    """The ETag of an answer, by its content."""
    return f'W/"{hashlib.sha256(canonical_json(data)).hexdigest()[:32]}"'


def answer(request: Request, data: Any, *, status: int = 200, etag: str = "") -> Response:
    """``data`` with its ETag, or 304 where the client has it. Private: the answer depends on who asks.

    ``etag`` is that of ``data`` where it is known already.
    """
    etag = etag or etag_of(data)
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Cookie, Accept-Language",
    }
    if request.method in {"GET", "HEAD"} and is_known(request.headers.get("If-None-Match", ""), etag):
        return Response(status=304, headers=headers)
    return Response(data, status=status, headers=headers)
