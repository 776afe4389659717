"""Documents that describe a published version in other people's formats, and the signed addresses of its files."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TypedDict

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.api.versions import find_version
from catalog.errors import NotFound
from catalog.models import Resource, Version
from catalog.protocols.documents.croissant import croissant
from catalog.protocols.documents.datapackage import datapackage
from catalog.protocols.documents.files import NamedFile, named_files, registry
from catalog.protocols.parameters import ParameterInvalid
from catalog.protocols.release import read_release
from catalog.services.delivering.documents import find_document_download, record_document_read
from catalog.services.delivering.downloads import Download, Kind, find_download
from catalog.services.delivering.entitlements import Entitlement, entitle
from catalog.services.delivering.reads import record_read
from catalog.transport import delivery
from catalog.transport.etags import is_known


class SignedFileShape(TypedDict):
    """``resource`` is the table's name; a document is of none and has ""."""

    resource: str
    kind: str
    path: str
    bytes: int
    sha256: str
    rows: int | None
    url: str
    expires: str


class UrlsShape(TypedDict):
    dataset: str
    version: str
    manifest_sha256: str
    files: list[SignedFileShape]


def _choices(name: str, words: str, *values: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, description=words, enum=values)


class CroissantView(APIView):
    """The version as Croissant, for machine learning's tools and for search engines."""

    @documented(
        "Describe a version as Croissant",
        answers={"type": "object"},
        parameters=[_choices("spec", "Which version of Croissant; 1.0 where none is named", "1.0", "1.1")],
        tag="formats",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        _, found = find_version(request, owner, dataset, version)
        spec = request.query_params.get("spec", "1.0")
        if spec not in {"1.0", "1.1"}:
            raise ParameterInvalid(
                gettext("There is no Croissant %(spec)s here.") % {"spec": f"{spec[:20]!r}"},
                remedy=gettext("Ask for spec=1.0 or spec=1.1."),
            )
        return answer(request, croissant(read_release(found), spec="1.0" if spec == "1.0" else "1.1"))


class DataPackageView(APIView):
    """The version as a Data Package; with ``paths=local`` for a folder into which its files were downloaded."""

    @documented(
        "Describe a version as a Data Package",
        answers={"type": "object"},
        parameters=[
            _choices("spec", "Which version of Data Package; 2 where none is named", "1", "2"),
            _choices("paths", "Names beside the document instead of addresses", "local"),
        ],
        tag="formats",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        _, found = find_version(request, owner, dataset, version)
        spec = request.query_params.get("spec", "2")
        if spec not in {"1", "2"}:
            raise ParameterInvalid(
                gettext("There is no Data Package %(spec)s.") % {"spec": f"{spec[:20]!r}"},
                remedy=gettext("Ask for spec=1 or spec=2."),
            )
        local = request.query_params.get("paths") == "local"
        return answer(request, datapackage(read_release(found), spec="1" if spec == "1" else "2", local=local))


class RegistryView(APIView):
    """Name, sha256 and address of every file of the version, a line each, as pooch reads them."""

    @documented("List a version's files for pooch", answers=OpenApiTypes.STR, tag="formats")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponse:
        _, found = find_version(request, owner, dataset, version)
        text = registry(read_release(found)).encode()
        etag = f'"{hashlib.sha256(text).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if is_known(request.headers.get("If-None-Match", ""), etag):
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(text, headers=headers, content_type="text/plain; charset=utf-8")


class UrlsView(APIView):
    """A URL for each file of the version that needs no token and ends after minutes: one call for all of them.

    One read is recorded for each table and each document. ``resource`` and ``kind`` choose.
    """

    @documented(
        "Sign the addresses of a version's files",
        answers=shape(UrlsShape),
        parameters=[
            OpenApiParameter("resource", str, description="Only the files of this table"),
            _choices("kind", "Only files of this kind", "parquet", "original", "document"),
        ],
        tag="delivery",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        actor, found = find_version(request, owner, dataset, version)
        release = read_release(found)
        wanted, kind = (request.query_params.get(name) for name in ("resource", "kind"))
        if wanted is not None and wanted not in {table.name for table in release.tables}:
            raise NotFound(
                gettext("This version has no table “%(wanted)s”.") % {"wanted": wanted[:100]},
                remedy=gettext("files.json lists its files."),
            )
        if kind not in {None, "parquet", "original", "document"}:
            raise ParameterInvalid(gettext("kind is parquet, original or document."))
        chosen = [file for file in named_files(release) if wanted in {None, file.table} and kind in {None, file.kind}]
        signed = _sign(actor, found, chosen)
        body: UrlsShape = {
            "dataset": release.id,
            "version": release.number,
            "manifest_sha256": release.manifest_sha256,
            "files": signed,
        }
        return Response(body, headers={"Cache-Control": "no-store"})


def _sign(actor: Actor, version: Version, files: list[NamedFile]) -> list[SignedFileShape]:
    """Permit, charge, record and sign. Raises as entitle, QuotaSpent."""
    entitlement = entitle(actor=actor, version=version)
    resources = {item.name: item for item in version.resources.prefetch_related("parts", "sources")}
    documents = {f"documents/{item.name}": item for item in version.documents.all()}
    for name in dict.fromkeys(file.table for file in files if file.kind != "document"):
        resources[name].version = version
        sizes = [file.bytes for file in files if file.table == name]
        record_read(actor=actor, resource=resources[name], protocol="file", size=sum(sizes), links=len(sizes))
    signed = []
    for file in files:
        if file.kind == "document":
            document = documents[file.path]
            download = find_document_download(entitlement=entitlement, document=document)
            record_document_read(entitlement=entitlement, document=document)
        else:
            download = _of_table(entitlement, resources[file.table], file)
        signed.append(_signed(download, file))
    return signed


def _of_table(entitlement: Entitlement, resource: Resource, file: NamedFile) -> Download:
    kind: Kind = "parquet" if file.kind == "parquet" else "original"
    return find_download(entitlement=entitlement, resource=resource, kind=kind, part=file.position)


def _signed(download: Download, file: NamedFile) -> SignedFileShape:
    return {
        "resource": file.table,
        "kind": file.kind,
        "path": file.path,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "rows": file.rows,
        "url": delivery.presign(download),
        "expires": _end(download.until).isoformat(timespec="seconds"),
    }


def _end(until: datetime | None) -> datetime:
    """When a URL that is signed now ends: after the usual minutes, or with the right to it."""
    usual = timezone.now() + timedelta(seconds=settings.PRESIGNED_SECONDS)
    return usual if until is None else min(usual, until)
