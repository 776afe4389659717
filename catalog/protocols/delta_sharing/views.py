"""The Delta Sharing protocol over the catalog (https://github.com/delta-io/delta-sharing/blob/main/PROTOCOL.md).

A share is an organization, a schema a dataset, a table a table; version n of a table is the dataset's nth published
version. Reads are on the audit trail when a table is asked for its files: readers open each file many times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.api.manners.authentication import secret_of
from catalog.errors import NotFound
from catalog.models import Organization, Resource, Token
from catalog.permissions import require_download
from catalog.protocols.delta_sharing import actions, feed, tables
from catalog.protocols.delta_sharing.links import LinkAuthentication, read_link
from catalog.protocols.delta_sharing.lists import page
from catalog.protocols.delta_sharing.profile import NAME, profile
from catalog.protocols.delta_sharing.tables import Moment, TableName
from catalog.protocols.parameters import moment, whole_number
from catalog.selectors.datasets import get_version
from catalog.services.delivering.downloads import find_download
from catalog.services.delivering.entitlements import entitle
from catalog.services.delivering.reads import record_read
from catalog.storage import attachment
from catalog.transport import delivery

VERSION_HEADER = "Delta-Table-Version"
FORMAT_HEADER = "Delta-Sharing-Capabilities"
_CODES = {
    400: "INVALID_PARAMETER_VALUE",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    410: "RESOURCE_WITHDRAWN",
    429: "RESOURCE_EXHAUSTED",
}
_SLUG = ("slug",)
_TABLE = ("version__dataset__slug", "name")


class SharingView(APIView):
    """What all addresses have in common: errors in the protocol's own shape."""

    parser_classes = (JSONParser,)
    schema = None

    def handle_exception(self, exc: Exception) -> Response:
        """The API's problem document, said with the protocol's two words."""
        response = super().handle_exception(exc)
        problem = response.data or {}
        sentence, remedy = str(problem.get("detail", "")), str(problem.get("remedy", ""))
        response.data = {
            "errorCode": _CODES.get(response.status_code, "INTERNAL_ERROR"),
            "message": f"{sentence} {remedy}".strip(),
        }
        response.content_type = "application/json"
        return response


class SharesView(SharingView):
    def get(self, request: Request) -> Response:
        shares = tables.listed_shares(actor_of(request))
        return page(request, shares, _SLUG, _share_item)


class ShareView(SharingView):
    def get(self, request: Request, share: str) -> Response:
        return Response({"share": _share_item(tables.get_share(actor_of(request), share))})


class SchemasView(SharingView):
    def get(self, request: Request, share: str) -> Response:
        actor = actor_of(request)
        found = tables.get_share(actor, share)
        schemas = tables.listed_schemas(actor, found)
        return page(request, schemas, _SLUG, lambda item: {"name": item.slug, "share": found.slug})


class TablesView(SharingView):
    def get(self, request: Request, share: str, schema: str) -> Response:
        actor = actor_of(request)
        found = tables.get_share(actor, share)
        dataset = tables.get_schema(actor, found, schema)
        of_schema = tables.listed_tables(actor, found).filter(version__dataset=dataset)
        return page(request, of_schema, _TABLE, _table_item(found))


class AllTablesView(SharingView):
    def get(self, request: Request, share: str) -> Response:
        actor = actor_of(request)
        found = tables.get_share(actor, share)
        return page(request, tables.listed_tables(actor, found), _TABLE, _table_item(found))


class VersionView(SharingView):
    """The table's newest version, or the first one since a time, as a header."""

    def get(self, request: Request, share: str, schema: str, table: str) -> HttpResponse:
        actor, name = actor_of(request), TableName(share, schema, table)
        since = moment("startingTimestamp", request.query_params.get("startingTimestamp"))
        if since is None:
            found = tables.find_table(actor, name, Moment())
        else:
            versions = tables.served_versions(actor, tables.find_dataset(actor, name))
            found = tables.table_of(actor, tables.first_since(versions, since), table)
        return HttpResponse(headers={VERSION_HEADER: str(found.version.sequence)}, content_type="application/json")


class MetadataView(SharingView):
    """What the table is; also of an earlier version or time."""

    def get(self, request: Request, share: str, schema: str, table: str) -> HttpResponse:
        asked = _moment(request.query_params)
        found = tables.find_table(actor_of(request), TableName(share, schema, table), asked)
        return _lines(request, feed.facts_of(found), lambda _: ())


class QueryView(SharingView):
    """The table's files. Hints are what the protocol says they are: whole files are left out for a limit, no rows."""

    def post(self, request: Request, share: str, schema: str, table: str) -> HttpResponse:
        given, actor = request.data, actor_of(request)
        if not isinstance(given, dict):
            raise ParseError("The body must be a JSON object.")
        name = TableName(share, schema, table)
        if given.get("startingVersion") is not None:
            start = Moment(whole_number("startingVersion", given["startingVersion"]))
            return _changes(
                request, actor, name, start, Moment(whole_number("endingVersion", given.get("endingVersion")))
            )
        found = tables.find_table(actor, name, _moment(given))
        limit = whole_number("limitHint", given.get("limitHint"))
        facts = feed.facts_of(found)
        files = actions.enough_files(feed.files_of(actor, found), limit)

        def lines(capabilities: actions.Capabilities) -> Iterable[str]:
            _record(actor, found, files)
            return (actions.file_line(file, capabilities, created=facts.created) for file in files)

        return _lines(request, facts, lines)


