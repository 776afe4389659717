"""Cells of a table as JSON can say them: how each family of types is selected, and what comes out.

Whole numbers, true, false and null are themselves. Decimals, and the doubles that JSON does not have (NaN,
Infinity), are texts, so that nothing is rounded. Moments are ISO 8601, instants in UTC with a Z; bytes are
base64; lists and structs are JSON.
"""

from __future__ import annotations

import json
import math
from typing import Any

from catalog.rows.query import TableColumn

CELL_LIMIT = 10_000
"""Characters of a text that are sent at most; the cell is then marked as clipped."""


def selected(column: TableColumn) -> str:
    """The SQL of a cell in a form that ``json_value`` reads; of long texts one character over the limit."""
    name, family = column.alias, column.family
    if family in {"integer", "float", "bool"}:
        return name
    if family == "instant":
        return f"{name}::TIMESTAMP::VARCHAR"
    if family == "nested":
        return _cut(f"to_json({name})::VARCHAR")
    if family == "blob":
        return _cut(f"to_base64({name})")
    return _cut(name if family == "text" else f"{name}::VARCHAR")


def _cut(expression: str) -> str:
    return f"left({expression}, {CELL_LIMIT + 1})"


def json_value(value: Any, column: TableColumn) -> tuple[Any, bool]:
    """The cell, and whether it was clipped."""
    if not isinstance(value, str):
        return _finite(value), False
    if len(value) > CELL_LIMIT:
        return value[:CELL_LIMIT], True
    if column.family == "nested":
        return _finite(json.loads(value)), False
    if column.family in {"timestamp", "instant"} and " " in value:
        return value.replace(" ", "T", 1) + ("Z" if column.family == "instant" else ""), False
    return value, False


_SPECIAL = {math.inf: "Infinity", -math.inf: "-Infinity"}


def _finite(value: Any) -> Any:
    """The same JSON value with NaN and Infinity as texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return _SPECIAL.get(value, "NaN")
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value
