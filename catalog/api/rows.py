"""Rows of a table: pages by cursor or by counting, filters, search, sort, groups; as JSON, or any format."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.answers import send_file
from catalog.api.manners.conditional import answer
from catalog.api.manners.formats import OwnFormats, format_of
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.shapes import RowsShape
from catalog.api.resources import find_resource
from catalog.hashes import sha256_of_json
from catalog.models import Resource
from catalog.querying.asking import QueryStopped
from catalog.querying.messages import Format
from catalog.querying.presence import watch
from catalog.rows.groups import Grouping, parse_grouping
from catalog.rows.query import RowQuery, parse_filters, parse_sort
from catalog.services.delivering.entitlements import require_bytes
from catalog.services.delivering.reads import record_read
from catalog.services.delivering.rows import MAX_ROWS, RowsPage, Wanted, gather_rows, hash_of, read_rows, write_rows
from catalog.transport.etags import is_known

CLIENT_GONE = 499
_PARAMETERS = [
    OpenApiParameter("offset", int, description="Rows to leave out at the beginning"),
    OpenApiParameter("after", str, description="“next” of the page before: as fast at the end as at the beginning"),
    OpenApiParameter("limit", int, description=f"Rows; {MAX_ROWS} at most as JSON"),
    OpenApiParameter("columns", str, description="Names, with commas between them; all when empty"),
    OpenApiParameter("sort", str, description="A column; -column for the largest first"),
    OpenApiParameter("q", str, description="Only rows with this in some column of text, whatever its case"),
    OpenApiParameter("group", str, description="Columns to gather rows by, with commas"),
    OpenApiParameter("measures", str, description="count, and sum, mean, min, max, distinct, missing as in sum:amount"),
    OpenApiParameter("format", str, description="json, ndjson, csv, arrow, parquet or xlsx; else by the Accept header"),
    OpenApiParameter("faithful", bool, description="CSV with texts as they are, also those a spreadsheet would run"),
    OpenApiParameter(
        "is:{column}", str, description="Filters: is, min, max, below, has, missing (only or none), each with a column"
    ),
]


class RowsInput(serializers.Serializer[Any]):
    offset = serializers.IntegerField(min_value=0, max_value=10**15, required=False, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=10**9, required=False, default=50)
    columns = serializers.CharField(required=False, allow_blank=True, default="", max_length=100_000)
    after = serializers.CharField(required=False, allow_blank=True, default="", max_length=5_000)
    sort = serializers.CharField(required=False, allow_blank=True, default="", max_length=1_000)
    q = serializers.CharField(required=False, allow_blank=True, default="", max_length=1_000)
    group = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    measures = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    format = serializers.CharField(required=False, allow_blank=True, default="", max_length=50)
    faithful = serializers.BooleanField(required=False, default=False)


class RowsView(APIView):
    """A page of a table's rows, of any version that you may download."""

    content_negotiation_class = OwnFormats

    @documented("Read rows", answers=shape(RowsShape), parameters=_PARAMETERS, tag="delivery")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> HttpResponseBase:
        given = RowsInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        form = format_of(request, values["format"])
        grouping = parse_grouping(_names(values["group"]) or [], _names(values["measures"]) or [], values["sort"])
        query = RowQuery(
            filters=parse_filters([(name, item) for name, items in request.query_params.lists() for item in items]),
            sort=parse_sort(values["sort"]) if grouping is None else None,
            search=values["q"],
        )
        actor, found = find_resource(request, owner, dataset, version, resource, alone=True)
        require_bytes(actor=actor, resource=found)
        asked = _Asked(request, actor, found, values, form, query, grouping)
        if (known := asked.known()) is not None:
            return known
        return asked.page() if form == "json" else asked.file()


class _Asked:
    """One question to a table, and how it is answered."""

    def __init__(
        self,
        request: Request,
        actor: Actor,
        resource: Resource,
        values: dict[str, Any],
        form: Format,
        query: RowQuery,
        grouping: Grouping | None,
    ) -> None:
        self._request = request
        self._actor = actor
        self._resource = resource
        self._values = values
        self._form: Format = form
        self._query = query
        self._grouping = grouping
        self._columns = _names(values["columns"])
        parts = [part.sha256 for part in resource.parts.all()]
        asked = sorted((name, item) for name, items in request.query_params.lists() for item in items)
        self._etag = f'W/"{sha256_of_json([parts, asked, form])[:32]}"'

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "ETag": self._etag,
            "Cache-Control": "private, no-cache",
            "Vary": "Authorization, Cookie, Accept, Accept-Language",
        }

    def known(self) -> HttpResponse | None:
        """304 without a look at the rows: the same question to the same bytes has the same answer."""
        if is_known(self._request.headers.get("If-None-Match", ""), self._etag):
            return HttpResponse(status=304, headers=self._headers)
        return None

    def page(self) -> HttpResponseBase:
        values = self._values
        if self._grouping is not None:
            page = gather_rows(
                actor=self._actor,
                resource=self._resource,
                grouping=self._grouping,
                query=self._query,
                offset=values["offset"],
                limit=values["limit"],
            )
        else:
            page = read_rows(
                actor=self._actor,
                resource=self._resource,
                offset=values["offset"],
                limit=values["limit"],
                columns=self._columns,
                query=self._query,
                after=values["after"],
            )
        self._record(len(page.rows))
        response = answer(self._request, _shape(page))
        for name, value in self._headers.items():
            response[name] = value
        return response

    def file(self) -> HttpResponseBase:
        values = self._values
        try:
            found = write_rows(
                actor=self._actor,
                resource=self._resource,
                wanted=Wanted(
                    form=self._form,
                    limit=values["limit"],
                    offset=values["offset"],
                    columns=self._columns,
                    query=self._query,
                    grouping=self._grouping,
                    faithful=values["faithful"],
                ),
                tick=watch(self._request._request.META),
            )
        except QueryStopped:
            return HttpResponse(status=CLIENT_GONE)
        self._record(found.end.rows)
        return send_file(self._request, found, form=self._form, name=self._resource.name, headers=self._headers)

    def _record(self, rows: int) -> None:
        columns = self._columns
        if self._grouping is not None:
            columns = [*self._grouping.columns, *(item.column for item in self._grouping.measures if item.column)]
        more: dict[str, Any] = {"filters": hash_of(self._query)} if self._query.is_narrowed else {}
        record_read(
            actor=self._actor,
            resource=self._resource,
            protocol="rows",
            columns=columns,
            rows=rows,
            **({"offset": self._values["offset"]} if self._values["offset"] else {}),
            **more,
        )


def _shape(page: RowsPage) -> RowsShape:
    return {
        "columns": list(page.columns),
        "rows": [list(row) for row in page.rows],
        "total": page.total,
        "offset": page.offset,
        "next": page.next,
    }


def _names(text: str) -> list[str] | None:
    return [name for name in text.split(",") if name] or None
