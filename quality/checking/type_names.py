"""Types by name: what DuckDB calls a column's type, what Great Expectations compares, and what Table Schema means.

Great Expectations compares the names of SQLAlchemy's classes; a trial, which loads neither, compares the same names.
"""

from __future__ import annotations

from collections.abc import Mapping

from quality.table import Column

UNKNOWN = "NullType"

# The first word of what DESCRIBE prints, and the name of SQLAlchemy's class for it.
SQL_TYPES: Mapping[str, str] = {
    "TINYINT": "SMALLINT",
    "SMALLINT": "SMALLINT",
    "INTEGER": "INTEGER",
    "BIGINT": "BIGINT",
    "HUGEINT": "BIGINT",
    "UTINYINT": "SMALLINT",
    "USMALLINT": "INTEGER",
    "UINTEGER": "BIGINT",
    "UBIGINT": "BIGINT",
    "UHUGEINT": "BIGINT",
    "DOUBLE": "FLOAT",
    "FLOAT": "FLOAT",
    "DECIMAL": "DECIMAL",
    "VARCHAR": "VARCHAR",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMP_S": "TIMESTAMP",
    "TIMESTAMP_MS": "TIMESTAMP",
    "TIMESTAMP_NS": "TIMESTAMP",
    "BLOB": "BLOB",
    "GEOMETRY": "BLOB",
    "UUID": "UUID",
}

_INTEGERS = ["SMALLINT", "INTEGER", "BIGINT"]

_ACCEPTED: Mapping[str, list[str]] = {
    "string": ["VARCHAR", "UUID"],
    "integer": _INTEGERS,
    "number": ["FLOAT", "DECIMAL", *_INTEGERS],
    "boolean": ["BOOLEAN"],
    "date": ["DATE"],
    "datetime": ["TIMESTAMP"],
    # Times of day are stored as ISO 8601 texts, as not every reader of Parquet has the type; so are the next two.
    "time": ["TIME", "VARCHAR"],
    "year": _INTEGERS,
    "yearmonth": ["VARCHAR"],
    "duration": ["VARCHAR"],
    "object": ["JSON", "VARCHAR"],
    "array": ["JSON", "VARCHAR"],
    # A geometry is well-known binary; the engine gives it a type of its own.
    "geojson": ["BLOB", "JSON", "VARCHAR"],
}


def name_of(sql_type: str) -> str:
    """The name of a column's type that DESCRIBE calls so; lists, structs and maps are JSON."""
    if sql_type.endswith("]") or sql_type.startswith(("STRUCT", "MAP", "UNION")):
        return "JSON"
    return SQL_TYPES.get(sql_type.split("(", 1)[0].split(" ", 1)[0], UNKNOWN)


def accepted_for(field_type: str, column: Column) -> list[str] | None:
    """The names that a column of a Table Schema type may have; None for ``any``, which is every one."""
    if field_type == "any":
        return None
    names = _ACCEPTED[field_type]
    if field_type in ("integer", "year") and column.sql_type.endswith(",0)"):
        # Whole numbers too big for 64 bits are kept as decimals without a fraction.
        return [*names, "DECIMAL"]
    return names
