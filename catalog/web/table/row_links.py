"""The addresses of the Data tab: the table's state is its address, so that every view of it can be shared.

``table``, ``page``, ``after`` (a cursor), ``q``, ``sort`` (``name`` or ``-name``), ``show`` (repeated), ``row`` (from
1), ``filter`` (the column whose form is open) and filters as ``operator:column=value`` (catalog/rows/query.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.rows.query import OPERATORS, Filter, RowQuery, Sort, parse_filters, parse_sort, written_sort

_ADDED = ("add_column", "add_operator", "add_value")
_PLACE = ("page", "after", "row")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in words and the address without it."""

    text: str
    href: str


class RowLinks:
    """Addresses made from the present one."""

    def __init__(self, query: QueryDict) -> None:
        self._query = query.copy()
        for name in list(self._query):
            # PostgreSQL never sees these, but a NUL is no part of any name or value of ours either.
            if "\0" in name:
                del self._query[name]
            elif _is_filter(name):
                # A form sends its empty fields along; an address says only what is asked.
                self._query.setlist(name, [value for value in self._query.getlist(name) if value != ""])
        self.filtering = self._query.get("filter", "")
        self._query.pop("filter", None)
        self.query = self._parse()

    def _parse(self) -> RowQuery:
        pairs = [(name, value) for name, values in self._query.lists() for value in values]
        return RowQuery(parse_filters(pairs), parse_sort(self._query.get("sort", "")), search=self.search)

    @property
    def page(self) -> int:
        text = self._query.get("page", "")
        return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 16 else 1

    @property
    def after(self) -> str:
        """The cursor that the page begins behind, if it was reached from the page before."""
        return self._query.get("after", "") if self.page > 1 else ""

    @property
    def search(self) -> str:
        """What is looked for in the columns of text."""
        return self._query.get("q", "")

    @property
    def row(self) -> int | None:
        """The row that is opened, from 1."""
        text = self._query.get("row", "")
        return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 16 else None

    @property
    def shown(self) -> list[str]:
        """The columns chosen, in the order of the table's; empty means as many as fit."""
        return self._query.getlist("show")

    @property
    def added(self) -> bool:
        """Whether the form for a filter was sent; its answer is the address with the filter in it."""
        return any(name in self._query for name in _ADDED)

    def with_added(self) -> str:
        """The address with the form's filter in its place."""
        column, operator = self._query.get("add_column", ""), self._query.get("add_operator", "")
        value = self._query.get("add_value", "")
        query = self._query.copy()
        for name in (*_ADDED, *_PLACE):
            query.pop(name, None)
        if operator.startswith("missing-"):
            operator, value = "missing", operator.removeprefix("missing-")
        if column and operator in OPERATORS and value != "":
            key = f"{operator}:{column}"
            several = operator in {"is", "not"}
            query.setlist(key, list(dict.fromkeys([*query.getlist(key), value])) if several else [value])
        return _address(query)

    def to_page(self, number: int, after: str = "") -> str:
        """A page by its number; with the cursor of the page before it is found without counting rows again."""
        return self._with(page=str(number) if number > 1 else "", after=after)

    def to_row(self, number: int) -> str:
        return self._with(keep_page=True, row=str(number))

    @property
    def without_row(self) -> str:
        return self._with(keep_page=True, row="")

    @property
    def present(self) -> str:
        return _address(self._query)

    def sorted_by(self, column: str) -> str:
        """First click up, second down, third in the table's own order."""
        sort = self.query.sort
        if sort is None or sort.column != column:
            return self._with(sort=written_sort(Sort(column)))
        return self._with(sort="" if sort.descending else written_sort(Sort(column, descending=True)))

    def filtered(self, *filters: Filter) -> str:
        """The address with these filters in the place of those of the same column and operator."""
        query = self._query.copy()
        for item in filters:
            query[f"{item.operator}:{item.column}"] = item.value
        for name in _PLACE:
            query.pop(name, None)
        return _address(query)

    @property
    def unfiltered(self) -> str:
        query = self._query.copy()
        for name in list(query):
            if name == "q" or _is_filter(name):
                del query[name]
        for name in _PLACE:
            query.pop(name, None)
        return _address(query)

    @property
    def chips(self) -> list[Chip]:
        chips = [Chip(words_of(item), self._without(item)) for item in self.query.filters]
        if self.search:
            chips.append(Chip(_("some text contains “%(value)s”") % {"value": self.search}, self._with(q="")))
        return chips

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What a form must carry along, so that it changes one thing and keeps the others."""
        dropped = {*_ADDED, *_PLACE}
        return [(n, v) for n, values in self._query.lists() for v in values if n not in dropped]

    def hidden_but(self, column: str) -> list[tuple[str, str]]:
        """What the form of a column carries along: everything but that column's own filters."""
        return [(name, value) for name, value in self.hidden if not _is_filter_of(name, column)]

    def to_filter(self, column: str) -> str:
        """The present view with the form of a column open."""
        return self._with(keep_page=True, filter=column)

    def without_column(self, column: str) -> str:
        """The address without any filter of a column."""
        query = self._query.copy()
        for name in [name for name in query if _is_filter_of(name, column)]:
            del query[name]
        for name in _PLACE:
            query.pop(name, None)
        return _address(query)

    def _without(self, item: Filter) -> str:
        query = self._query.copy()
        key = f"{item.operator}:{item.column}"
        query.setlist(key, [value for value in query.getlist(key) if value != item.value])
        for name in _PLACE:
            query.pop(name, None)
        return _address(query)

    def _with(self, *, keep_page: bool = False, **changes: str) -> str:
        query = self._query.copy()
        for name in ("row",) if keep_page else _PLACE:
            query.pop(name, None)
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return _address(query)


def words_of(item: Filter) -> str:
    """A filter as a person says it."""
    if item.operator == "missing":
        sentence = _("%(column)s is missing") if item.value == "only" else _("%(column)s is not missing")
        return sentence % {"column": item.column}
    if item.operator == "has":
        return _("%(column)s contains “%(value)s”") % {"column": item.column, "value": item.value}
    signs = {"is": "=", "not": "≠", "min": "≥", "max": "≤", "below": "<"}
    return f"{item.column} {signs[item.operator]} {item.value}"


def _is_filter(name: str) -> bool:
    operator, colon, _column = name.partition(":")
    return bool(colon) and operator in OPERATORS


def _is_filter_of(name: str, column: str) -> bool:
    return _is_filter(name) and name.partition(":")[2] == column


def _address(query: QueryDict) -> str:
    return f"?{query.urlencode()}"
