"""A converted file and a table: rows added, rows replaced by key, rows taken out by key. Pure functions of Parquet.

The table's rows keep their order and their parts: one in which nothing changes stays the object that it is, one in
which rows change is written anew in its place, and what is new comes behind. So the same file and the same table
give the same bytes again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.findings import Finding
from ingest.combining.fit import fitted, wanted_schema
from ingest.combining.keys import Numbers, Rows, match, require_usable_keys, session
from ingest.combining.replacements import Replacements
from ingest.combining.result import Combined, NewColumns, Workbench
from ingest.combining.rewrite import rewrite_part, write_rest
from ingest.outcome import ConvertedPart, RejectionError

_KEYLESS = (pa.types.is_nested, pa.types.is_binary, pa.types.is_large_binary)


def append(
    table: Any, parts: Sequence[ConvertedPart], *, new_columns: NewColumns, bench: Workbench, old: Sequence[Path] = ()
) -> Combined:
    """The file's rows behind the table's. ``table`` is its Arrow schema.

    ``old`` are the table's parts: they are needed, and written anew, only if the file brings columns that they lack.
    Raises RejectionError.
    """
    schema, added = wanted_schema(table, pq.read_schema(parts[0].path), new_columns)
    new = fitted(parts, schema, bench)
    kept: tuple[int | ConvertedPart, ...] = tuple(range(len(old)))
    if added:
        kept = tuple(_widened(place, path, schema, bench) for place, path in enumerate(old))
    return Combined(old=kept, new=new, counts={"inserted": sum(part.rows for part in new)}, added=added, schema=schema)


def _widened(place: int, path: Path, schema: Any, bench: Workbench) -> int | ConvertedPart:
    part = rewrite_part(path, name=f"old-{place}", start=0, schema=schema, bench=bench)
    return place if part is None else part


def upsert(
    old: Sequence[Path],
    parts: Sequence[ConvertedPart],
    *,
    key: Sequence[str],
    absent: Collection[str],
    new_columns: NewColumns,
    first_row: int | None,
    bench: Workbench,
) -> Combined:
    """Rows with a key that the table has replace its rows in place; the others come behind.

    ``absent`` are the table's columns that the file does not have: they keep their values in replaced rows.
    Raises RejectionError for keys that are empty or repeated in the file, or not unique in the table.
    """
    schema, added = wanted_schema(pq.read_schema(old[0]), pq.read_schema(parts[0].path), new_columns)
    _require_keys(schema, key)
    new = fitted(parts, schema, bench)
    table, file = Rows.of(old), Rows.of([part.path for part in new])
    present = [name for name in schema.names if name not in absent]
    compared = [name for name in present if name not in key]
    with session(bench, table, file) as connection:
        require_usable_keys(connection, file, key, first_row=first_row, unique=True)
        match(connection, table, file, key, compared, first_row=first_row)
        updated = _changes_by_part(connection, table)
        replacements = Replacements(connection, file, schema, present, bench)
        kept: list[int | ConvertedPart] = []
        for place, (path, start) in enumerate(zip(table.paths, table.starts, strict=False)):
            if not updated[place] and not added:
                kept.append(place)
                continue
            rows = replacements if updated[place] else None
            part = rewrite_part(path, name=f"old-{place}", start=start, schema=schema, bench=bench, replacements=rows)
            kept.append(place if part is None else part)
        known = Numbers(connection, "SELECT new FROM pairs ORDER BY new")
        rest = write_rest(file.paths, name="new", left_out=known, schema=schema, bench=bench)
        total = _count(connection, "SELECT count(*) FROM pairs")
    changed = sum(updated)
    counts = {"inserted": sum(part.rows for part in rest), "updated": changed, "unchanged": total - changed}
    return Combined(old=tuple(kept), new=rest, counts=counts, added=added, schema=schema)


def delete(
    old: Sequence[Path],
    parts: Sequence[ConvertedPart],
    *,
    key: Sequence[str],
    first_row: int | None,
    bench: Workbench,
) -> Combined:
    """The table without the rows whose keys stand in the file; other columns of the file say nothing.

    ``counts`` has the rows ``deleted``, and how many of the file's keys are ``unknown`` to the table. Raises
    RejectionError for empty keys, and when no row would be left.
    """
    schema = pq.read_schema(old[0])
    _require_keys(schema, key)
    new = fitted(parts, pa.schema([schema.field(name) for name in key]), bench)
    table, file = Rows.of(old), Rows.of([part.path for part in new])
    with session(bench, table, file) as connection:
        require_usable_keys(connection, file, key, first_row=first_row, unique=False)
        columns = ", ".join(f"k{place}" for place in range(len(key)))
        joined = " AND ".join(f"o.k{place} = n.k{place}" for place in range(len(key)))
        keys = f"(SELECT DISTINCT {columns} FROM {file.sql(key, 'k')})"
        connection.execute(
            f'CREATE TABLE pairs AS SELECT "row" AS old, 0 AS new, true AS changed '
            f"FROM {table.sql(key, 'k')} o SEMI JOIN {keys} n ON {joined}"
        )
        gone = _changes_by_part(connection, table)
        if sum(gone) == sum(table.counts):
            raise RejectionError(Finding("no-row-left", params={"rows": sum(gone)}))
        unknown = _count(connection, f"SELECT count(*) FROM {keys} n ANTI JOIN {table.sql(key, 'k')} o ON {joined}")
        kept: list[int | ConvertedPart] = []
        for place, (path, start) in enumerate(zip(table.paths, table.starts, strict=False)):
            if not gone[place]:
                kept.append(place)
                continue
            numbers = Numbers(connection, f"SELECT old FROM pairs WHERE old >= {start:d} ORDER BY old")
            part = rewrite_part(path, name=f"old-{place}", start=start, schema=schema, bench=bench, left_out=numbers)
            if part is not None:
                kept.append(part)
    return Combined(old=tuple(kept), new=(), counts={"deleted": sum(gone), "unknown": unknown}, schema=schema)


def check_keys(parts: Sequence[ConvertedPart], *, key: Sequence[str], first_row: int | None, bench: Workbench) -> None:
    """Raises RejectionError unless the file alone could be a table with this key."""
    _require_keys(pq.read_schema(parts[0].path), key)
    file = Rows.of([part.path for part in parts])
    with session(bench, file) as connection:
        require_usable_keys(connection, file, key, first_row=first_row, unique=True)


def _require_keys(schema: Any, key: Sequence[str]) -> None:
    missing = [name for name in key if name not in schema.names]
    if missing:
        raise RejectionError(Finding("key-column-absent", params={"missing": ", ".join(missing)}))
    for name in key:
        if any(test(schema.field(name).type) for test in _KEYLESS):
            raise RejectionError(Finding("key-column-unsuited", column=name))


def _changes_by_part(connection: duckdb.DuckDBPyConnection, table: Rows) -> list[int]:
    """How many rows of each part are to change."""
    inner = ", ".join(map(str, table.starts[1:-1]))
    sql = (
        f"SELECT len(list_filter([{inner}]::BIGINT[], lambda start: start <= old)) AS part, count(*) "
        "FROM pairs WHERE changed GROUP BY part"
    )
    found = dict(connection.execute(sql).fetchall())
    return [found.get(place, 0) for place in range(len(table.paths))]


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
