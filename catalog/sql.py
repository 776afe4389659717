"""Names and values in SQL. Both are foreign input, and are written here so that the engine reads them as they are.

Values are written and not bound: DuckDB imports pandas when its first value is bound (1.5.5), which is 0.3 s and 45 MB
of every process that does.
"""

from __future__ import annotations

from datetime import date, datetime, time

Value = str | bool | int | float | date | datetime | time | None
"""What a question may compare with. Moments are without a zone, and mean UTC."""


def quoted(identifier: str) -> str:
    """The identifier as SQL reads it literally, whatever is in it."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(value: Value) -> str:
    """The value as SQL reads it, whatever is in it. Whole numbers are of the smallest type that holds them."""
    match value:
        case None:
            written = "NULL"
        case str():
            written = _text(value)
        case bool():
            written = "TRUE" if value else "FALSE"
        case int():
            written = f"({value})" if value < 0 else str(value)
        case float():
            # Without the cast it would be a decimal.
            written = f"'{value!r}'::DOUBLE"
        case datetime():
            written = f"TIMESTAMP '{value.isoformat(sep=' ')}'"
        case date():
            written = f"DATE '{value.isoformat()}'"
        case time():
            written = f"TIME '{value.isoformat()}'"
    return written


def _text(value: str) -> str:
    """The engine's parser ends where a NUL stands, so that it is put in between."""
    parts = ["'" + part.replace("'", "''") + "'" for part in value.split("\0")]
    return parts[0] if len(parts) == 1 else f"({' || chr(0) || '.join(parts)})"
