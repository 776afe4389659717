"""Search over the catalog: words, facets that count what each choice would give, and an order.

Within a facet choices are OR, between facets AND; a facet's own counts leave its own choice out. PostgreSQL finds the
words (matching.py) and says who may see what; counting, and the order of the newest, are of columns of numbers
(facet_columns.py). Totals and counts are exact at any size.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, get_args, overload

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.search import SearchRank
from django.db.models import F, QuerySet

from catalog.actor import Actor
from catalog.licenses import get_license
from catalog.models import Access, Dataset, Organization, VerdictStatus
from catalog.selectors.datasets import visible_datasets
from catalog.selectors.facet_columns import Columns, FacetName, Mask, Numbers, current_columns
from catalog.selectors.matching import Matches, find_matches, ranks_of

Sort = Literal["relevance", "newest", "title"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "title")
FACETS: tuple[FacetName, ...] = get_args(FacetName)
FACET_LIMIT = 50
RANKED = 500
"""So many of the best candidates are ranked by where the words stand in them; what comes behind them is by age."""

SORTED = 2_000
"""Up to so many are sorted by title themselves."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: words, and the chosen values of each facet."""

    text: str = ""
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: Sort = "relevance"

    @property
    def words(self) -> str:
        return self.text.strip()[:500].replace("\0", "")


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    label: str
    count: int
    active: bool


class Found:
    """What a search found, as of one moment; a slice of it is a list of datasets, best first.

    It can be given to a paginator. A slice is asked of ``visible_to`` once more, so that nothing is shown of what has
    been hidden in between.
    """

    def __init__(self, *, actor: Actor, query: Query) -> None:
        self._actor = actor
        self._query = query
        self._columns = current_columns()
        self._seen = _seen(actor, self._columns)
        self._matches = find_matches(query.words, self._columns, self._seen) if query.words else None
        self._chosen = _chosen(self._columns, query.chosen)

    def count(self) -> int:
        return len(self)

    def __iter__(self) -> Iterator[Dataset]:
        return iter(self[0 : len(self)])

    def __len__(self) -> int:
        return int(self._rows.sum())

    @property
    def without_filters(self) -> int:
        """How many the words alone find."""
        return int(self._matching.sum())

    @overload
    def __getitem__(self, wanted: int) -> Dataset: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Dataset]: ...
    def __getitem__(self, wanted: int | slice) -> Dataset | list[Dataset]:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        pks = self._ordered(wanted)
        found = {row.pk: row for row in visible_datasets(self._actor).filter(pk__in=pks)}
        return [found[pk] for pk in pks if pk in found]

    def datasets(self) -> QuerySet[Dataset]:
        """All of them; where there are words, ordered by rank alone."""
        datasets = visible_datasets(self._actor).filter(pk__in=self._columns.pks[self._rows].tolist())
        if self._matches is None:
            return datasets
        ranked = datasets.annotate(rank=SearchRank(F("search_vector"), self._matches.asked))
        return ranked.order_by("-rank", "-modified", "pk")

    def publishers(self) -> int:
        """How many organizations have one of them."""
        return len(self._columns.facets["organization"].counted(self._rows))

    def facets(self) -> dict[str, list[FacetValue]]:
        """For each facet, its values with the number of datasets that each would give beside the other choices."""
        facets: dict[str, list[FacetValue]] = {}
        for name in FACETS:
            rows = self._matching.copy()
            for other, mask in self._chosen.items():
                if other != name:
                    rows &= mask
            pairs = [pair for pair in self._columns.facets[name].counted(rows) if pair[0]]
            facets[name] = _with_labels(name, pairs, list(self._query.chosen.get(name, ())))
        return facets

    # ------------------------------------------------------------ which
    @cached_property
    def _matching(self) -> Mask:
        return self._seen if self._matches is None else self._seen & self._matches.rows

    @cached_property
    def _rows(self) -> Mask:
        rows = self._matching.copy()
        for mask in self._chosen.values():
            rows &= mask
        return rows

    # ------------------------------------------------------------ in which order
    def _ordered(self, wanted: slice) -> list[int]:
        columns = self._columns
        if self._query.sort == "title":
            return _by_title(columns, self._rows)[wanted]
        newest = columns.newest_first
        rows = newest[self._rows[newest]]
        if self._matches is not None and self._query.sort == "relevance":
            rows = self._best_first(rows, self._matches)
        return [int(pk) for pk in columns.pks[rows[wanted]]]

    def _best_first(self, rows: Numbers, matches: Matches) -> Numbers:
        """``rows`` come the newest first; the candidates among them are put before the others, by rank."""
        in_title = matches.in_title[rows]
        candidates = np.concatenate([rows[in_title], rows[~in_title]])
        first, behind = candidates[:RANKED], candidates[RANKED:]
        ranks = ranks_of(matches, self._columns.pks[first].tolist())
        order = np.argsort([-ranks.get(int(pk), 0.0) for pk in self._columns.pks[first]], kind="stable")
        # Behind them it is age alone that counts, whether the words are in the title or not.
        return np.concatenate([first[order], rows[np.isin(rows, behind)]])


