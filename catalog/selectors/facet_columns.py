"""What the facets count, in this process: a few numbers a dataset, held to the database at each search.

Counting six facets over 100,000 datasets costs PostgreSQL some hundred milliseconds, and columns of numbers one or two.
Each dataset's row says which transaction wrote it last (``changed_in``, by a trigger; migration 0015). A search asks
for what the snapshot of the search before did not see, which is next to nothing, and what it then counts is what the
database has. Nothing is decided here about who may see what: ``open`` is what ``visible_to`` shows to everybody, and
what somebody sees beside it is asked of ``visible_to`` each time.

The snapshots are PostgreSQL's own: https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from numpy.typing import NDArray

from catalog.actor import ANONYMOUS
from catalog.models import Dataset, Resource

FacetName = Literal["access", "quality", "license", "keyword", "organization", "format"]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]

MAX_AGE_SECONDS = 6 * 3600
"""Everything is read anew that often: nothing tells of a row that somebody deleted by hand."""
DEAD_ROWS = 50_000
"""Rows of datasets that have changed since; with more of them everything is read anew."""
NEVER = np.iinfo(np.int64).min
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SNAPSHOT = """SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text,
    current_database() || ' ' || pg_relation_filenode('catalog_dataset')::text"""
# A snapshot shows a transaction its own rows, also those that it writes later: they are read again as long as it lasts.
# A row may come from a dump of another server, with a number that is to come here: it is none that is running.
_UNSEEN = """(catalog_dataset.changed_in >= pg_snapshot_xmin(%s::pg_snapshot)
    AND (NOT pg_visible_in_snapshot(catalog_dataset.changed_in, %s::pg_snapshot)
        OR catalog_dataset.changed_in IN (%s::xid8, pg_current_xact_id_if_assigned()))
    AND (catalog_dataset.changed_in < pg_snapshot_xmax(pg_current_snapshot())
        OR catalog_dataset.changed_in = pg_current_xact_id_if_assigned()))"""


class Values:
    """The values of a facet by number; numbers are given once and stay."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, value: str) -> int:
        found = self._numbers.setdefault(value, len(self.names))
        if found == len(self.names):
            self.names.append(value)
        return found

    def marked(self, chosen: Iterable[str]) -> Mask:
        """True at the numbers of ``chosen``; a value that no dataset has marks nothing."""
        marks = np.zeros(len(self.names), dtype=np.bool_)
        marks[[self._numbers[value] for value in chosen if value in self._numbers]] = True
        return marks


@dataclass(frozen=True, eq=False)
class Entries:
    """One facet of all datasets: the dataset in row ``rows[i]`` has the value of number ``codes[i]``."""

    rows: Numbers
    codes: Numbers
    values: Values

    def having(self, chosen: Sequence[str], *, of: int) -> Mask:
        """Which of so many rows have one of the values."""
        found = np.zeros(of, dtype=np.bool_)
        found[self.rows[self.values.marked(chosen)[self.codes]]] = True
        return found

    def counted(self, rows: Mask) -> list[tuple[str, int]]:
        """The values that these rows have with how many have each, the commonest first."""
        counts = np.bincount(self.codes[rows[self.rows]], minlength=1)
        pairs = [(self.values.names[code], int(counts[code])) for code in np.flatnonzero(counts)]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def with_more(self, rows: Sequence[int], names: Sequence[str]) -> Entries:
        more = np.fromiter((self.values.number(name) for name in names), dtype=np.int64, count=len(names))
        return Entries(
            np.concatenate([self.rows, np.asarray(rows, dtype=np.int64)]),
            np.concatenate([self.codes, more]),
            self.values,
        )


