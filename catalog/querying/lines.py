"""Rows as lines of text, written by the engine itself: each function gives the SQL of one row's text.

The engine writes ten million rows so in the time in which Python would write a few hundred thousand. The cells read as
catalog/rows/cells.py has them: decimals and what JSON has no number for are texts, moments are ISO 8601 (instants in
UTC with a Z), bytes are base64, lists and objects are JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from catalog.rows.query import TableColumn
from catalog.sql import literal

_NUMBERS = {"integer", "float", "decimal"}


def csv_line(columns: Sequence[TableColumn], *, faithful: bool) -> str:
    """A record of CSV (RFC 4180) with its end of line; a missing value is empty, an empty text is ``""``.

    A text that a spreadsheet would run as a formula gets an apostrophe (catalog/transport/csv_lines.py), unless
    ``faithful``.
    """
    fields = [_csv_field(column, faithful=faithful) for column in columns]
    if len(fields) == 1:
        # An empty line is no record to most readers.
        fields = [f"coalesce({fields[0]}, '\"\"')"]
    return "concat(" + ", ',', ".join(fields) + ", '\r\n')"


def json_object(columns: Sequence[TableColumn]) -> str:
    """A row as one JSON object."""
    pairs = [f"{literal(_key(column.name))}, coalesce({_json(column)}, 'null')" for column in columns]
    return "concat('{', " + ", ', ', ".join(pairs) + ", '}')"


def json_array(columns: Sequence[TableColumn]) -> str:
    """A row as a JSON array."""
    cells = [f"coalesce({_json(column)}, 'null')" for column in columns]
    return "concat('[', " + ", ', ', ".join(cells) + ", ']')"


def text_of(column: TableColumn) -> str:
    """The cell as the text that stands for it outside JSON."""
    name, family = column.alias, column.family
    if family == "text":
        return f"{name}::VARCHAR"
    if family == "instant":
        return f"replace({name}::TIMESTAMP::VARCHAR, ' ', 'T') || 'Z'"
    if family == "timestamp":
        return f"replace({name}::VARCHAR, ' ', 'T')"
    if family == "nested":
        return f"to_json({name})::VARCHAR"
    return f"to_base64({name})" if family == "blob" else f"{name}::VARCHAR"


def _csv_field(column: TableColumn, *, faithful: bool) -> str:
    text = text_of(column)
    if column.family in _NUMBERS or column.family in {"bool", "date", "timestamp", "instant", "blob"}:
        return text
    # Each text stands here as seldom as can be: to read the SQL takes the engine longer than a thousand rows do.
    doubled = f"replace({text}, '\"', '\"\"')"
    special = f"regexp_matches({text}, '[\",\\r\\n]')"
    cases = f"WHEN {text} = '' OR {special} THEN concat('\"', {doubled}, '\"')"
    if column.family == "text" and not faithful:
        is_formula = f"ascii({text}) IN (61, 43, 45, 64, 9, 13) AND TRY_CAST({text} AS DOUBLE) IS NULL"
        harmless = f"CASE WHEN {special} THEN concat('\"''', {doubled}, '\"') ELSE concat('''', {text}) END"
        cases = f"WHEN {is_formula} THEN {harmless} {cases}"
    return f"CASE {cases} ELSE {text} END"


def _json(column: TableColumn) -> str:
    name, family = column.alias, column.family
    if family in {"integer", "bool", "nested"}:
        return text_of(column)
    if family == "float":
        special = f"CASE WHEN isnan({name}) THEN 'NaN' WHEN {name} > 0 THEN 'Infinity' ELSE '-Infinity' END"
        known = f"CASE WHEN isfinite({name}) THEN {name}::VARCHAR ELSE concat('\"', {special}, '\"') END"
        return f"CASE WHEN {name} IS NOT NULL THEN {known} END"
    if family in {"decimal", "date", "timestamp", "instant", "blob"}:
        # A NULL stays one under ||, where concat would make it empty.
        return f"'\"' || {text_of(column)} || '\"'"
    return f"to_json({text_of(column)})::VARCHAR"


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False) + ": "
