"""Values of cells on their way to people: what of a column is fetched, and how it stands in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from quality.table import Column
from quality.values import shown

_NATIVE = frozenset({"integer", "decimal", "float", "bool"})
# A text is fetched up to so many characters: an example is for the eye.
FETCHED = 1_000


def told(column: Column, value: str) -> str:
    """SQL for a value of the column as it is fetched: numbers and truth as they are, all else as text."""
    if column.family in _NATIVE:
        return value
    if column.sql_type == "TIMESTAMP WITH TIME ZONE":
        return f"replace(left({value}::VARCHAR, {FETCHED}), '+00', 'Z')"
    return f"left({value}::VARCHAR, {FETCHED})"


def shown_from(columns: Sequence[Column], values: Iterable[Any]) -> dict[str, Any]:
    """Fetched values as JSON, by the columns' names."""
    return {column.name: shown(value) for column, value in zip(columns, values, strict=True)}