@dataclass(frozen=True, eq=False)
class Columns:
    """All datasets of one moment, a row each; one that changed has a new row, and its old one is not ``alive``."""

    pks: Numbers
    alive: Mask
    open: Mask
    published: Numbers
    modified: Numbers
    facets: Mapping[FacetName, Entries]

    @classmethod
    def empty(cls) -> Columns:
        none = np.zeros(0, dtype=np.int64)
        facets: dict[FacetName, Entries] = {name: Entries(none, none, Values()) for name in get_args(FacetName)}
        return cls(none, none.astype(np.bool_), none.astype(np.bool_), none, none, facets)

    def __len__(self) -> int:
        return len(self.pks)

    @cached_property
    def newest_first(self) -> Numbers:
        """All rows in the order of the catalog: the last published first, behind them what never was."""
        return np.lexsort((self.pks, -self.modified, -np.maximum(self.published, NEVER + 1)))

    def rows_of(self, pks: Sequence[int] | Numbers) -> Numbers:
        """The living rows of these datasets, in the order of ``pks``; those that are not there are left out."""
        wanted = np.asarray(pks, dtype=np.int64)
        wanted = wanted[(wanted >= 0) & (wanted < len(self._row_of))]
        rows = self._row_of[wanted]
        return rows[rows >= 0]

    def among(self, pks: Sequence[int] | Numbers) -> Mask:
        """Which rows are of these datasets."""
        found = np.zeros(len(self), dtype=np.bool_)
        found[self.rows_of(pks)] = True
        return found

    @cached_property
    def _row_of(self) -> Numbers:
        rows = np.full(int(self.pks.max(initial=-1)) + 1, -1, dtype=np.int64)
        rows[self.pks[self.alive]] = np.flatnonzero(self.alive)
        return rows

    def without(self, pks: Iterable[int]) -> Columns:
        gone = self.among(list(pks))
        return Columns(self.pks, self.alive & ~gone, self.open, self.published, self.modified, self.facets)

    def with_more(self, rows: Sequence[Mapping[str, Any]]) -> Columns:
        """With these datasets, each as ``_read`` gives it; none of them is alive here yet."""
        places = range(len(self), len(self) + len(rows))
        facets: dict[FacetName, Entries] = {}
        for name, entries in self.facets.items():
            pairs = [(place, value) for place, row in zip(places, rows, strict=True) for value in _values(row, name)]
            facets[name] = entries.with_more([place for place, _ in pairs], [value for _, value in pairs])
        return Columns(
            np.concatenate([self.pks, np.array([row["pk"] for row in rows], dtype=np.int64)]),
            np.concatenate([self.alive, np.ones(len(rows), dtype=np.bool_)]),
            np.concatenate([self.open, np.array([row["is_open"] for row in rows], dtype=np.bool_)]),
            np.concatenate([self.published, np.array([_moment(row["published"]) for row in rows], dtype=np.int64)]),
            np.concatenate([self.modified, np.array([_moment(row["modified"]) for row in rows], dtype=np.int64)]),
            facets,
        )


@dataclass(slots=True)
class _Held:
    """What this process has, as of ``snapshot``; what the transaction ``own`` wrote until then is ``unsettled``."""

    columns: Columns = field(default_factory=Columns.empty)
    snapshot: str = ""
    own: str | None = None
    table: str = ""
    since: float = 0.0
    unsettled: frozenset[int] = frozenset()


_held = _Held()
_turn = threading.Lock()


def current_columns() -> Columns:
    """The columns as the database has them now. Two queries, however many datasets there are."""
    global _held  # noqa: PLW0603 -- one a process is what it is for.
    with _turn:
        with connection.cursor() as cursor:
            cursor.execute(_SNAPSHOT)
            snapshot, own, table = cursor.fetchone()
        held = _held if _is_of_use(_held, table) else _Held(table=table, since=time.monotonic())
        rows = list(_read(_changed(held)))
        changed = {row["pk"] for row in rows} | held.unsettled
        columns = held.columns
        if changed:
            columns = columns.without(changed).with_more(rows)
        unsettled = frozenset(row["pk"] for row in rows if own is not None and row["written"] == own)
        _held = _Held(columns, snapshot, own, table, held.since, unsettled)
        return columns


def warm() -> None:
    """Read everything before the first search asks for it; the connection is given back."""
    try:
        current_columns()
    finally:
        connection.close()


def _is_of_use(held: _Held, table: str) -> bool:
    """Whether to go on with it: of this very table (TRUNCATE makes another), not old, and not mostly of dead rows."""
    columns = held.columns
    is_young = time.monotonic() - held.since < MAX_AGE_SECONDS
    return held.table == table and is_young and len(columns) - int(columns.alive.sum()) <= DEAD_ROWS


def _changed(held: _Held) -> QuerySet[Dataset]:
    """What was written since, and what a transaction had written that may have been rolled back."""
    if not held.snapshot:
        return Dataset.objects.all()
    told = [held.snapshot, held.snapshot, held.own]
    unseen = Q(RawSQL(_UNSEEN, told, output_field=BooleanField()))  # noqa: S611 -- a constant, and values beside it.
    return Dataset.objects.filter(unseen | Q(pk__in=held.unsettled) if held.unsettled else unseen)


def _read(datasets: QuerySet[Dataset]) -> Iterable[Mapping[str, Any]]:
    formats = Resource.objects.filter(version=OuterRef("latest")).order_by("format").values("format").distinct()
    seen = Dataset.objects.visible_to(ANONYMOUS).filter(pk=OuterRef("pk"))
    return datasets.order_by().values(
        "pk",
        "access",
        "license",
        "modified",
        keyword=F("keywords"),
        of=F("organization_id"),
        quality=F("latest__verdict"),
        published=F("latest__published_at"),
        format=ArraySubquery(formats),
        is_open=Exists(seen),
        written=RawSQL("catalog_dataset.changed_in::text", []),
    )


def _values(row: Mapping[str, Any], name: FacetName) -> Iterable[str]:
    if name == "organization":
        return (str(row["of"]),)
    value = row[name]
    if isinstance(value, list):
        return dict.fromkeys(value)
    return () if value is None else (value,)


def _moment(when: datetime | None) -> int:
    """Microseconds since 1970, in whole numbers."""
    return NEVER if when is None else (when - _EPOCH) // timedelta(microseconds=1)
