"""The bytes of a table: Parquet, original, findings. Redirected or streamed as catalog/transport/delivery.py says."""

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.api.manners.openapi import documented
from catalog.api.resources import find_resource
from catalog.connections import give_back_connections
from catalog.findings import Finding, sentence, severity
from catalog.services.delivering.downloads import Kind, find_download, record_download
from catalog.services.delivering.entitlements import entitle
from catalog.services.reviewing.findings import read_findings
from catalog.storage import attachment
from catalog.transport.csv_lines import csv_line, harmless
from catalog.transport.delivery import respond

_PARAMETERS = [OpenApiParameter("stream", bool, description="Send the bytes instead of a redirect")]

_CODES = [OpenApiParameter("code", str, many=True, description="Only findings of this code; repeated: of any of them")]


def send(request: Request, address: tuple[str, str, str, str], kind: Kind, part: int | None = None) -> HttpResponseBase:
    """Find, permit, audit and send one object of a table."""
    actor, found = find_resource(request, *address)
    entitlement = entitle(actor=actor, version=found.version)
    download = find_download(entitlement=entitlement, resource=found, kind=kind, part=part)
    response = respond(request._request, download)
    if request.method == "GET" and response.status_code in {200, 206, 302}:
        span = request.headers.get("Range", "")
        record_download(entitlement=entitlement, resource=found, download=download, kind=kind, span=span)
    give_back_connections()
    return response


class ParquetView(APIView):
    """A table's Parquet. Range, HEAD and ETag (the sha256) as remote readers need them."""

    @documented("Download a table as Parquet", answers=OpenApiTypes.BINARY, parameters=_PARAMETERS, tag="delivery")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> HttpResponseBase:
        return send(request, (owner, dataset, version, resource), "parquet")


class PartView(APIView):
    @documented("Download one part of a table", answers=OpenApiTypes.BINARY, parameters=_PARAMETERS, tag="delivery")
    def get(
        self, request: Request, owner: str, dataset: str, version: str, resource: str, part: int
    ) -> HttpResponseBase:
        return send(request, (owner, dataset, version, resource), "parquet", part)


class OriginalView(APIView):
    """The file as it was uploaded, untouched."""

    @documented("Download a table's original", answers=OpenApiTypes.BINARY, parameters=_PARAMETERS, tag="delivery")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> HttpResponseBase:
        return send(request, (owner, dataset, version, resource), "original")


class SourceView(APIView):
    """One of the files that a table was made from, as it was uploaded."""

    @documented(
        "Download one of a table's originals", answers=OpenApiTypes.BINARY, parameters=_PARAMETERS, tag="delivery"
    )
    def get(
        self, request: Request, owner: str, dataset: str, version: str, resource: str, source: int
    ) -> HttpResponseBase:
        return send(request, (owner, dataset, version, resource), "original", source)


class FindingsParquetView(APIView):
    """Every finding there is, as Parquet."""

    @documented("Download all findings as Parquet", answers=OpenApiTypes.BINARY, parameters=_PARAMETERS, tag="quality")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> HttpResponseBase:
        return send(request, (owner, dataset, version, resource), "findings")


class FindingsCsvView(APIView):
    """Every finding there is, or those of some codes, as CSV, with the sentence of each."""

    @documented("Download all findings as CSV", answers=OpenApiTypes.BINARY, parameters=_CODES, tag="quality")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> HttpResponseBase:
        actor, found = find_resource(request, owner, dataset, version, resource)
        items = read_findings(actor=actor, resource=found, codes=request.query_params.getlist("code"))
        headers = {"Content-Disposition": attachment(f"{found.name}.findings.csv")}
        if request.method == "HEAD":
            return HttpResponse(headers=headers, content_type="text/csv; charset=utf-8")
        lines = _csv_lines(items)
        return StreamingHttpResponse(lines, headers=headers, content_type="text/csv; charset=utf-8")


def _csv_lines(found: Iterator[Finding]) -> Iterator[str]:
    yield csv_line(["code", "severity", "row", "line", "column", "value", "sentence"])
    for item in found:
        cells = [item.code, severity(item.code), item.row, item.line, item.column, item.value, sentence(item)]
        yield csv_line([harmless(cell) for cell in cells])
