"""How bytes leave over HTTP: a redirect to a presigned URL, or streamed with Range.

The one rule (measured with real clients): a request that carries an Authorization header is streamed, because
pandas (urllib) forwards that header to the redirect's target and S3 answers 400 to it; all others are redirected.
HEAD is answered here, since a URL that is presigned for GET is refused for HEAD.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)

from catalog import storage
from catalog.etags import is_known
from catalog.services.downloads import Download

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes ``start`` to ``end``, both included."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start + 1


class RangeNotSatisfiable(Exception):
    """The range begins after the end (RFC 9110, 14.1.2)."""


def parse_range(header: str, size: int) -> Span | None:
    """The span asked for, or None where the whole is to be sent (no range, several ranges, or another unit).

    A suffix longer than the object means the whole object (Polars asks for the last 262,144 bytes first).
    Raises RangeNotSatisfiable.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or (not match[1] and not match[2]):
        return None
    if not match[1]:
        length = int(match[2])
        if length == 0 or size == 0:
            raise RangeNotSatisfiable
        return Span(max(0, size - length), size - 1)
    start = int(match[1])
    end = min(int(match[2]), size - 1) if match[2] else size - 1
    if match[2] and int(match[2]) < start:
        return None
    if start >= size:
        raise RangeNotSatisfiable
    return Span(start, end)


def wants_stream(request: HttpRequest) -> bool:
    return request.method == "HEAD" or _is_streamed_on_get(request)


def _is_streamed_on_get(request: HttpRequest) -> bool:
    return "Authorization" in request.headers or request.GET.get("stream") == "1"


def respond(request: HttpRequest, download: Download) -> HttpResponseBase:
    """Answer GET or HEAD for an object: 302, 200, 206, 304 or 416. Raises ObjectMissing, StorageUnavailable."""
    if not wants_stream(request):
        url = storage.presign_get(download.key, filename=download.filename, content_type=download.media_type)
        response: HttpResponseBase = HttpResponseRedirect(url)
        response["Cache-Control"] = "no-store"
        return response
    size = storage.size(download.key) if download.bytes is None else download.bytes
    etag = f'"{download.sha256}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": storage.attachment(download.filename),
        "X-Content-SHA256": download.sha256,
    }
    if not _is_streamed_on_get(request):
        # A GET is sent to the store, which has an ETag of its own; DuckDB takes two of them for a changed file.
        del headers["ETag"]
    if is_known(request.headers.get("If-None-Match", ""), etag):
        return HttpResponse(status=304, headers=headers)
    try:
        span = parse_range(_range_of(request, etag), size)
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    if span is None:
        headers["Content-Length"] = str(size)
        status, start, length = 200, 0, size
    else:
        headers |= {
            "Content-Length": str(span.length),
            "Content-Range": f"bytes {span.start}-{span.end}/{size}",
        }
        status, start, length = 206, span.start, span.length
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers, content_type=download.media_type)
    chunks = storage.stream(download.key, start=start, length=length)
    return StreamingHttpResponse(chunks, status=status, headers=headers, content_type=download.media_type)


def _range_of(request: HttpRequest, etag: str) -> str:
    """The range that counts: of GET alone (RFC 9110, 14.2), and only while If-Range names what we have (13.1.5)."""
    if request.method == "HEAD" or request.headers.get("If-Range", etag) != etag:
        return ""
    return request.headers.get("Range", "")
