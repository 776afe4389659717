"""The engine of a cell: DuckDB, shut in. It reads one folder, writes temporary files to another, and that is all.

Runs in cells only (it is what their warden loads), where the kernel says the same once more (catalog/sandbox).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from catalog.querying.messages import Column, Relation
from catalog.rows.query import TableColumn, family_of
from catalog.rows.source import columns_of as source_columns
from catalog.rows.source import source_of
from catalog.sql import literal, quoted


def open_engine() -> duckdb.DuckDBPyConnection:
    """An engine without extensions and of one thread, to be forked and then to be ``shut_in``.

    Opening one takes 9 ms of a processor and shutting it in 3, so that the first is done once for all cells.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
        },
    )
    # What a first statement and a first batch load and look up is there then.
    connection.execute("SELECT json_serialize_sql('SELECT 1')").to_arrow_reader(1).read_all()
    return connection


def shut_in(
    engine: duckdb.DuckDBPyConnection, *, memory: str, temporary: Path, temporary_bytes: int, readable: Path
) -> duckdb.DuckDBPyConnection:
    """A connection to the engine, which has neither network nor any file outside the two folders from now on.

    It is another one than the engine's own: that one's random numbers would be the same in all cells.
    """
    connection = engine.cursor()
    settings = [
        "TimeZone = 'UTC'",
        # So much of an answer is made before its first row is given: with a megabyte, a filter over 10,000,000 rows
        # answered after 847 ms of a processor, with this after 65 (DuckDB 1.5.5).
        "streaming_buffer_size = '64KB'",
        # A footer is read once and not each time that the query names its file.
        "parquet_metadata_cache = true",
        f"memory_limit = {literal(memory)}",
        f"temp_directory = {literal(str(temporary))}",
        f"max_temp_directory_size = '{temporary_bytes:d}B'",
        f"allowed_directories = [{literal(f'{readable}/')}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ]
    for setting in settings:
        connection.execute(f"SET {setting}")
    return connection


def replace_relations(
    connection: duckdb.DuckDBPyConnection, before: Sequence[Relation], relations: Sequence[Relation]
) -> None:
    """Each as a view of its name over its files, in their order, and no longer those that were there before."""
    for relation in before:
        connection.execute(f"DROP VIEW IF EXISTS {quoted(relation.name)}")
    for relation in relations:
        if relation.starts:
            _add_numbered(connection, relation)
            continue
        files = ", ".join(literal(file) for file in relation.files)
        connection.execute(f"CREATE VIEW {quoted(relation.name)} AS SELECT * FROM read_parquet([{files}])")


def _add_numbered(connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    described = [
        connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(file)})").fetchall()
        for file in relation.files
    ]
    columns = source_columns([(str(row[0]), str(row[1])) for row in described[0]], ())
    files = [
        (start, Path(file), [str(row[0]) for row in rows])
        for start, file, rows in zip(relation.starts, relation.files, described, strict=True)
    ]
    connection.execute(f"CREATE VIEW {quoted(relation.name)} AS {source_of(files, columns)}")


def columns_of(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[Column, ...]:
    """What the query answers with, without running it."""
    found = connection.execute(f"DESCRIBE {sql}").fetchall()
    return tuple(Column(str(row[0]), str(row[1])) for row in found)


def aliased(columns: Sequence[Column]) -> tuple[TableColumn, ...]:
    """The columns as catalog/querying/lines.py writes them, called by their places."""
    return tuple(TableColumn(column.name, f"c{place}", family_of(column.type)) for place, column in enumerate(columns))
