"""Rows of a stored table for whoever may have its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog import keys
from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import Resource
from catalog.object_cache import CachedObject
from catalog.preview import Page, PartRows, Table, read_page
from catalog.row_query import RowQuery
from catalog.services.downloads import require_bytes

MAX_ROWS = 1_000
"""Rows of one page at most; whoever wants more wants the Parquet."""


@dataclass(frozen=True, slots=True)
class RowsPage:
    """``rows`` are JSON values in the order of ``columns``; ``total`` counts what the filters leave.

    ``numbers`` are the rows' places in the table from 0, ``families`` the kinds of the columns' types.
    ``clipped`` names cells ``(row of the page, column)`` whose text was cut at catalog.cells.CELL_LIMIT.
    """

    columns: tuple[str, ...]
    families: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    numbers: tuple[int, ...]
    clipped: frozenset[tuple[int, int]]
    total: int
    offset: int


def read_rows(
    *,
    actor: Actor,
    resource: Resource,
    offset: int = 0,
    limit: int = 50,
    columns: Sequence[str] | None = None,
    query: RowQuery | None = None,
) -> RowsPage:
    """A page of the table's rows; all columns when none is named.

    Raises as require_bytes does, QueryInvalid, Invalid, PreviewTooLarge, ObjectDamaged, StorageUnavailable.
    """
    require_bytes(actor=actor, resource=resource)
    if not 0 <= limit <= MAX_ROWS:
        raise Invalid(fields={"limit": [f"Ask for 0 to {MAX_ROWS} rows at once."]}, remedy="Download the Parquet.")
    if not 0 <= offset < 2**62:
        raise Invalid(fields={"offset": ["The first row has the offset 0."]})
    page = read_page(table_of(resource), offset=offset, limit=limit, names=columns or None, query=query)
    return _answer(page, offset)


def read_row(*, actor: Actor, resource: Resource, number: int) -> RowsPage:
    """The one row at place ``number`` (from 0), all columns. Raises as read_rows; NotFound beyond the end."""
    require_bytes(actor=actor, resource=resource)
    if not 0 <= number < resource.rows:
        raise NotFound(f"The table has no row {number + 1}.", remedy=f"Its rows go from 1 to {resource.rows}.")
    return _answer(read_page(table_of(resource), offset=number, limit=1), number)


def _answer(page: Page, offset: int) -> RowsPage:
    return RowsPage(
        columns=tuple(column.name for column in page.columns),
        families=tuple(column.family for column in page.columns),
        rows=page.rows,
        numbers=page.numbers,
        clipped=page.clipped,
        total=page.total,
        offset=offset,
    )


def table_of(resource: Resource) -> Table:
    """The resource's parts as catalog/preview.py reads them."""
    dataset_id = resource.version.dataset_id
    parts = [
        PartRows(CachedObject(keys.parquet(dataset_id, part.sha256), part.sha256, part.bytes), part.rows)
        for part in resource.parts.all()
    ]
    return Table(parts, [item["name"] for item in resource.schema["fields"]])
