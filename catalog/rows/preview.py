"""A page of a table's rows, read with DuckDB from Parquet files that lie on local disk.

The engine is shut in: it may read the cache's folder and nothing else, loads no extension, and its settings
are locked. Its SQL is made of positional aliases and written values (catalog/rows/query.py); columns' names stand in
the innermost SELECT only, quoted.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.utils.translation import gettext

from catalog.rows.bounds import Ask, bound
from catalog.rows.cells import json_value, selected
from catalog.rows.cursor import Position
from catalog.rows.groups import Grouping, group_sql, names_of
from catalog.rows.query import QueryInvalid, RowQuery, TableColumn, conditions, require_column
from catalog.rows.source import columns_of, source_of
from catalog.rows.sql import RowSql, page_sql
from catalog.sql import literal
from catalog.transport.object_cache import CachedObject, ObjectDamaged, PreviewTooLarge, cache_folder, held

QUERY_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class PartRows:
    """A part of a table: its object, and how many rows it has."""

    item: CachedObject
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table's parts in row order and its column names as the schema has them."""

    parts: Sequence[PartRows]
    names: Sequence[str]

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as JSON values, with their places in the table from 0 in ``numbers``.

    ``clipped`` has the (row, column) of cells that were cut; ``total`` counts what the filters leave. ``last`` is where
    the last row stands in the order that was asked for.
    """

    columns: tuple[TableColumn, ...]
    numbers: tuple[int, ...]
    rows: tuple[tuple[Any, ...], ...]
    clipped: frozenset[tuple[int, int]]
    total: int
    last: Position | None = None


def read_page(
    table: Table,
    *,
    offset: int,
    limit: int,
    names: Sequence[str] | None = None,
    query: RowQuery | None = None,
    after: Position | None = None,
    total: int | None = None,
) -> Page:
    """Rows ``offset`` to ``offset + limit`` of what the query leaves, or behind ``after``; all columns or those named.

    Only the files that hold these rows are fetched when the table is read in its own order. ``total`` is what the
    filters leave, where that is known: counting reads the filtered columns of the whole table.

    Raises QueryInvalid, PreviewTooLarge, ObjectDamaged, StorageUnavailable.
    """
    query = query or RowQuery()
    if query.is_plain and after is not None:
        offset, after = after.number + 1, None
    # The columns are known from any part; an empty page still has them.
    chosen = _parts_at(table, offset, limit) if query.is_plain else _with_offsets(table)
    with opened(table, chosen) as files:
        known = {column.name: column for column in files.columns}
        shown = files.columns if names is None else tuple(require_column(name, known) for name in names)
        if total is None:
            total = table.rows
            if query.is_narrowed:
                sql = f"SELECT count(*) FROM ({files.source}) WHERE {conditions(query, known)}"
                total = fetch(files.cursor, sql)[0][0]
        ask = functools.partial(fetch, files.cursor)
        asked = functools.partial(
            page_sql, files.source, known, shown, query=query, offset=offset, limit=limit, after=after
        )
        found: list[tuple[Any, ...]] = []
        if query.sort is not None:
            column, wanted = require_column(query.sort.column, known), offset + limit
            behind = bound(ask, files.files, column, sort=query.sort, rows=table.rows, wanted=wanted, after=after)
            found = ask(asked(bound=behind).sql) if behind else []
        if not found or len(found) < limit:
            found = _rows_of(ask, asked(), limit)
    return _page(shown, found, total)


def read_groups(table: Table, grouping: Grouping, *, query: RowQuery, offset: int, limit: int) -> Page:
    """The groups of the rows that the query leaves; ``total`` counts groups. Raises as read_page."""
    with opened(table) as files:
        known = {column.name: column for column in files.columns}
        asked = group_sql(files.source, known, grouping, query=query, offset=0, limit=None)
        names = names_of(grouping)
        described = fetch(files.cursor, f"DESCRIBE {asked}")
        shown = columns_of([(row[0], row[1]) for row in described], names)
        aliases = ", ".join(column.alias for column in shown)
        cells = ", ".join(["n", "NULL", *(selected(column) for column in shown)])
        sql = (
            f"SELECT {cells}, total FROM (SELECT *, row_number() OVER () - 1, count(*) OVER () FROM ({asked})) "
            f"AS t({aliases}, n, total) WHERE n >= {offset:d} ORDER BY n LIMIT {limit:d}"
        )
        found = fetch(files.cursor, sql)
    total = found[0][-1] if found else 0
    return _page(shown, [row[:-1] for row in found], total)


@dataclass(frozen=True, slots=True)
class Opened:
    """A table's files on this disk: where each begins, where it lies, the engine's names of its columns."""

    cursor: duckdb.DuckDBPyConnection
    columns: tuple[TableColumn, ...]
    files: tuple[tuple[int, Path, Sequence[str]], ...]

    @property
    def source(self) -> str:
        """The files as a relation in SQL (catalog/rows/source.py)."""
        return source_of(self.files, self.columns)


@contextmanager
def opened(table: Table, chosen: Sequence[tuple[int, PartRows]] | None = None) -> Iterator[Opened]:
    """The table's files, or those ``chosen``, with a cursor over them. Raises as read_page."""
    with ExitStack() as stack, _cursor() as cursor:
        files = [
            (start, stack.enter_context(held(part.item)))
            for start, part in (_with_offsets(table) if chosen is None else chosen)
        ]
        described = [(start, file, _describe(cursor, file)) for start, file in files]
        columns = columns_of(described[0][2], table.names)
        if any(len(names) != len(columns) for _, _, names in described):
            raise ObjectDamaged(gettext("The table's files do not have the same columns."))
        yield Opened(cursor, columns, tuple((start, file, [name for name, _ in d]) for start, file, d in described))


