"""The Data tab: fifty rows a page, sorted, filtered, with each column's distribution above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render

from catalog.actor import Actor
from catalog.errors import CatalogError, Forbidden, NotFound
from catalog.rows.cells import CELL_LIMIT
from catalog.rows.query import QueryInvalid
from catalog.services.delivering.entitlements import VersionWithdrawn, require_bytes
from catalog.services.delivering.rows import RowsPage, read_row, read_rows
from catalog.transport.object_cache import PreviewTooLarge
from catalog.web.dataset.head import Head, open_head
from catalog.web.frame.refusals import page, status_of
from catalog.web.table.browser_sql import browser_sql
from catalog.web.table.column_filter import ColumnFilter, column_filter
from catalog.web.table.columns import Column
from catalog.web.table.filter_sql import sql_of
from catalog.web.table.grid import GridColumn, GridRow, grid_columns, grid_rows
from catalog.web.table.row_links import RowLinks

PAGE_ROWS = 50
COLUMNS_SHOWN = 40
"""So many columns at first; a table of four hundred is chosen from."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A page of rows as the template draws it. ``refusal`` says why there are none."""

    links: RowLinks
    columns: tuple[GridColumn, ...]
    all_columns: tuple[Column, ...]
    rows: tuple[GridRow, ...] = ()
    total: int = 0
    number: int = 1
    opened: GridRow | None = None
    opened_columns: tuple[GridColumn, ...] = ()
    refusal: CatalogError | None = None
    after: str = ""
    filter: ColumnFilter | None = None
    sql: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_ROWS))

    @property
    def first(self) -> int:
        return (self.number - 1) * PAGE_ROWS + 1 if self.total else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def hidden_columns(self) -> int:
        return len(self.all_columns) - len(self.columns)

    @property
    def shown_names(self) -> set[str]:
        return {item.column.name for item in self.columns}

    @property
    def previous(self) -> str:
        return self.links.to_page(self.number - 1) if self.number > 1 else ""

    @property
    def next(self) -> str:
        return self.links.to_page(self.number + 1, self.after) if self.number < self.pages else ""


@page
def data(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str = "") -> HttpResponse:
    """A page of the chosen table's rows; the gate where the reader may not have them."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="data")
    context: dict[str, Any] = {"nav": "datasets", "head": head}
    if head.resource is None:
        return render(request, "catalog/data.html", context)
    try:
        require_bytes(actor=actor, resource=head.resource)
    except (Forbidden, VersionWithdrawn) as refusal:
        context["gate"] = refusal
        return render(request, "catalog/data.html", context, status=status_of(refusal))
    links = _links(request)
    if isinstance(links, RowLinks) and links.added:
        return HttpResponseRedirect(request.path + links.with_added())
    if request.headers.get("HX-Target") == "column-filter" and isinstance(links, RowLinks):
        # The form alone: the rows under it stay as they are.
        form = column_filter(head.columns, links)
        return _varied(render(request, "catalog/parts/column_filter.html", {**context, "filter": form}))
    grid = _grid(actor, head, links)
    is_fragment = request.headers.get("HX-Target") == "rows"
    # A fragment that says what is wrong is swapped in like any other.
    status = 200 if grid.refusal is None or is_fragment else status_of(grid.refusal)
    template = "catalog/parts/rows.html" if is_fragment else "catalog/data.html"
    context |= {"grid": grid, "browser_sql": browser_sql(head)}
    response = render(request, template, context, status=status)
    if is_fragment:
        response["HX-Push-Url"] = request.path + grid.links.present
    return _varied(response)


def _varied(response: HttpResponse) -> HttpResponse:
    response["Vary"] = "HX-Target, Cookie"
    return response


def _links(request: HttpRequest) -> RowLinks | QueryInvalid:
    try:
        return RowLinks(request.GET)
    except QueryInvalid as refusal:
        return refusal


def _grid(actor: Actor, head: Head, links: RowLinks | QueryInvalid) -> Grid:
    every = head.columns
    if isinstance(links, QueryInvalid):
        plain = RowLinks(_only_table(head))
        return Grid(plain, (), every, refusal=links)
    shown = _chosen(every, links.shown)
    columns = grid_columns(shown, links)
    try:
        return _read(actor, head, links, columns)
    except (QueryInvalid, PreviewTooLarge, NotFound) as refusal:
        return Grid(links, columns, every, refusal=refusal)


def _read(actor: Actor, head: Head, links: RowLinks, columns: tuple[GridColumn, ...]) -> Grid:
    resource = head.resource
    if resource is None:
        raise NotFound
    number = links.page

    def ask(number: int, after: str = "") -> RowsPage:
        return read_rows(
            actor=actor,
            resource=resource,
            offset=(number - 1) * PAGE_ROWS,
            limit=PAGE_ROWS,
            columns=[item.column.name for item in columns],
            query=links.query,
            after=after,
        )

    found = ask(number, links.after)
    if not found.rows and number > 1 and found.total:
        # A page beyond the end (a filter was added to an old address) is the last one.
        number = -(-found.total // PAGE_ROWS)
        found = ask(number)
    opened: GridRow | None = None
    opened_columns: tuple[GridColumn, ...] = ()
    if links.row is not None:
        opened_columns = grid_columns(head.columns, links)
        one = read_row(actor=actor, resource=resource, number=links.row - 1)
        opened = grid_rows(one, opened_columns, links, limit=CELL_LIMIT)[0]
    return Grid(
        links=links,
        columns=columns,
        all_columns=head.columns,
        rows=grid_rows(found, columns, links),
        total=found.total,
        number=number,
        opened=opened,
        opened_columns=opened_columns,
        # In the table's own order a page is found by its number; an address with a cursor would say no more.
        after="" if links.query.is_plain else found.next,
        filter=column_filter(head.columns, links),
        sql=sql_of(links, table=resource.name, columns=head.columns),
    )


def _chosen(every: tuple[Column, ...], wanted: list[str]) -> tuple[Column, ...]:
    """The columns asked for that the table has, in its own order; the first ones where none is."""
    names = set(wanted)
    return tuple(column for column in every if column.name in names) or every[:COLUMNS_SHOWN]


def _only_table(head: Head) -> QueryDict:
    return QueryDict(head.table_query.removeprefix("?"))
