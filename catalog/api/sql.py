"""SQL over tables: one SELECT, answered in any format; and queries under their permanent addresses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.api.manners.answers import send_file
from catalog.api.manners.formats import OwnFormats, format_of
from catalog.api.manners.openapi import documented
from catalog.api.versions import find_version
from catalog.errors import NotFound
from catalog.models import Version
from catalog.querying.asking import QueryStopped
from catalog.querying.messages import End
from catalog.querying.presence import watch
from catalog.querying.running import stop
from catalog.services.delivering.answers import Collected
from catalog.services.delivering.queries import DEFAULT_ROWS, Answer, Asked, find_query, run_query
from catalog.transport.etags import is_known

CLIENT_GONE = 499
_ID = r"^[A-Za-z0-9_-]{8,48}\Z"
_PARAMETERS = [
    OpenApiParameter("format", str, description="json, ndjson, csv, arrow, parquet or xlsx; else by the Accept header"),
    OpenApiParameter("limit", int, description="Rows at most; Partial says whether there were more"),
    OpenApiParameter("faithful", bool, description="CSV with texts as they are, also those a spreadsheet would run"),
    OpenApiParameter("id", str, description="A name of yours for DELETE …/queries/{id}, 8 to 48 letters and digits"),
]


class SqlInput(serializers.Serializer[Any]):
    sql = serializers.CharField(max_length=100_000, trim_whitespace=False)
    format = serializers.CharField(required=False, allow_blank=True, default="", max_length=50)
    limit = serializers.IntegerField(min_value=1, max_value=10**9, required=False, default=DEFAULT_ROWS)
    faithful = serializers.BooleanField(required=False, default=False)
    id = serializers.RegexField(_ID, required=False, default="", max_length=48)


class AnswerInput(SqlInput):
    """As ``SqlInput``, of a query that is known."""

    sql = None  # type: ignore[assignment]


class SqlView(APIView):
    """Tables are named "owner/dataset@1.0.0/table", in double quotes."""

    content_negotiation_class = OwnFormats
    rate_policy = "queries"

    @documented(
        "Query tables with SQL by GET",
        answers=OpenApiTypes.BINARY,
        parameters=[OpenApiParameter("sql", str, required=True), *_PARAMETERS],
        tag="delivery",
    )
    def get(self, request: Request) -> HttpResponseBase:
        return _answer(request, request.query_params, actor_of(request), None)

    @documented("Query tables with SQL", request=SqlInput, answers=OpenApiTypes.BINARY, tag="delivery")
    def post(self, request: Request) -> HttpResponseBase:
        return _answer(request, request.data, actor_of(request), None)


class VersionSqlView(APIView):
    """The same, bound to one version, whose tables need no more than their names."""

    content_negotiation_class = OwnFormats
    rate_policy = "queries"

    @documented(
        "Query a version's tables with SQL by GET",
        answers=OpenApiTypes.BINARY,
        parameters=[OpenApiParameter("sql", str, required=True), *_PARAMETERS],
        tag="delivery",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponseBase:
        actor, found = find_version(request, owner, dataset, version, alone=True)
        return _answer(request, request.query_params, actor, found)

    @documented("Query a version's tables with SQL", request=SqlInput, answers=OpenApiTypes.BINARY, tag="delivery")
    def post(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponseBase:
        actor, found = find_version(request, owner, dataset, version, alone=True)
        return _answer(request, request.data, actor, found)


class QueryView(APIView):
    """A query under its permanent address: the same answer to whoever may have the bytes."""

    content_negotiation_class = OwnFormats
    rate_policy = "queries"

    @documented("Answer a query again", answers=OpenApiTypes.BINARY, parameters=_PARAMETERS, tag="delivery")
    def get(self, request: Request, sha256: str) -> HttpResponseBase:
        actor = actor_of(request)
        stored = find_query(actor=actor, sha256=sha256)
        given = AnswerInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        return _sent(request, actor, {**given.validated_data, "sql": stored.text}, None)


class RunningQueryView(APIView):
    @documented("Stop a running query", status=204, tag="delivery")
    def delete(self, request: Request, query_id: str) -> Response:
        if not stop(query_id, actor_of(request)):
            raise NotFound(_("No query of yours with this id is running."), remedy=_("Send “id” along with the query."))
        return Response(status=204)


def _answer(request: Request, data: Any, actor: Actor, bound: Version | None) -> HttpResponseBase:
    given = SqlInput(data=data)
    given.is_valid(raise_exception=True)
    return _sent(request, actor, given.validated_data, bound)


def _sent(request: Request, actor: Actor, values: dict[str, Any], bound: Version | None) -> HttpResponseBase:
    asked = Asked(
        text=values["sql"],
        format=format_of(request, values["format"]),
        limit=values["limit"],
        faithful=values["faithful"],
    )
    known = request.headers.get("If-None-Match", "") if request.method in {"GET", "HEAD"} else ""
    try:
        answer = run_query(
            actor=actor,
            asked=asked,
            bound=bound,
            query_id=values["id"],
            tick=watch(request._request.META),
            has=lambda etag: is_known(known, etag),
        )
    except QueryStopped:
        return HttpResponse(status=CLIENT_GONE)
    return respond(request, answer)


def respond(request: Request, answer: Answer) -> HttpResponseBase:
    """The answer with what it is: rows, whether there were more, the ETag, the permanent address."""
    headers = {"Vary": "Authorization, Cookie, Accept", "Cache-Control": _caching(answer)}
    if answer.etag:
        headers["ETag"] = answer.etag
    if answer.sha256:
        address = reverse("api:query", args=[answer.sha256])
        headers["Query-Url"] = f"{settings.BASE_URL}{address}"
        headers["Link"] = f'<{settings.BASE_URL}{reverse("catalog:query", args=[answer.sha256])}>; rel="cite-as"'
    if answer.file is None:
        return HttpResponse(status=304, headers=headers)
    found = Collected(answer.file, answer.bytes, End(answer.rows, answer.partial, answer.columns))
    name = f"query-{answer.sha256[:12]}" if answer.sha256 else "query"
    return send_file(request, found, form=answer.format, name=name, headers=headers)


def _caching(answer: Answer) -> str:
    """Kept by whoever asked, and asked for again by its ETag: whether one still may have it is looked at each time."""
    return "private, max-age=0, must-revalidate" if answer.etag else "no-store"