def search(*, actor: Actor, query: Query) -> Found:
    """What the actor may see of what matches, with its facets."""
    return Found(actor=actor, query=query)


def search_datasets(*, actor: Actor, query: Query) -> QuerySet[Dataset]:
    """The same datasets as a queryset that can be filtered on; where there are words, the best first."""
    return Found(actor=actor, query=query).datasets()


_title_orders: weakref.WeakKeyDictionary[Columns, Numbers] = weakref.WeakKeyDictionary()
"""All rows in the order of their titles, until a dataset changes."""


def _by_title(columns: Columns, rows: Mask) -> list[int]:
    """In the database's order of titles: of few they are sorted, of many all are read from the index of titles."""
    pks = columns.pks[rows]
    if len(pks) <= SORTED:
        return list(Dataset.objects.filter(pk__in=pks.tolist()).order_by("title", "pk").values_list("pk", flat=True))
    in_order = _title_orders.get(columns)
    if in_order is None:
        everything = Dataset.objects.order_by().aggregate(pks=ArrayAgg("pk", order_by=("title", "pk")))["pks"]
        in_order = _title_orders[columns] = columns.rows_of(everything)
    return [int(pk) for pk in columns.pks[in_order[rows[in_order]]]]


def _seen(actor: Actor, columns: Columns) -> Mask:
    """What ``visible_to`` shows the actor; what everybody sees is known, and is not asked for again."""
    if actor.limit is None and (actor.is_anonymous or actor.may("read")):
        seen = columns.alive & columns.open
        if actor.is_anonymous:
            return seen
        hidden = Dataset.objects.visible_to(actor).not_open()
        return seen | columns.among(list(hidden.order_by().values_list("pk", flat=True)))
    return columns.among(list(Dataset.objects.visible_to(actor).order_by().values_list("pk", flat=True)))


def _chosen(columns: Columns, chosen: Mapping[str, Sequence[str]]) -> dict[str, Mask]:
    """For each facet with a choice, which rows meet it."""
    masks: dict[str, Mask] = {}
    for name in FACETS:
        values = list(chosen.get(name, ()))
        if not values:
            continue
        if name == "organization":
            values = [str(pk) for pk in Organization.objects.filter(slug__in=values).values_list("pk", flat=True)]
        masks[name] = columns.facets[name].having(values, of=len(columns))
    return masks


def _with_labels(name: FacetName, pairs: list[tuple[str, int]], active: list[str]) -> list[FacetValue]:
    if name == "organization":
        return _publishers(pairs, active)
    known = dict(pairs[:FACET_LIMIT])
    # A choice stays visible also where it is not among the commonest, so that it can be taken away.
    known |= {value: dict(pairs).get(value, 0) for value in active if value not in known}
    titles: dict[str, str] = {}
    if name == "access":
        titles = {item.value: str(item.label) for item in Access}
    elif name == "quality":
        titles = {item.value: str(item.label) for item in VerdictStatus}
    elif name == "license":
        titles = {key: found.name for key in known if (found := get_license(key))}
    elif name == "format":
        titles = {key: key.upper() for key in known}
    return [FacetValue(value, titles.get(value, value), count, value in active) for value, count in known.items()]


def _publishers(pairs: list[tuple[str, int]], active: list[str]) -> list[FacetValue]:
    """The columns have an organization's number, since its name may change without any dataset being written."""
    counts = {int(number): count for number, count in pairs}
    # By number where as many datasets have them: the order of the names would take asking for all of them.
    first = list(counts)[:FACET_LIMIT]
    rows = Organization.objects.filter(pk__in=first) | Organization.objects.filter(slug__in=active)
    known = {row.slug: (row.title, counts.get(row.pk, 0)) for row in rows}
    known |= {slug: (slug, 0) for slug in active if slug not in known}
    values = [FacetValue(slug, title, count, slug in active) for slug, (title, count) in known.items()]
    return sorted(values, key=lambda value: (-value.count, value.value))
