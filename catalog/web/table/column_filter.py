"""The form that filters by one column, made for its kind: a range, a choice of values, a text, true or false.

Its fields are called as the address calls its filters (``min:mass``, ``is:species``), so that it works without scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from catalog.templatetags.kit import num
from catalog.web.table.columns import Column, Kind
from catalog.web.table.grid import GridColumn, grid_columns, plain_text
from catalog.web.table.row_links import RowLinks

SHOWN_VALUES = 50
Shape = Literal["range", "choice", "text", "missing"]
_SHAPES: dict[Kind, Shape] = {"num": "range", "time": "range", "bool": "choice", "cat": "choice", "text": "text"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that the column holds; ``count`` in how many rows."""

    value: str
    count: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ColumnFilter:
    """What the form shows. ``hidden`` carries the rest of the address; ``missing`` is "", "only" or "none"."""

    head: GridColumn
    shape: Shape
    hidden: tuple[tuple[str, str], ...]
    clear_href: str
    close_href: str
    low: str = ""
    high: str = ""
    contains: str = ""
    exact: str = ""
    choices: tuple[Choice, ...] = ()
    more_values: int = 0
    missing: str = ""

    @property
    def column(self) -> Column:
        return self.head.column

    @property
    def is_date(self) -> bool:
        """Whether the browser's own field for a day can hold its ends."""
        return self.column.type == "date"

    @property
    def missing_rows(self) -> str:
        return num(self.column.missing or 0)


def column_filter(columns: Sequence[Column], links: RowLinks) -> ColumnFilter | None:
    """The form of the column that the address names; None where it names none of the table's."""
    column = next((column for column in columns if column.name == links.filtering), None)
    if column is None:
        return None
    (head,) = grid_columns((column,), links)
    present = {item.operator: item.value for item in links.query.filters if item.column == column.name}
    chosen = [item.value for item in links.query.filters if (item.column, item.operator) == (column.name, "is")]
    choices = _choices(column, chosen)
    return ColumnFilter(
        head=head,
        shape=_shape(column, choices),
        hidden=tuple(links.hidden_but(column.name)),
        clear_href=links.without_column(column.name),
        close_href=links.present,
        low=present.get("min", ""),
        high=present.get("max", ""),
        contains=present.get("has", ""),
        exact=chosen[0] if chosen else "",
        choices=choices,
        more_values=max(0, (column.distinct or 0) - len(choices)),
        missing=present.get("missing", ""),
    )


def _shape(column: Column, choices: tuple[Choice, ...]) -> Shape:
    shape = _SHAPES.get(column.kind, "missing")
    # Before the check nothing is counted: a category is asked for as a text.
    return "text" if shape == "choice" and not choices else shape


def _choices(column: Column, chosen: list[str]) -> tuple[Choice, ...]:
    if column.kind == "bool":
        counted = [("true", column.profile.get("true_count")), ("false", None)]
        if column.profile.get("true_count") is not None:
            counted[1] = ("false", column.profile.get("count", 0) - column.profile["true_count"])
    elif column.kind == "cat":
        values = [item for item in column.top if not item.get("clipped") and item["value"] != ""]
        counted = [(plain_text(item["value"]), item["count"]) for item in values[:SHOWN_VALUES]]
    else:
        return ()
    known = {value for value, _count in counted}
    # What was asked for by an address stays there to be taken away, counted or not.
    counted += [(value, None) for value in chosen if value not in known]
    return tuple(Choice(value, "" if count is None else num(count), value in chosen) for value, count in counted)
