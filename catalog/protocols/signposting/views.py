"""The linkset of a version, and what crawlers ask a site for: sitemap.xml and robots.txt."""

from __future__ import annotations

import json
import math

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.actor import ANONYMOUS
from catalog.api.manners.actor import actor_of
from catalog.api.manners.openapi import documented
from catalog.models import Dataset
from catalog.protocols.entries import find_version_entry
from catalog.protocols.markup import document, element
from catalog.protocols.sending import OwnFormat, send
from catalog.protocols.signposting.links import linkset

SITEMAP_SIZE = 10_000
"""Pages in a file; https://www.sitemaps.org/protocol.html allows 50,000."""

MOST_SITEMAPS = 50_000
"""That many a sitemap index may name."""

_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_CLOSED = ("/accounts/", "/admin/", "/api/", "/review/", "/share/", "/tokens/", "/uploads/", "/work/", "/*/*/*data/")


class LinksetView(APIView):
    """FAIR Signposting, level 2."""

    content_negotiation_class = OwnFormat

    @documented("Read the links of a version as a linkset", answers={"type": "object"}, tag="metadata")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponse:
        entry = find_version_entry(actor=actor_of(request), owner=owner, slug=dataset, version=version)
        body = json.dumps(linkset(entry), ensure_ascii=False, indent=1) + "\n"
        return send(request, body, "application/linkset+json", modified=entry.modified)


def sitemap_index(_request: HttpRequest) -> HttpResponse:
    """The sitemaps that there are: the datasets that anybody may see, by their age here."""
    files = max(1, math.ceil(_open_datasets().count() / SITEMAP_SIZE))
    places = [f"{settings.BASE_URL}/sitemap-{number}.xml" for number in range(1, files + 1)]
    index = element("sitemapindex", [element("sitemap", [element("loc", place)]) for place in places], xmlns=_SITEMAPS)
    return HttpResponse(document(index), content_type="application/xml; charset=utf-8")


def sitemap(_request: HttpRequest, number: int) -> HttpResponse:
    """The pages of ``SITEMAP_SIZE`` datasets, with the day of their last change."""
    if not 1 <= number <= MOST_SITEMAPS:
        raise Http404
    rows = _open_datasets().order_by("pk")[(number - 1) * SITEMAP_SIZE : number * SITEMAP_SIZE]
    pages = [
        element(
            "url",
            [
                element("loc", f"{settings.BASE_URL}/{owner}/{slug}/"),
                element("lastmod", modified.isoformat(timespec="seconds")),
            ],
        )
        for owner, slug, modified in rows.values_list("organization__slug", "slug", "modified")
    ]
    if not pages and number > 1:
        raise Http404
    return HttpResponse(
        document(element("urlset", pages, xmlns=_SITEMAPS)), content_type="application/xml; charset=utf-8"
    )


def robots(_request: HttpRequest) -> HttpResponse:
    """Datasets are to be found; pages of rows, forms and files are not for crawlers."""
    closed = "".join(f"Disallow: {path}\n" for path in _CLOSED)
    text = f"User-agent: *\n{closed}Allow: /\n\nSitemap: {settings.BASE_URL}/sitemap.xml\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _open_datasets() -> QuerySet[Dataset]:
    return Dataset.objects.visible_to(ANONYMOUS).filter(latest__isnull=False)
