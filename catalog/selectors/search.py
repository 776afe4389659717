"""Search over the catalog: full text with trigram help, facets that count what each choice would give.

Within a facet choices are OR, between facets AND; a facet's own counts leave its own choice out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.models import Count, F, Func, Q, QuerySet, TextField

from catalog.actor import Actor
from catalog.licenses import get_license
from catalog.models import Access, Dataset, Organization, VerdictStatus
from catalog.selectors.datasets import visible_datasets

Sort = Literal["relevance", "newest", "title"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "title")
FACETS: dict[str, str] = {
    "access": "access",
    "quality": "latest__verdict",
    "license": "license",
    "keyword": "keywords",
    "organization": "organization__slug",
    "format": "latest__resources__format",
}
FACET_LIMIT = 50
TYPO_SIMILARITY = 0.45
_OPERATORS = re.compile(r'(^|\s)-\w|"')


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: words, and the chosen values of each facet."""

    text: str = ""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: Sort = "relevance"


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    label: str
    count: int
    active: bool


class _Unnest(Func):
    function = "unnest"
    output_field = TextField()


def search_datasets(*, actor: Actor, query: Query) -> QuerySet[Dataset]:
    """Matching datasets, best first."""
    found = _chosen(_matching(visible_datasets(actor), query.text), query.chosen)
    if query.sort == "title":
        return found.order_by("title", "pk")
    if query.text.strip() and query.sort == "relevance":
        return found.order_by(F("rank").desc(), "-modified", "pk")
    return found.order_by(F("latest__published_at").desc(nulls_last=True), "-modified", "pk")


def count_facets(*, actor: Actor, query: Query) -> dict[str, list[FacetValue]]:
    """For each facet, its values with the number of datasets that each would give beside the other choices."""
    matching = _matching(Dataset.objects.visible_to(actor), query.text)
    facets = {}
    for name, path in FACETS.items():
        others = {key: values for key, values in query.chosen.items() if key != name}
        rows = _chosen(matching, others).order_by()
        expression = _Unnest(path) if name == "keyword" else F(path)
        counts = (
            rows.annotate(facet=expression)
            .values("facet")
            .annotate(found=Count("pk", distinct=True))
            .order_by("-found", "facet")
        )
        pairs = [(str(row["facet"]), row["found"]) for row in counts[:FACET_LIMIT] if row["facet"] not in {None, ""}]
        facets[name] = _with_labels(name, pairs, list(query.chosen.get(name, ())))
    return facets


def _matching(datasets: QuerySet[Dataset], text: str) -> QuerySet[Dataset]:
    words = text.strip()[:500].replace("\0", "")
    if not words:
        return datasets
    full_text = SearchQuery(words, config="english", search_type="websearch") | SearchQuery(
        words, config="simple", search_type="websearch"
    )
    # Word search first; what it misses (parts of words, Chinese, a typing mistake) the trigrams find.
    found = Q(search_vector=full_text) | Q(search_text__contains=words.casefold())
    # Who writes -word or "a phrase" means it; similarity would bring back what was excluded.
    rank: Any = SearchRank(F("search_vector"), full_text)
    if len(words) > 3 and not _OPERATORS.search(words):
        datasets = datasets.annotate(similarity=TrigramWordSimilarity(words.casefold(), "search_text"))
        found |= Q(similarity__gte=TYPO_SIMILARITY)
        rank += F("similarity") * 0.1
    return datasets.filter(found).annotate(rank=rank)


def _chosen(datasets: QuerySet[Dataset], chosen: Mapping[str, Sequence[str]]) -> QuerySet[Dataset]:
    for name, values in chosen.items():
        if not values:
            continue
        if name == "keyword":
            datasets = datasets.filter(keywords__overlap=list(values))
        elif name == "format":
            pks = Dataset.objects.filter(latest__resources__format__in=list(values)).values("pk")
            datasets = datasets.filter(pk__in=pks)
        elif name in FACETS:
            datasets = datasets.filter(**{f"{FACETS[name]}__in": list(values)})
    return datasets


def _with_labels(name: str, pairs: list[tuple[str, int]], active: list[str]) -> list[FacetValue]:
    known = dict(pairs)
    # A choice that nothing matches any more stays visible, so that it can be taken away.
    for value in active:
        known.setdefault(value, 0)
    titles: dict[str, str] = {}
    if name == "organization":
        titles = dict(Organization.objects.filter(slug__in=known).values_list("slug", "title"))
    elif name == "access":
        titles = {item.value: str(item.label) for item in Access}
    elif name == "quality":
        titles = {item.value: str(item.label) for item in VerdictStatus}
    elif name == "license":
        titles = {key: found.name for key in known if (found := get_license(key))}
    elif name == "format":
        titles = {key: key.upper() for key in known}
    return [FacetValue(value, titles.get(value, value), count, value in active) for value, count in known.items()]
