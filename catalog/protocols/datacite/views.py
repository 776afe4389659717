"""``…/versions/{version}/datacite.json`` and ``.xml``."""

from __future__ import annotations

import json

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.openapi import documented
from catalog.protocols.datacite.record import datacite_json
from catalog.protocols.datacite.xml import datacite_xml
from catalog.protocols.entries import find_version_entry
from catalog.protocols.sending import OwnFormat, send

JSON_TYPE = "application/vnd.datacite.datacite+json"
XML_TYPE = "application/vnd.datacite.datacite+xml"


class DataciteJsonView(APIView):
    content_negotiation_class = OwnFormat

    @documented("Read a version as DataCite JSON", answers={"type": "object"}, tag="metadata")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponse:
        entry = find_version_entry(actor=actor_of(request), owner=owner, slug=dataset, version=version)
        body = json.dumps(datacite_json(entry), ensure_ascii=False, indent=1) + "\n"
        return send(request, body, JSON_TYPE, modified=entry.modified)


class DataciteXmlView(APIView):
    content_negotiation_class = OwnFormat

    @documented("Read a version as DataCite XML", answers={"type": "string"}, tag="metadata")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponse:
        entry = find_version_entry(actor=actor_of(request), owner=owner, slug=dataset, version=version)
        return send(request, datacite_xml(datacite_json(entry)), XML_TYPE, modified=entry.modified)
