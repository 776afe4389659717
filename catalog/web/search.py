"""The first page: search over the catalog, with facets; the address holds the whole state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from catalog import markdown
from catalog.actor import Actor
from catalog.licenses import get_license
from catalog.models import Dataset
from catalog.selectors.search import FACETS, SORTS, FacetValue, Query, search
from catalog.web.columns import Column, columns_of
from catalog.web.refusals import page

PAGE_SIZE = 20
FACET_SHOWN = 8
STRIP_COLUMNS = 120
"""A strip of more columns than this would be a smear; the first ones are drawn."""
SUMMARY_LENGTH = 220


@dataclass(frozen=True, slots=True)
class Result:
    """A dataset in a list."""

    dataset: Dataset
    columns: tuple[Column, ...]
    summary: str
    license: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter: its values as checkboxes, the chosen ones always among the first."""

    name: str
    title: str
    first: list[FacetValue]
    more: list[FacetValue]


@page
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Search, or everything there is, newest first."""
    query = _query(request)
    found = search(actor=actor, query=query, tables=True)
    total = found.count()
    shown: Page[Dataset] = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    facets = [_facet(name, values) for name, values in found.facets().items()]
    chosen = any(query.chosen.values())
    context: dict[str, Any] = {
        "nav": "datasets",
        "hide_find": True,
        "query": query,
        "sorts": _sorts(query),
        "facets": [facet for facet in facets if facet.first],
        "chips": [(facet, value) for facet in facets for value in [*facet.first, *facet.more] if value.active],
        "page": shown,
        "pages": page_numbers(shown),
        "results": [result_of(dataset) for dataset in shown],
        "total": total,
        "is_filtered": chosen,
    }
    if request.headers.get("HX-Target") == "results":
        return render(request, "catalog/parts/results.html", context)
    if not query.text and not chosen:
        context |= {"organizations": found.publishers()}
    elif chosen and not total:
        context |= {"without_filters": found.without_filters}
    return render(request, "catalog/home.html", context)


def result_of(dataset: Dataset) -> Result:
    """A dataset for a list; its strip is of its first table, without values."""
    resources = list(dataset.latest.resources.all()) if dataset.latest else []
    columns = columns_of(resources[0], with_values=False) if resources else ()
    words = markdown.plain(dataset.description)
    summary = words if len(words) <= SUMMARY_LENGTH else f"{words[:SUMMARY_LENGTH].rsplit(' ', 1)[0]}…"
    found = get_license(dataset.license)
    return Result(dataset, columns[:STRIP_COLUMNS], summary, found.id if found else "")


def page_numbers(shown: Page[Any]) -> list[int | str]:
    """Numbers for the pager, with gaps: 1 … 4 5 6 … 20."""
    return list(shown.paginator.get_elided_page_range(shown.number, on_each_side=2, on_ends=1))


def _query(request: HttpRequest) -> Query:
    sort = request.GET.get("sort", "relevance")
    return Query(
        text=request.GET.get("q", "").strip()[:500],
        chosen={name: [value.replace("\0", "") for value in request.GET.getlist(name)] for name in FACETS},
        sort=sort if sort in SORTS else "relevance",
    )


def _sorts(query: Query) -> list[tuple[str, str]]:
    labels = {"relevance": _("Best match"), "newest": _("Newest"), "title": _("Title")}
    return [(sort, labels[sort]) for sort in SORTS if sort != "relevance" or query.text]


def _facet(name: str, values: list[FacetValue]) -> Facet:
    titles = {
        "access": _("Access"),
        "quality": _("Quality"),
        "license": _("Licence"),
        "keyword": _("Keyword"),
        "organization": _("Organization"),
        "format": _("Format"),
    }
    ordered = sorted(values, key=lambda value: not value.active)
    return Facet(name, titles.get(name, name), ordered[:FACET_SHOWN], ordered[FACET_SHOWN:])
