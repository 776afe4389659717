"""How bytes leave over HTTP: a redirect to a presigned URL, or streamed with Range.

The one rule (measured with real clients): a request that carries an Authorization header is streamed, because
pandas (urllib) forwards that header to the redirect's target and S3 answers 400 to it; all others are redirected.
HEAD is answered here, since a URL that is presigned for GET is refused for HEAD.

A stream that has begun goes on to its end, whatever becomes of the right to it meanwhile: an answer that breaks off
looks like a fault of the network, and is asked for again. The next request, a range of the same object too, is refused.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.utils import timezone

from catalog import storage
from catalog.services.delivering.downloads import Download
from catalog.transport.byte_ranges import RangeNotSatisfiable, parse_range
from catalog.transport.etags import is_known

SHORTEST_SECONDS = 5
"""A URL has to live until a client has followed the redirect."""


def wants_stream(request: HttpRequest) -> bool:
    return request.method == "HEAD" or _is_streamed_on_get(request)


def _is_streamed_on_get(request: HttpRequest) -> bool:
    return "Authorization" in request.headers or request.GET.get("stream") == "1"


def presign(download: Download) -> str:
    """A URL of the object for whoever has it, valid for some minutes, and not past the end of a grant."""
    return storage.presign_get(
        download.key,
        filename=download.filename,
        content_type=download.media_type,
        seconds=_seconds_of(download.until),
    )


def _seconds_of(until: datetime | None) -> int:
    longest: int = settings.PRESIGNED_SECONDS
    if until is None:
        return longest
    return min(longest, max(SHORTEST_SECONDS, int((until - timezone.now()).total_seconds())))


def respond(request: HttpRequest, download: Download) -> HttpResponseBase:
    """Answer GET or HEAD for an object: 302, 200, 206, 304 or 416. Raises ObjectMissing, StorageUnavailable."""
    if not wants_stream(request):
        response: HttpResponseBase = HttpResponseRedirect(presign(download))
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
