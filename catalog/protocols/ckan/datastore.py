"""``datastore_search`` over the rows of a table (https://docs.ckan.org/en/2.11/maintaining/datastore.html).

It is answered by catalog.services.delivering.rows, so that whoever may not have the bytes has no row. ``_id`` is the
row's number from 1. A page has at most MAX_ROWS rows, which the answer says in ``limit``, as CKAN does with its own
limit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext

from catalog.actor import Actor
from catalog.models import Resource
from catalog.protocols.ckan.arguments import ActionInvalid, Arguments, flag, required, structure, text, whole, words
from catalog.protocols.ckan.finding import find_table
from catalog.rows.query import Filter, RowQuery, Sort
from catalog.services.delivering.reads import record_read
from catalog.services.delivering.rows import MAX_ROWS, RowsPage, read_rows
from catalog.types import ckan_type, column_type

DEFAULT_ROWS = 100
_UNANSWERED = ("distinct", "filters_raw", "plain", "language")
Json = dict[str, Any]


def datastore_search(actor: Actor, given: Arguments) -> Json:
    """A page of rows. Raises NotFound, ActionInvalid; and as read_rows does."""
    resource = find_table(actor, text(given, "resource_id") or required(given, "id"))
    limit = whole(given, "limit", DEFAULT_ROWS, most=MAX_ROWS)
    offset = whole(given, "offset", 0, most=2**50)
    names = _columns(given, resource)
    as_lists = _records_format(given) == "lists"
    query = RowQuery(filters=_filters(given), sort=_sort(given))
    page = read_rows(actor=actor, resource=resource, offset=offset, limit=limit, columns=names or None, query=query)
    record_read(actor=actor, resource=resource, protocol="ckan", columns=names or None, rows=len(page.rows))
    answer: Json = {
        "resource_id": text(given, "resource_id") or text(given, "id"),
        "fields": _fields(resource, page),
        "records_format": "lists" if as_lists else "objects",
        "records": [_record(page, place, as_list=as_lists) for place in range(len(page.rows))],
        "limit": limit,
        "offset": offset,
        "_links": _links(given, limit=limit, offset=offset),
    }
    if flag(given, "include_total", default=True):
        answer |= {"total": page.total, "total_was_estimated": False}
    return answer


def _record(page: RowsPage, place: int, *, as_list: bool) -> Any:
    number, row = page.numbers[place] + 1, page.rows[place]
    return [number, *row] if as_list else {"_id": number, **dict(zip(page.columns, row, strict=True))}


def _fields(resource: Resource, page: RowsPage) -> list[Json]:
    types = {field["name"]: ckan_type(column_type(field)) for field in resource.schema["fields"]}
    return [{"id": "_id", "type": "int"}, *({"id": name, "type": types.get(name, "text")} for name in page.columns)]


def _columns(given: Arguments, resource: Resource) -> list[str]:
    names = [name for name in words(given, "fields") if name != "_id"]
    known = {field["name"] for field in resource.schema["fields"]}
    for name in names:
        if name not in known:
            raise ActionInvalid(fields=gettext("field %(name)s not in table") % {"name": f"{name[:100]!r}"})
    return list(dict.fromkeys(names))


def _records_format(given: Arguments) -> str:
    for name in _UNANSWERED:
        if given.get(name) not in {None, "", "false", False}:
            raise ActionInvalid(**{name: "Not answered here"})
    wanted = text(given, "records_format", "objects")
    if wanted not in {"objects", "lists"}:
        raise ActionInvalid(records_format="Must be objects or lists")
    return wanted


def _filters(given: Arguments) -> tuple[Filter, ...]:
    """``filters``: values that a column is one of. ``q``: texts that a column holds, by column."""
    found: list[Filter] = []
    for column, value in _mapping(given, "filters").items():
        values = value if isinstance(value, list) else [value]
        if any(isinstance(item, list | dict) for item in values):
            raise ActionInvalid(filters="Values must be texts, numbers or truth values")
        found += [_filter(column, item) for item in values]
    if isinstance(structure(given, "q"), str) and given.get("q"):
        raise ActionInvalid(q="Search one column at a time: {column: text}")
    for column, value in _mapping(given, "q").items():
        found.append(Filter(column, "has", str(value)))
    return tuple(found)


def _filter(column: str, value: object) -> Filter:
    if value is None:
        return Filter(column, "missing", "only")
    return Filter(column, "is", str(value).lower() if isinstance(value, bool) else str(value))


def _mapping(given: Arguments, name: str) -> Mapping[str, Any]:
    value = structure(given, name)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise ActionInvalid(**{name: "Must be a JSON object"})
    return value


def _sort(given: Arguments) -> Sort | None:
    """``column`` or ``column desc``; by one column, then in the rows' own order."""
    wanted = words(given, "sort")
    if len(wanted) > 1:
        raise ActionInvalid(sort="Sort by one column")
    if not wanted:
        return None
    column, _, direction = wanted[0].rpartition(" ")
    if direction.lower() not in {"asc", "desc"} or not column:
        column, direction = wanted[0], "asc"
    column = column.strip().strip('"')
    # The rows' own order is that of their numbers.
    if column == "_id" and direction.lower() == "asc":
        return None
    return Sort(column, descending=direction.lower() == "desc")


def _links(given: Arguments, *, limit: int, offset: int) -> dict[str, str]:
    """Addresses of the first and the next page, as CKAN writes them: without the host."""
    said = {
        name: json.dumps(value) if isinstance(value, list | dict) else str(value)
        for name, value in given.items()
        if name not in {"offset", "limit", "token"}
    }
    start = {**said, "limit": limit}
    root = "/api/3/action/datastore_search"
    return {"start": f"{root}?{urlencode(start)}", "next": f"{root}?{urlencode({**start, 'offset': offset + limit})}"}
