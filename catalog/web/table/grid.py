"""The Data tab's table in the small: how a cell reads, and what a column's head offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from django.utils.translation import gettext as _

from catalog.rows.query import MAX_VALUE, Filter
from catalog.services.delivering.rows import RowsPage
from catalog.templatetags.kit import num, shown
from catalog.web.table.columns import Column
from catalog.web.table.row_links import RowLinks

LONG = 48
"""Characters from which on a cell may be cut by its column's width; it then has a button to be read whole."""

CELL_SHOWN = 2_000
"""Characters of a cell in the table; the row's own view shows all that is read."""

SortState = Literal["none", "ascending", "descending"]
_NUMBERS = {"integer", "decimal", "float"}
_COMPARED = {"integer", "decimal", "float", "text", "bool", "date", "timestamp", "instant", "time"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram in units of 160 by 41; ``href`` shows the rows that it stands for."""

    x: str
    y: str
    width: str
    height: str
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column's head: its sorting, its distribution, the ends of its range."""

    column: Column
    sort: SortState
    sort_href: str
    bars: tuple[Bar, ...]
    low: str
    high: str
    filter_href: str
    is_filtered: bool


@dataclass(frozen=True, slots=True)
class GridCell:
    """``text`` is what is shown, ``value`` what a filter for exactly this says (None: it can't be asked)."""

    column: str
    text: str
    value: str | None
    is_null: bool = False
    is_number: bool = False
    is_long: bool = False
    is_clipped: bool = False


@dataclass(frozen=True, slots=True)
class GridRow:
    """``number`` counts the table's rows from 1."""

    number: int
    href: str
    cells: tuple[GridCell, ...]


def grid_columns(columns: Sequence[Column], links: RowLinks) -> tuple[GridColumn, ...]:
    return tuple(_head(column, links) for column in columns)


def grid_rows(
    page: RowsPage, columns: Sequence[GridColumn], links: RowLinks, *, limit: int = CELL_SHOWN
) -> tuple[GridRow, ...]:
    """The page's rows; texts are cut at ``limit`` characters."""
    rows = []
    for place, (number, values) in enumerate(zip(page.numbers, page.rows, strict=True)):
        cells = tuple(
            _cell(item.column.name, value, family, limit=limit, is_clipped=(place, index) in page.clipped)
            for index, (item, value, family) in enumerate(zip(columns, values, page.families, strict=True))
        )
        rows.append(GridRow(number + 1, links.to_row(number + 1), cells))
    return tuple(rows)


def _cell(column: str, value: Any, family: str, *, limit: int, is_clipped: bool) -> GridCell:
    if value is None:
        return GridCell(column, _("null"), None, is_null=True, is_number=family in _NUMBERS)
    text = _text(value, family)
    exact = plain_text(value) if family in _COMPARED and not is_clipped else ""
    is_clipped = is_clipped or len(text) > limit
    return GridCell(
        column=column,
        text=text[:limit],
        value=exact if 0 < len(exact) <= MAX_VALUE else None,
        is_number=family in _NUMBERS,
        is_long=len(text) > LONG or is_clipped,
        is_clipped=is_clipped,
    )


def plain_text(value: Any) -> str:
    """A value as a filter writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(value: Any, family: str) -> str:
    """Numbers as they are (a year has no thousands); spaces at the ends are drawn, for nobody sees them."""
    if family == "nested":
        return shown(value)
    if value == "":
        return '""'
    text = plain_text(value)
    if family in {"timestamp", "instant"}:
        return text.replace("T", " ", 1)
    left, right = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
    return "·" * left + text.strip(" ") + "·" * (right if left < len(text) else 0)


def _head(column: Column, links: RowLinks) -> GridColumn:
    sort = links.query.sort
    state: SortState = "none"
    if sort is not None and sort.column == column.name:
        state = "descending" if sort.descending else "ascending"
    is_range = column.kind in {"num", "time"}
    return GridColumn(
        column=column,
        sort=state,
        sort_href=links.sorted_by(column.name),
        bars=tuple(_bars(column, links)),
        low=_end(column.low) if is_range else _values_of(column),
        high=_end(column.high) if is_range else "",
        filter_href=links.to_filter(column.name),
        is_filtered=any(item.column == column.name for item in links.query.filters),
    )


def _end(value: Any) -> str:
    """An end of a column's range, written as its cells are: 2007 and not 2,007."""
    if value is None:
        return ""
    text = str(value) if isinstance(value, int) else shown(value)
    return text.replace("T", " ", 1)[:16] if _is_moment(text) else text[:16]


def _is_moment(text: str) -> bool:
    return len(text) > 10 and text[4:5] == "-" and text[10:11] == "T"


def _values_of(column: Column) -> str:
    if column.kind == "bool" or column.distinct is None:
        return ""
    mark = "≈ " if column.is_estimate else ""
    return mark + _("%(n)s values") % {"n": num(column.distinct)}


def _bars(column: Column, links: RowLinks) -> Iterator[Bar]:
    bins = column.bins
    if not bins or not any(bins):
        return
    gap = 1.5
    width = (160 - gap * (len(bins) - 1)) / len(bins)
    highest = max(bins)
    for place, (count, (title, href)) in enumerate(zip(bins, _meanings(column, links), strict=False)):
        # One value in a million still shows as a line.
        height = max(38 * count / highest, 0.8) if count else 0.0
        yield Bar(
            x=f"{place * (width + gap):.2f}",
            y=f"{40 - height:.2f}",
            width=f"{width:.2f}",
            height=f"{height:.2f}",
            title=f"{title}: {num(count)}",
            href=href,
        )


def _meanings(column: Column, links: RowLinks) -> Iterator[tuple[str, str]]:
    """What each bar stands for, in words, and the address of those rows."""
    name = column.name
    edges = (column.profile.get("histogram") or {}).get("edges")
    if edges:
        for place, (low, high) in enumerate(pairwise(edges)):
            # A bin takes its lower edge in and leaves the upper one to the next; the last takes both.
            is_last = place == len(edges) - 2
            upper = Filter(name, "max" if is_last else "below", str(high))
            yield f"{_end(low)} – {_end(high)}", links.filtered(Filter(name, "min", str(low)), upper)
    elif column.kind == "bool":
        for value in ("true", "false"):
            yield value, links.filtered(Filter(name, "is", value))
    else:
        for item in column.top:
            value = plain_text(item["value"])
            can_ask = not item.get("clipped") and value != ""
            yield value[:LONG], links.filtered(Filter(name, "is", value)) if can_ask else ""
