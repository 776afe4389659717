"""A table as CSV, JSON, NDJSON, Arrow or Excel: made from its Parquet as it is sent."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.api.manners.formats import MEDIA_TYPES, OwnFormats, format_of
from catalog.api.manners.openapi import documented
from catalog.api.resources import find_resource
from catalog.querying.asking import QueryStopped
from catalog.querying.presence import watch
from catalog.services.delivering.exports import export_etag, export_table, require_export
from catalog.storage import attachment
from catalog.transport.etags import is_known

CLIENT_GONE = 499


class ExportView(APIView):
    """The whole table. CSV is safe to be opened in a spreadsheet; ``faithful=1`` leaves its texts as they are."""

    content_negotiation_class = OwnFormats
    rate_policy = "queries"

    @documented(
        "Download a table in another format",
        answers=OpenApiTypes.BINARY,
        parameters=[OpenApiParameter("faithful", bool, description="CSV with texts as they are")],
        tag="delivery",
    )
    def get(
        self, request: Request, owner: str, dataset: str, version: str, resource: str, extension: str
    ) -> HttpResponseBase:
        actor, found = find_resource(request, owner, dataset, version, resource)
        form = format_of(request, extension)
        faithful = form == "csv" and request.query_params.get("faithful", "") in {"1", "true"}
        require_export(actor=actor, resource=found, form=form)
        etag = export_etag(resource=found, form=form, faithful=faithful)
        headers = {
            "ETag": etag,
            "Cache-Control": "private, no-cache",
            "Vary": "Authorization, Cookie",
            "Row-Count": str(found.rows),
            "Content-Disposition": attachment(f"{found.name}.{form}"),
            # Made as it goes: its length is not known, and a part of it can't be asked for.
            "Accept-Ranges": "none",
        }
        kind = MEDIA_TYPES[form]
        if is_known(request.headers.get("If-None-Match", ""), etag):
            return HttpResponse(status=304, headers=headers)
        if request.method == "HEAD":
            return HttpResponse(headers=headers, content_type=kind)
        try:
            export = export_table(
                actor=actor, resource=found, form=form, faithful=faithful, tick=watch(request._request.META)
            )
        except QueryStopped:
            return HttpResponse(status=CLIENT_GONE)
        return StreamingHttpResponse(export.chunks, headers=headers, content_type=kind)
