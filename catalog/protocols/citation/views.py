"""``…/versions/{version}/citation``: how to name the version, by ``?format=`` or by the Accept header."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.openapi import documented
from catalog.errors import Invalid
from catalog.protocols.accepting import Offer, preferred
from catalog.protocols.citation.files import bibtex, csl_json, ris
from catalog.protocols.citation.styles import STYLES, cited
from catalog.protocols.entries import find_version_entry
from catalog.protocols.entry import Entry
from catalog.protocols.sending import OwnFormat, send

OFFERS: tuple[Offer, ...] = (
    Offer("text", "text/x-bibliography", ("text/plain",)),
    Offer("bibtex", "application/x-bibtex", ("text/x-bibtex",)),
    Offer("ris", "application/x-research-info-systems"),
    Offer("csl-json", "application/vnd.citationstyles.csl+json", ("application/json",)),
)
_SUFFIX = {"text": "txt", "bibtex": "bib", "ris": "ris", "csl-json": "json"}


class CitationView(APIView):
    """Of a version as it was published; also of a withdrawn one, which it then says."""

    content_negotiation_class = OwnFormat

    @documented(
        "Cite a version",
        answers={"type": "string"},
        parameters=[
            OpenApiParameter("format", str, enum=[offer.name for offer in OFFERS]),
            OpenApiParameter("style", str, enum=list(STYLES), description="Of the text; apa where none is named"),
        ],
        tag="delivery",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponse:
        offer = _offer(request)
        entry = find_version_entry(actor=actor_of(request), owner=owner, slug=dataset, version=version)
        body, media_type = _body(entry, offer, request), offer.media_type
        if offer.name == "text":
            media_type = "text/plain" if "text/x-bibliography" not in request.headers.get("Accept", "") else media_type
        name = f"{entry.slug}-{entry.version.number}.{_SUFFIX[offer.name]}"
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return send(request, body, f"{media_type}; charset=utf-8", headers=headers)


def _offer(request: Request) -> Offer:
    wanted = request.query_params.get("format")
    if wanted is None:
        return preferred(request.headers.get("Accept", ""), OFFERS) or OFFERS[0]
    found = next((offer for offer in OFFERS if offer.name == wanted), None)
    if found is None:
        raise Invalid(
            fields={"format": [_("Choose one of %(name)s.") % {"name": ", ".join(offer.name for offer in OFFERS)}]}
        )
    return found


def _body(entry: Entry, offer: Offer, request: Request) -> str:
    if offer.name == "bibtex":
        return bibtex(entry)
    if offer.name == "ris":
        return ris(entry)
    if offer.name == "csl-json":
        return json.dumps(csl_json(entry), ensure_ascii=False, indent=1) + "\n"
    wanted = request.query_params.get("style", "apa")
    style = next((item for item in STYLES if item == wanted), None)
    if style is None:
        raise Invalid(fields={"style": [_("Choose one of %(styles)s.") % {"styles": ", ".join(STYLES)}]})
    return cited(entry, style) + "\n"
