"""All rows that break a rule, as Parquet and as CSV: for those who may have the table's bytes."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.api.manners.openapi import documented
from catalog.api.resources import find_resource
from catalog.services.delivering.downloads import record_download
from catalog.services.delivering.entitlements import entitle
from catalog.services.reviewing.failing_rows import FailingRows, find_failing_rows, read_failing_rows
from catalog.storage import attachment
from catalog.transport.csv_lines import csv_line, harmless
from catalog.transport.delivery import respond

CSV = "text/csv; charset=utf-8"


class FailingParquetView(APIView):
    """Row number, file and line, the columns of the table's key and of the rule, as texts."""

    @documented("Download all rows that break a rule as Parquet", answers=OpenApiTypes.BINARY, tag="quality")
    def get(
        self, request: Request, owner: str, dataset: str, version: str, resource: str, rule: str
    ) -> HttpResponseBase:
        actor, found = find_resource(request, owner, dataset, version, resource)
        entitlement = entitle(actor=actor, version=found.version)
        download = find_failing_rows(entitlement=entitlement, resource=found, rule=rule)
        response = respond(request._request, download)
        if request.method == "GET" and response.status_code in {200, 206, 302}:
            span = request.headers.get("Range", "")
            record_download(entitlement=entitlement, resource=found, download=download, kind="failing", span=span)
        return response


class FailingCsvView(APIView):
    """The same as CSV, made on the way."""

    @documented("Download all rows that break a rule as CSV", answers=OpenApiTypes.BINARY, tag="quality")
    def get(
        self, request: Request, owner: str, dataset: str, version: str, resource: str, rule: str
    ) -> HttpResponseBase:
        actor, found = find_resource(request, owner, dataset, version, resource)
        entitlement = entitle(actor=actor, version=found.version)
        download = find_failing_rows(entitlement=entitlement, resource=found, rule=rule)
        headers = {"Content-Disposition": attachment(download.filename.removesuffix("parquet") + "csv")}
        if request.method == "HEAD":
            return HttpResponse(headers=headers, content_type=CSV)
        lines = _csv_lines(read_failing_rows(download))
        record_download(entitlement=entitlement, resource=found, download=download, kind="failing")
        return StreamingHttpResponse(lines, headers=headers, content_type=CSV)


def _csv_lines(found: FailingRows) -> Iterator[str]:
    yield csv_line([harmless(name) for name in found.names])
    for row in found.rows:
        yield csv_line([harmless(cell) for cell in row])
