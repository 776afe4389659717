"""Tables that JSON holds in other shapes than a list of objects: arrays of arrays, columns, pandas' orientations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingest.readers.json_values import Value

MIN_ROWS = 2


def from_arrays(values: Iterator[Value]) -> Iterator[Value]:
    """Rows of arrays as objects. The first array names the columns when it is one of different texts."""
    header: list[str] | None = None
    for item in values:
        row = item.value
        if item.fault or not isinstance(row, list):
            yield item
        elif header is None and row and all(type(cell) is str for cell in row) and len(set(row)) == len(row):
            header = row
        else:
            header = header or [f"column_{place}" for place in range(1, len(row) + 1)]
            if len(row) > len(header):
                yield Value(row, item.line, f"it has {len(row)} values instead of {len(header)}", item.text)
            else:
                yield Value(dict(zip(header, row, strict=False)), item.line)


def rows_of(document: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of an object that is a table turned on its side; None when it is not one.

    These are an array a column, ``{"columns": [...], "data": [[...], ...]}`` (pandas calls it split), and an object a
    row under its key (which becomes a column of that name).
    """
    columns, data = document.get("columns"), document.get("data")
    if isinstance(columns, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
        names = [str(name) for name in columns]
        if data and len(set(names)) == len(names) and all(len(row) == len(names) for row in data):
            return [dict(zip(names, row, strict=True)) for row in data]
    values = list(document.values())
    if values and all(isinstance(item, list) for item in values) and len({len(item) for item in values}) == 1:
        return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)] or None
    if len(values) >= MIN_ROWS and all(isinstance(item, dict) for item in values):
        shared = set(values[0]).intersection(*values)
        if shared and all(len(item) <= 2 * len(shared) for item in values):
            name = "key" if not any("key" in item for item in values) else "row_key"
            return [{name: key, **item} for key, item in document.items()]
    return None