class ChangesView(SharingView):
    """What was inserted and deleted from one version to another."""

    def get(self, request: Request, share: str, schema: str, table: str) -> HttpResponse:
        name = TableName(share, schema, table)
        start, end = (_moment(request.query_params, prefix) for prefix in ("starting", "ending"))
        return _changes(request, actor_of(request), name, start, end)


class FileView(SharingView):
    """One file of a table, at an address that a query gave: on to the store, if it is still allowed."""

    authentication_classes = (LinkAuthentication,)
    # The query that gave the address was counted; a reader opens each file many times.
    throttle_classes = ()

    def get(self, request: Request, filename: str) -> HttpResponseBase:
        link = read_link(request)
        resource = (
            Resource.objects.select_related("version__dataset__organization")
            .prefetch_related("parts")
            .filter(pk=link.resource_id)
            .first()
        )
        if resource is None:
            raise NotFound
        entitlement = entitle(actor=actor_of(request), version=resource.version)
        download = find_download(entitlement=entitlement, resource=resource, kind="parquet", part=link.position)
        return delivery.respond(request._request, download)


class ProfileView(SharingView):
    """The file that clients are given: where this site is, and the token that the request came with, if any."""

    def get(self, request: Request) -> HttpResponse:
        expires = request.auth.expires_at if isinstance(request.auth, Token) else None
        headers = {"Content-Disposition": attachment(NAME), "Cache-Control": "no-store"}
        return HttpResponse(
            profile(secret_of(request) or "", expires), headers=headers, content_type="application/json"
        )


# ---------------------------------------------------------------- answers
def _changes(request: Request, actor: Actor, name: TableName, start: Moment, end: Moment) -> HttpResponse:
    dataset = tables.find_dataset(actor, name)
    versions = tables.served_versions(actor, dataset)
    if not versions:
        require_download(actor, get_version(actor=actor, dataset=dataset, version="latest"))
        raise NotFound(gettext("No version of this table is served."))
    span = feed.find_span(versions, start, end)
    found = feed.tables_in(span, name.table)
    last = next((found[version.pk] for version in reversed(span.versions) if version.pk in found), None)
    if last is None:
        raise NotFound(gettext("None of these versions has a table %(table)s.") % {"table": f"{name.table!r}"})
    changes = list(feed.changes_in(actor, span, found))

    def lines(capabilities: actions.Capabilities) -> Iterable[str]:
        _record(actor, last, [change.file for change in changes], since=span.versions[0].number)
        return (actions.change_line(change, capabilities) for change in changes)

    facts = feed.facts_of(last)
    return _lines(request, facts, lines, since=span.versions[0].sequence)


def _lines(
    request: Request,
    facts: actions.TableFacts,
    more: Callable[[actions.Capabilities], Iterable[str]],
    *,
    since: int | None = None,
) -> HttpResponse:
    """Protocol, metadata, and whatever comes behind them, in the format that the client asks for.

    ``since`` is the version with which a change feed begins.
    """
    capabilities = actions.read_capabilities(request.headers.get(FORMAT_HEADER, ""))
    actions.require_readable(facts, capabilities)
    head = [actions.protocol_line(facts, capabilities), actions.metadata_line(facts, capabilities, since=since)]
    headers = {
        VERSION_HEADER: str(facts.sequence if since is None else since),
        FORMAT_HEADER: actions.answer_header(capabilities),
        "Cache-Control": "no-store",
    }
    body = "\n".join([*head, *more(capabilities)]) + "\n"
    return HttpResponse(body, headers=headers, content_type="application/x-ndjson; charset=utf-8")


def _record(actor: Actor, resource: Resource, files: Sequence[actions.File], **detail: Any) -> None:
    """Charge and record a read of whole files. Raises QuotaSpent."""
    rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
    record_read(actor=actor, resource=resource, protocol="delta-sharing", rows=rows, size=size, **detail)


def _moment(given: Any, prefix: str = "") -> Moment:
    """Version and time as they are named: ``version``, ``startingVersion``; ``timestamp``, ``endingTimestamp``."""
    version, timestamp = (f"{prefix}{word}" if prefix else word.lower() for word in ("Version", "Timestamp"))
    return Moment(whole_number(version, given.get(version)), moment(timestamp, given.get(timestamp)))


def _share_item(share: Organization) -> dict[str, Any]:
    return {"name": share.slug, "id": f"{settings.BASE_URL}/{share.slug}/"}


def _table_item(share: Organization) -> Callable[[Resource], dict[str, Any]]:
    return lambda row: {"name": row.name, "schema": row.version.dataset.slug, "share": share.slug}
