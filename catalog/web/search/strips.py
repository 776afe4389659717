"""The strips of datasets in a list: a bar for each column of a dataset's first table.

What a table's schema and profile say is long, and a bar is short: this process keeps the bars of published versions,
whose tables never change (the database itself refuses it).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.models import Dataset, Resource
from catalog.web.table.columns import Column, Kind, columns_of

KEPT = 4_000
"""Versions whose bars a process keeps: at some 2 kB each 8 MB."""
MOST = 120
"""A strip of more columns than this would be a smear; the first ones are drawn."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A column in a strip; ``missing_share`` is from 0 to 1."""

    name: str
    kind: Kind
    missing_share: float


_known: dict[int, tuple[Bar, ...]] = {}
_lock = threading.Lock()


def bars_of(columns: Iterable[Column | Bar]) -> tuple[Bar, ...]:
    return tuple(Bar(column.name, column.kind, column.missing_share) for column in columns)


def strips_of(datasets: Sequence[Dataset]) -> dict[int, tuple[Bar, ...]]:
    """The bars of each of these datasets that has a published version, by its id. They show no values."""
    latest = {dataset.pk: dataset.latest_id for dataset in datasets if dataset.latest_id}
    found = {version: _known[version] for version in latest.values() if version in _known}
    if missing := set(latest.values()) - found.keys():
        tables = Resource.objects.filter(version__in=missing).order_by("version_id", "position", "name")
        for table in tables.distinct("version_id").only("version", "schema", "profile"):
            found[table.version_id] = bars_of(columns_of(table, with_values=False)[:MOST])
            _keep(table.version_id, found[table.version_id])
    return {pk: found[version] for pk, version in latest.items() if version in found}


def _keep(version: int, bars: tuple[Bar, ...]) -> None:
    with _lock:
        while len(_known) >= KEPT:
            del _known[next(iter(_known))]
        _known[version] = bars
