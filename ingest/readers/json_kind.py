"""Which kind of JSON a file is, and how the values that are its rows are reached."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from catalog.findings import Finding
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.readers.json_shapes import from_arrays, rows_of
from ingest.readers.json_values import Value, array_key, array_values, document, line_values
from ingest.text.file import TextFile

SNIFF_BYTES = 1 << 20


def sniff_json(text: TextFile, limits: Limits) -> tuple[str, Callable[[], Iterator[Value]]]:
    """Which kind of JSON it is, and how its values are reached.

    Raises RejectionError for an object that holds no table.
    """
    head = text.head(SNIFF_BYTES).decode("utf-8", "ignore").lstrip().removeprefix("\x1e").lstrip()
    if not head:
        raise RejectionError(Finding("no-table", params={"reason": "it holds only white space"}))
    if _is_lines(head):
        if head[0] == "[":
            return "ndjson", lambda: from_arrays(line_values(text, limits))
        return "ndjson", lambda: line_values(text, limits)
    if head[0] == "[":
        if head[1:].lstrip()[:1] == "[":
            return "json", lambda: from_arrays(array_values(text, limits))
        return "json", lambda: array_values(text, limits)
    if head[0] != "{":
        reason = "it begins with neither [ nor {"
        raise RejectionError(Finding("format-damaged", params={"format": "JSON", "reason": reason}))
    if '"FeatureCollection"' in head and '"features"' in head:
        return "geojson", lambda: array_values(text, limits, "features")
    return _sniff_object(text, limits)


def _is_lines(head: str) -> bool:
    """Whether each of the first lines is a value of its own."""
    lines = [line for line in head.split("\n")[:3] if line.strip()]
    if len(lines) < 2:
        return False
    if all(isinstance(_parsed(line), list) for line in lines) and len(lines) > 2:
        return True
    # The first line may be the damaged one.
    return isinstance(_parsed(lines[0]), dict) or isinstance(_parsed(lines[1]), dict)


def _parsed(line: str) -> Any | None:
    try:
        return json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return None


def _sniff_object(text: TextFile, limits: Limits) -> tuple[str, Callable[[], Iterator[Value]]]:
    if text.size > limits.max_cell_bytes and (key := array_key(text, limits)):
        return "json", lambda: array_values(text, limits, key)
    value = document(text, limits)
    arrays = [key for key, item in value.items() if isinstance(item, list) and item and isinstance(item[0], dict)]
    if len(arrays) == 1:
        return "json", lambda: array_values(text, limits, arrays[0])
    if len(arrays) > 1:
        reason = f"it holds several tables ({', '.join(arrays[:5])}); upload each as its own file"
        raise RejectionError(Finding("no-table", params={"reason": reason}))
    rows = rows_of(value)
    if rows is not None:
        return "json", lambda: (Value(row, 0) for row in rows)
    return "json", lambda: iter([Value(value, 1)])
