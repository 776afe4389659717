"""``/oai``: one address, six verbs, by GET and by POST. Only what anybody may see; nobody signs in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parseaddr

from django.conf import settings
from django.http import HttpResponse, QueryDict
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.models import Dataset
from catalog.protocols.entries import entry_of
from catalog.protocols.markup import Markup, element
from catalog.protocols.oai_pmh import answers, records
from catalog.protocols.oai_pmh.formats import FORMATS
from catalog.protocols.oai_pmh.requests import (
    Harvest,
    OaiError,
    Place,
    read_arguments,
    read_harvest,
    require_format,
    token_of,
)
from catalog.protocols.sending import OwnFormat

PAGE_SIZE = 100
Arguments = Mapping[str, str]


class OaiView(APIView):
    """Every refusal of the protocol is an answer with status 200; what is wrong beside it is the API's."""

    authentication_classes = ()
    content_negotiation_class = OwnFormat
    parser_classes = (FormParser,)
    schema = None

    def get(self, request: Request) -> HttpResponse:
        return _answer(request.query_params)

    def post(self, request: Request) -> HttpResponse:
        # Of a request without a body DRF makes an empty dict, and no form.
        return _answer(request.data if isinstance(request.data, QueryDict) else QueryDict())


def _answer(given: QueryDict) -> HttpResponse:
    now = datetime.now(UTC)
    pairs = [(name, str(value)) for name, values in given.lists() for value in values]
    shown: Arguments = {}
    try:
        arguments = read_arguments(pairs)
        body = _VERBS[arguments["verb"]](arguments)
        shown = arguments
    except OaiError as refusal:
        if refusal.oai_code not in {"badVerb", "badArgument"}:
            shown = dict(pairs)
        body = answers.error(refusal.oai_code, refusal.sentence)
    return HttpResponse(answers.envelope(shown, now, body), content_type="text/xml; charset=utf-8")


def _identify(_arguments: Arguments) -> Markup:
    return answers.identify(earliest=records.earliest(), mail=parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def _list_metadata_formats(arguments: Arguments) -> Markup:
    if "identifier" in arguments and _find(arguments["identifier"]) is None:
        raise OaiError("idDoesNotExist", "There is no record with this identifier.")
    return answers.metadata_formats(FORMATS.values())


def _list_sets(arguments: Arguments) -> Markup:
    if "resumptionToken" in arguments:
        raise OaiError("badResumptionToken", "The sets are one list; there is no token for it.")
    found = [(item.slug, item.title) for item in records.sets()]
    if not found:
        # The schema wants at least one set, and there is no error for a repository that is empty.
        raise OaiError("noSetHierarchy", "Nothing is published yet, so that there is no set.")
    return answers.list_sets(found)


def _get_record(arguments: Arguments) -> Markup:
    prefix = require_format(arguments["metadataPrefix"])
    row = _find(arguments["identifier"])
    if row is None:
        raise OaiError("idDoesNotExist", "There is no record with this identifier.")
    return element("GetRecord", [_record(row, prefix)])


def _list_identifiers(arguments: Arguments) -> Markup:
    return _list(arguments, lambda row, _prefix: answers.header(records.header_of(row)))


def _list_records(arguments: Arguments) -> Markup:
    return _list(arguments, _record)


def _list(arguments: Arguments, shown: Callable[[Dataset, str], Markup]) -> Markup:
    harvest = read_harvest(arguments)
    found = records.selected(harvest.selection)
    place = harvest.place
    total = place.total if place else found.count()
    rest = records.after(found, place.stamp, place.key) if place else found
    verb = arguments["verb"]
    rows = records.read(rest[: PAGE_SIZE + 1], with_content=verb == "ListRecords")
    if not rows:
        raise OaiError("noRecordsMatch", "No record was changed in this time, in this set.")
    content = [shown(row, harvest.prefix) for row in rows[:PAGE_SIZE]]
    return element(verb, [*content, *_resumption(harvest, rows, total)])


def _resumption(harvest: Harvest, rows: list[Dataset], total: int) -> list[Markup]:
    """Of a list in pieces each piece has a token, the last one an empty one."""
    cursor = harvest.place.cursor if harvest.place else 0
    if len(rows) <= PAGE_SIZE:
        return [answers.resumption("", cursor=cursor, total=total)] if harvest.place else []
    last = records.header_of(rows[PAGE_SIZE - 1])
    token = token_of(harvest, Place(last.datestamp, last.key, cursor + PAGE_SIZE, total))
    return [answers.resumption(token, cursor=cursor, total=total)]


def _record(row: Dataset, prefix: str) -> Markup:
    header = records.header_of(row)
    return answers.record(header, None if header.is_deleted else entry_of(row), prefix)


def _find(identifier: str) -> Dataset | None:
    key = records.key_of(identifier)
    rows = [] if key is None else records.read(records.harvested().filter(pk=key), with_content=True)
    return rows[0] if rows else None


_VERBS: Mapping[str, Callable[[Arguments], Markup]] = {
    "Identify": _identify,
    "ListMetadataFormats": _list_metadata_formats,
    "ListSets": _list_sets,
    "ListIdentifiers": _list_identifiers,
    "ListRecords": _list_records,
    "GetRecord": _get_record,
}
