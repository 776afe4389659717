"""Rows of a stored table for whoever may have its bytes: a page, groups, or any number of them in any format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from catalog import keys
from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.hashes import sha256_of_json
from catalog.models import Resource
from catalog.querying.asking import TableFiles
from catalog.querying.messages import Format, Question
from catalog.rows.cursor import Cursor, question_of, read_cursor
from catalog.rows.groups import Grouping, group_sql, names_of
from catalog.rows.preview import Page, PartRows, Table, opened, read_groups, read_page
from catalog.rows.query import RowQuery, require_column
from catalog.rows.sql import table_sql
from catalog.services.delivering.answers import Collected, collect
from catalog.services.delivering.entitlements import require_bytes
from catalog.transport.object_cache import CachedObject

MAX_ROWS = 1_000
"""Rows of one page at most; other formats than JSON have more, and whoever wants all wants the Parquet."""
_LONGEST_KEY = 500
"""Characters of a sort value in a cursor: addresses can't be of any length."""
_RELATION = "t"


@dataclass(frozen=True, slots=True)
class RowsPage:
    """``rows`` are JSON values in the order of ``columns``; ``total`` counts what the filters leave.

    ``numbers`` are the rows' places in the table from 0, ``families`` the kinds of the columns' types.
    ``clipped`` names cells ``(row of the page, column)`` whose text was cut at catalog.rows.cells.CELL_LIMIT. ``next``
    is the cursor of the page behind, empty where there is none.
    """

    columns: tuple[str, ...]
    families: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    numbers: tuple[int, ...]
    clipped: frozenset[tuple[int, int]]
    total: int
    offset: int
    next: str = ""


def read_rows(
    *,
    actor: Actor,
    resource: Resource,
    offset: int = 0,
    limit: int = 50,
    columns: Sequence[str] | None = None,
    query: RowQuery | None = None,
    after: str = "",
) -> RowsPage:
    """A page of the table's rows; all columns when none is named. ``after`` is a cursor, which counts for ``offset``.

    Raises as require_bytes does, QueryInvalid, Invalid, PreviewTooLarge, ObjectDamaged, StorageUnavailable.
    """
    require_bytes(actor=actor, resource=resource)
    _require_span(offset, limit)
    query = query or RowQuery()
    question = question_of(query, parts=[part.sha256 for part in resource.parts.all()])
    cursor = read_cursor(after, question) if after else None
    page = read_page(
        table_of(resource),
        offset=offset,
        limit=limit,
        names=columns or None,
        query=query,
        after=cursor.position if cursor else None,
        total=cursor.total if cursor else None,
    )
    return _answer(page, offset, next_=_next(page, question, query, offset=None if cursor else offset, limit=limit))


def read_row(*, actor: Actor, resource: Resource, number: int) -> RowsPage:
    """The one row at place ``number`` (from 0), all columns. Raises as read_rows; NotFound beyond the end."""
    require_bytes(actor=actor, resource=resource)
    if not 0 <= number < resource.rows:
        raise NotFound(
            _("The table has no row %(number)s.") % {"number": number + 1},
            remedy=_("Its rows go from 1 to %(rows)s.") % {"rows": resource.rows},
        )
    return _answer(read_page(table_of(resource), offset=number, limit=1), number)


def gather_rows(
    *, actor: Actor, resource: Resource, grouping: Grouping, query: RowQuery, offset: int = 0, limit: int = 50
) -> RowsPage:
    """Groups of the rows that the query leaves. Raises as read_rows."""
    require_bytes(actor=actor, resource=resource)
    _require_span(offset, limit)
    return _answer(read_groups(table_of(resource), grouping, query=query, offset=offset, limit=limit), offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Rows, or groups, in a format; ``limit`` at most, beginning at ``offset``; all columns when none is named."""

    form: Format
    limit: int
    offset: int = 0
    columns: Sequence[str] | None = None
    query: RowQuery = field(default_factory=RowQuery)
    grouping: Grouping | None = None
    faithful: bool = False


def write_rows(
    *, actor: Actor, resource: Resource, wanted: Wanted, tick: Callable[[], None] = lambda: None
) -> Collected:
    """Rows or groups in a format, as a whole: so many at most, and whether there were more.

    Raises as read_rows, and what a question to a cell raises (catalog/querying/asking.py).
    """
    require_bytes(actor=actor, resource=resource)
    table = table_of(resource)
    query, grouping, offset = wanted.query, wanted.grouping, wanted.offset
    with opened(table) as files:
        found = files.columns
        known = {column.name: column for column in found}
        if grouping is not None:
            names = names_of(grouping)
            asked = group_sql(f"FROM {_RELATION}", known, grouping, query=query, offset=offset, limit=wanted.limit + 1)
        else:
            shown = found if not wanted.columns else tuple(require_column(name, known) for name in wanted.columns)
            names = tuple(column.name for column in shown)
            asked = table_sql(_RELATION, known, shown, query=query, offset=offset, limit=wanted.limit + 1)
    question = Question(
        sql=asked,
        format=wanted.form,
        names=names,
        max_rows=wanted.limit,
        faithful=wanted.faithful,
    )
    return collect(question, [files_of(table)], tenant=actor.asker, tick=tick)


def hash_of(query: RowQuery) -> str:
    """Names the filters on the audit trail, which keeps no cell values."""
    filters = [[item.column, item.operator, item.value] for item in query.filters]
    return sha256_of_json([filters, query.search])


def files_of(table: Table) -> TableFiles:
    """The table for a question to a cell, whose SQL calls it ``t``, its rows ``r`` and its columns ``c0`` …"""
    starts, start = [], 0
    for part in table.parts:
        starts.append(start)
        start += part.rows
    return TableFiles(name=_RELATION, objects=[part.item for part in table.parts], starts=tuple(starts))


def table_of(resource: Resource) -> Table:
    """The resource's parts as catalog/rows/preview.py reads them."""
    dataset_id = resource.version.dataset_id
    parts = [
        PartRows(CachedObject(keys.parquet(dataset_id, part.sha256), part.sha256, part.bytes), part.rows)
        for part in resource.parts.all()
    ]
    return Table(parts, [item["name"] for item in resource.schema["fields"]])


def _require_span(offset: int, limit: int) -> None:
    if not 0 <= limit <= MAX_ROWS:
        raise Invalid(
            fields={"limit": [_("Ask for 0 to %(max_rows)s rows at once.") % {"max_rows": MAX_ROWS}]},
            remedy=_("Download the Parquet."),
        )
    if not 0 <= offset < 2**62:
        raise Invalid(fields={"offset": [_("The first row has the offset 0.")]})


def _next(page: Page, question: str, query: RowQuery, *, offset: int | None, limit: int) -> str:
    """Nothing behind the last page; nor where the sort value is too long for an address."""
    last = page.last
    is_end = last is None or len(page.rows) < limit
    is_end = is_end or (offset is not None and offset + len(page.rows) >= page.total)
    is_end = is_end or (last is not None and query.is_plain and last.number + 1 >= page.total)
    if last is None or is_end or len(last.value or "") > _LONGEST_KEY:
        return ""
    return Cursor(last, page.total).write(question)


def _answer(page: Page, offset: int, *, next_: str = "") -> RowsPage:
    return RowsPage(
        columns=tuple(column.name for column in page.columns),
        families=tuple(column.family for column in page.columns),
        rows=page.rows,
        numbers=page.numbers,
        clipped=page.clipped,
        total=page.total,
        offset=offset,
        next=next_,
    )
