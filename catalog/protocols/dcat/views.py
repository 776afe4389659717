"""DCAT-AP of the catalog, of a dataset and of a version, in three formats."""

from __future__ import annotations

import math

from django.db.models import Max
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.openapi import documented
from catalog.errors import NotFound
from catalog.models import Dataset, VersionState
from catalog.protocols.accepting import preferred
from catalog.protocols.dcat.catalog import CatalogPage, catalog_nodes, page_address
from catalog.protocols.dcat.describing import chain_nodes, dataset_nodes, version_nodes
from catalog.protocols.dcat.writers import OFFERS, written
from catalog.protocols.entries import entry_of, find_entry, find_version_entry, listed
from catalog.protocols.parameters import whole_number
from catalog.protocols.sending import OwnFormat, send

PAGE_SIZE = 100
MEDIA_TYPES = {offer.name: offer.media_type for offer in OFFERS}
_GRAPH = {"type": "string", "description": "RDF, in the format of the address's end"}
EXTENSION = OpenApiParameter("extension", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(MEDIA_TYPES))


class CatalogView(APIView):
    """Every dataset with a published version that the caller may see, ``PAGE_SIZE`` a page, by their age here."""

    content_negotiation_class = OwnFormat
    schema = None

    def get(self, request: Request, extension: str = "") -> HttpResponse:
        offer = preferred(request.headers.get("Accept", ""), OFFERS) or OFFERS[0]
        chosen = extension or offer.name
        number = whole_number("page", request.query_params.get("page")) or 1
        actor = actor_of(request)
        counted = Dataset.objects.visible_to(actor).filter(latest__state=VersionState.PUBLISHED)
        total = counted.count()
        pages = max(1, math.ceil(total / PAGE_SIZE))
        if number > pages:
            raise NotFound(_("There is no such page."), remedy=_("Begin at page 1."))
        rows = listed(actor).order_by("pk")[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        page = CatalogPage(
            entries=[entry_of(row) for row in rows],
            number=number,
            pages=pages,
            total=total,
            extension=chosen,
            modified=counted.aggregate(newest=Max("modified"))["newest"],
        )
        near = [(1, "first"), (number - 1, "prev"), (number + 1, "next"), (pages, "last")]
        links = [f'<{page_address(chosen, at)}>; rel="{rel}"' for at, rel in near if 1 <= at <= pages]
        body = written(catalog_nodes(page), chosen)
        # A dataset that was taken away makes no other one newer, so that only the content says whether it is the same.
        return send(request, body, _typed(chosen), headers={"Link": ", ".join(links)})


class DatasetView(APIView):
    content_negotiation_class = OwnFormat

    @documented("Read a dataset as DCAT-AP", answers=_GRAPH, parameters=[EXTENSION], tag="metadata")
    def get(self, request: Request, owner: str, dataset: str, extension: str) -> HttpResponse:
        entry = find_entry(actor=actor_of(request), owner=owner, slug=dataset)
        nodes = [*dataset_nodes(entry), *chain_nodes(entry)]
        return send(request, written(nodes, extension), _typed(extension), modified=entry.modified)


class VersionView(APIView):
    """In the words that it was published with."""

    content_negotiation_class = OwnFormat

    @documented("Read a version as DCAT-AP", answers=_GRAPH, parameters=[EXTENSION], tag="metadata")
    def get(self, request: Request, owner: str, dataset: str, version: str, extension: str) -> HttpResponse:
        entry = find_version_entry(actor=actor_of(request), owner=owner, slug=dataset, version=version)
        return send(request, written(version_nodes(entry), extension), _typed(extension), modified=entry.modified)


def _typed(extension: str) -> str:
    return f"{MEDIA_TYPES[extension]}; charset=utf-8"
