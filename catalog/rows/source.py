"""A table's Parquet files as one relation in SQL: ``r``, the row's number in the table, and ``c0`` … ``cn``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from catalog.rows.query import TableColumn, family_of
from catalog.sql import literal, quoted

_NUMBER = "file_row_number"


def columns_of(described: Sequence[tuple[str, str]], names: Sequence[str]) -> tuple[TableColumn, ...]:
    """The columns of a file as the engine describes it (name, type).

    The engine's own names may differ from the schema's (``a`` and ``A`` are one to it): the place counts.
    """
    if len(described) != len(names):
        names = [name for name, _ in described]
    return tuple(
        TableColumn(name, f"c{place}", family_of(sql_type), sql_type)
        for place, (name, (_, sql_type)) in enumerate(zip(names, described, strict=True))
    )


def source_of(files: Sequence[tuple[int, Path, Sequence[str]]], columns: Sequence[TableColumn]) -> str:
    """Files with the number of their first row and the engine's names of their columns, which are ``columns``.

    The paths are ours: a folder of ours and a name that we made.
    """
    selects = []
    for start, file, described in files:
        names = ", ".join(f"{quoted(name)} AS {column.alias}" for name, column in zip(described, columns, strict=True))
        path = literal(str(file))
        if any(name.lower() == _NUMBER for name in described):
            # A table may have a column of that name itself; then rows are counted as they are read.
            number, relation = "row_number() OVER () - 1", f"read_parquet({path})"
        else:
            number, relation = _NUMBER, f"read_parquet({path}, {_NUMBER} = true)"
        selects.append(f"SELECT {number} + {start} AS r, {names} FROM {relation}")
    return " UNION ALL ".join(selects)