def _rows_of(ask: Ask, asked: RowSql, limit: int) -> list[tuple[Any, ...]]:
    """Where a page ends among the missing values, which are sorted last, what is left of it is asked for apart."""
    found = ask(asked.sql)
    if asked.rest and len(found) < limit:
        found += ask(asked.rest)[: limit - len(found)]
    return found


def _page(columns: tuple[TableColumn, ...], found: Sequence[Sequence[Any]], total: int) -> Page:
    rows, clipped = [], set()
    for place, (_number, _key, *cells) in enumerate(found):
        values = []
        for index, (cell, column) in enumerate(zip(cells, columns, strict=True)):
            value, is_clipped = json_value(cell, column)
            values.append(value)
            if is_clipped:
                clipped.add((place, index))
        rows.append(tuple(values))
    last = Position(found[-1][0], found[-1][1]) if found else None
    return Page(columns, tuple(row[0] for row in found), tuple(rows), frozenset(clipped), total, last)


def _with_offsets(table: Table) -> list[tuple[int, PartRows]]:
    start, found = 0, []
    for part in table.parts:
        found.append((start, part))
        start += part.rows
    return found


def _parts_at(table: Table, offset: int, limit: int) -> list[tuple[int, PartRows]]:
    """The parts that hold these rows with the number of their first row; the first part where none does."""
    every = _with_offsets(table)
    return [(start, part) for start, part in every if start < offset + limit and offset < start + part.rows] or every[
        :1
    ]


def _describe(cursor: duckdb.DuckDBPyConnection, file: Path) -> list[tuple[str, str]]:
    rows = fetch(cursor, f"DESCRIBE SELECT * FROM read_parquet({literal(str(file))})")
    return [(row[0], row[1]) for row in rows]


def fetch(cursor: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Run with a time limit. Raises PreviewTooLarge, ObjectDamaged."""
    timer = threading.Timer(QUERY_SECONDS, cursor.interrupt)
    timer.start()
    try:
        return cursor.execute(sql).fetchall()
    except duckdb.InterruptException:
        raise PreviewTooLarge(
            gettext("Finding these rows takes longer than %(query_seconds)s seconds.")
            % {"query_seconds": f"{QUERY_SECONDS:.0f}"},
            remedy=gettext("Use fewer filters, no sorting, or download the table."),
        ) from None
    except duckdb.OutOfMemoryException:
        raise PreviewTooLarge(
            gettext("Finding these rows takes more memory than a page may use."),
            remedy=gettext("Choose fewer columns, no sorting, or download the table."),
        ) from None
    except duckdb.ConversionException:
        # Filters are parsed before; only the value in a cursor is cast by the engine.
        raise QueryInvalid(
            gettext("The cursor is not of this question."), remedy=gettext("Begin without a cursor.")
        ) from None
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        raise ObjectDamaged(
            gettext("The table's file can't be read."), remedy=gettext("Download the original file.")
        ) from error
    finally:
        timer.cancel()


# ---------------------------------------------------------------- the engine
@contextmanager
def _cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor of the process's one connection, for one request."""
    cursor = _connection(os.getpid(), cache_folder()).cursor()
    try:
        yield cursor
    finally:
        cursor.close()


@functools.cache
def _connection(process: int, folder: Path) -> duckdb.DuckDBPyConnection:
    """The process's engine, shut in. A forked process makes its own (its id is part of the key)."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": settings.ENGINE_MEMORY,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "temp_directory": str(folder / f"spill-{process}"),
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET allowed_directories = [{literal(f'{folder}/')}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
