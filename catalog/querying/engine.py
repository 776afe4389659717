"""The engine of a cell: DuckDB, shut in. It reads one folder, writes temporary files to another, and that is all.

Runs in cells only (it is what their warden loads), where the kernel says the same once more (catalog/sandbox).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from catalog.querying.lines import literal
from catalog.querying.messages import Column, Relation
from catalog.row_query import TableColumn, family_of
from catalog.row_source import columns_of as source_columns
from catalog.row_source import source_of
from catalog.sql import quoted


def open_engine(*, memory: str, temporary: Path, temporary_bytes: int, readable: Path) -> duckdb.DuckDBPyConnection:
    """A connection to an engine that has neither network, extensions nor any file outside the two folders."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": memory,
            "temp_directory": str(temporary),
            "max_temp_directory_size": f"{temporary_bytes}B",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    # So much of an answer is made before its first row is given: with a megabyte, a filter over 10,000,000 rows
    # answered after 847 ms of a processor, with this after 65 (DuckDB 1.5.5).
    connection.execute("SET streaming_buffer_size = '64KB'")
    connection.execute(f"SET allowed_directories = [{literal(f'{readable}/')}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def add_relations(connection: duckdb.DuckDBPyConnection, relations: Sequence[Relation]) -> None:
    """Each as a view of its name over its files, in their order."""
    for relation in relations:
        if relation.starts:
            _add_numbered(connection, relation)
            continue
        files = ", ".join(literal(file) for file in relation.files)
        connection.execute(f"CREATE VIEW {quoted(relation.name)} AS SELECT * FROM read_parquet([{files}])")


def _add_numbered(connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    described = [
        connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [file]).fetchall() for file in relation.files
    ]
    columns = source_columns([(str(row[0]), str(row[1])) for row in described[0]], ())
    files = [
        (start, Path(file), [str(row[0]) for row in rows])
        for start, file, rows in zip(relation.starts, relation.files, described, strict=True)
    ]
    connection.execute(f"CREATE VIEW {quoted(relation.name)} AS {source_of(files, columns)}")


def columns_of(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object]) -> tuple[Column, ...]:
    """What the query answers with, without running it."""
    found = connection.execute(f"DESCRIBE {sql}", list(parameters)).fetchall()
    return tuple(Column(str(row[0]), str(row[1])) for row in found)


def aliased(columns: Sequence[Column]) -> tuple[TableColumn, ...]:
    """The columns as catalog/querying/lines.py writes them, called by their places."""
    return tuple(TableColumn(column.name, f"c{place}", family_of(column.type)) for place, column in enumerate(columns))
