"""The first page: search over the catalog, with facets; the address holds the whole state."""

from __future__ import annotations

from collections.abc import Iterable
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
from catalog.web.frame.pages import page_numbers
from catalog.web.frame.refusals import page
from catalog.web.search.strips import Bar, strips_of

PAGE_SIZE = 20
FACET_SHOWN = 8
FACET_MORE = 40
"""A facet of more values than this gives the rest when they are asked for (``?all=keyword``)."""
SUMMARY_LENGTH = 220


@dataclass(frozen=True, slots=True)
class Result:
    """A dataset in a list."""

    dataset: Dataset
    bars: tuple[Bar, ...]
    summary: str
    license: str


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter: its values as checkboxes, the chosen ones always among the first.

    ``count`` is of all its values; where they are very many, ``more`` has them only when they are asked for.
    """

    name: str
    title: str
    first: list[FacetValue]
    more: list[FacetValue]
    count: int
    is_asked: bool


@page
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Search, or everything there is, newest first."""
    query = _query(request)
    found = search(actor=actor, query=query)
    total = found.count()
    shown: Page[Dataset] = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    asked = request.GET.get("all", "")
    facets = [_facet(name, values, is_asked=name == asked) for name, values in found.facets().items()]
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
        "results": results_of(shown.object_list),
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


def results_of(datasets: Iterable[Dataset]) -> list[Result]:
    """Datasets for a list."""
    shown = list(datasets)
    strips = strips_of(shown)
    return [_result(dataset, strips.get(dataset.pk, ())) for dataset in shown]


def _result(dataset: Dataset, bars: tuple[Bar, ...]) -> Result:
    words = markdown.plain(dataset.description)
    summary = words if len(words) <= SUMMARY_LENGTH else f"{words[:SUMMARY_LENGTH].rsplit(' ', 1)[0]}…"
    found = get_license(dataset.license)
    return Result(dataset, bars, summary, found.id if found else "")


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


def _facet(name: str, values: list[FacetValue], *, is_asked: bool) -> Facet:
    titles = {
        "access": _("Access"),
        "quality": _("Quality"),
        "license": _("Licence"),
        "keyword": _("Keyword"),
        "organization": _("Organization"),
        "format": _("Format"),
    }
    ordered = sorted(values, key=lambda value: not value.active)
    first, more = ordered[:FACET_SHOWN], ordered[FACET_SHOWN:]
    # What is chosen stays a field of the form, however many that are.
    first += [value for value in more if value.active]
    if len(more) > FACET_MORE and not is_asked:
        more = []
    rest = [value for value in more if not value.active]
    return Facet(name, titles.get(name, name), first, rest, count=len(ordered), is_asked=is_asked)
