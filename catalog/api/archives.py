"""A version as one ZIP archive, with its length, and any range of it: a download that broke off goes on."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.api.manners.openapi import documented
from catalog.api.versions import find_version
from catalog.connections import give_back_connections
from catalog.services.delivering.archives import find_archive, record_archive
from catalog.storage import attachment
from catalog.transport.byte_ranges import RangeNotSatisfiable, parse_range
from catalog.transport.etags import is_known

ZIP = "application/zip"


class ArchiveView(APIView):
    """All tables as Parquet, manifest, README and SHA256SUMS; with ``originals=1`` also the uploaded files."""

    rate_policy = "queries"

    @documented(
        "Download a version as ZIP",
        answers=OpenApiTypes.BINARY,
        parameters=[OpenApiParameter("originals", bool, description="With the files as they were uploaded")],
        tag="delivery",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponseBase:
        actor, found = find_version(request, owner, dataset, version)
        with_originals = request.query_params.get("originals", "") in {"1", "true"}
        archive = find_archive(actor=actor, version=found, with_originals=with_originals)
        headers = {
            "ETag": archive.etag,
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-cache",
            "Content-Disposition": attachment(archive.filename),
        }
        if is_known(request.headers.get("If-None-Match", ""), archive.etag):
            return HttpResponse(status=304, headers=headers)
        asked = request.headers.get("Range", "")
        if request.method == "HEAD" or request.headers.get("If-Range", archive.etag) != archive.etag:
            asked = ""
        try:
            span = parse_range(asked, archive.size)
        except RangeNotSatisfiable:
            return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{archive.size}"})
        start, length = (0, archive.size) if span is None else (span.start, span.length)
        headers["Content-Length"] = str(length)
        if span is not None:
            headers["Content-Range"] = f"bytes {span.start}-{span.end}/{archive.size}"
        if request.method == "HEAD":
            return HttpResponse(headers=headers, content_type=ZIP)
        record_archive(actor=actor, archive=archive, size=length, span=asked if span is not None else "")
        chunks = archive.read(start, length)
        give_back_connections()
        return StreamingHttpResponse(chunks, status=200 if span is None else 206, headers=headers, content_type=ZIP)
