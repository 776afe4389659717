"""Which rows of a table a file speaks of: keys are matched by DuckDB, out of core, and come back as row numbers.

DuckDB compares values; what is written comes from the files themselves, by those numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq

from catalog.findings import Finding
from catalog.sql import quoted
from ingest.combining.fit import BATCH_ROWS
from ingest.combining.result import Workbench
from ingest.outcome import RejectionError

SAMPLES = 20
_HIDDEN = frozenset({"file_row_number", "file_index"})


@dataclass(frozen=True, slots=True)
class Rows:
    """Parquet files as one relation with a column ``row``: the running number over all of them, from 0."""

    paths: tuple[Path, ...]
    counts: tuple[int, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, paths: Sequence[Path]) -> Rows:
        footers = [pq.read_metadata(path) for path in paths]
        names = tuple(pq.read_schema(paths[0]).names) if paths else ()
        return cls(tuple(paths), tuple(footer.num_rows for footer in footers), names)

    @property
    def starts(self) -> list[int]:
        """The number of each file's first row, and at the end that of all rows."""
        return [0, *accumulate(self.counts)]

    def sql(self, columns: Sequence[str], prefix: str) -> str:
        """A subquery of ``row`` and the columns, which it calls prefix0, prefix1 …"""
        files = ", ".join(_literal(str(path)) for path in self.paths)
        chosen = "".join(f", {quoted(name)} AS {prefix}{place}" for place, name in enumerate(columns))
        return f'(SELECT {self._number()} AS "row"{chosen} FROM read_parquet([{files}]))'

    def _number(self) -> str:
        if {name.casefold() for name in self.names} & _HIDDEN:
            # The data's own column hides DuckDB's; a running number costs the parallel scan.
            return "row_number() OVER () - 1"
        starts = ", ".join(map(str, self.starts[:-1]))
        return f"([{starts}]::BIGINT[])[file_index::BIGINT + 1] + file_row_number"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def session(bench: Workbench, *relations: Rows) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database on disk that reads these files and nothing else, and takes no more memory than it may."""
    spill = bench.folder / "spill"
    spill.mkdir()
    # Without the tail of a database on disk, what is collected would count as memory that can't be given back.
    connection = duckdb.connect(str(bench.folder / "keys.duckdb"))
    allowed = [_literal(str(path)) for rows in relations for path in rows.paths]
    try:
        for setting in (
            f"memory_limit = {_literal(bench.memory_limit)}",
            f"threads = {bench.threads:d}",
            f"temp_directory = {_literal(str(spill))}",
            "TimeZone = 'UTC'",
            "enable_geoparquet_conversion = false",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            f"allowed_paths = [{', '.join(allowed)}]",
            f"allowed_directories = [{_literal(str(spill))}]",
            "enable_external_access = false",
            "lock_configuration = true",
        ):
            connection.execute(f"SET GLOBAL {setting}")
        yield connection
    finally:
        connection.close()


def require_usable_keys(
    connection: duckdb.DuckDBPyConnection, file: Rows, key: Sequence[str], *, first_row: int | None, unique: bool
) -> None:
    """Raises RejectionError when rows of the file lack a part of the key, or (``unique``) when two have the same.

    ``first_row`` is the number of the file's first record for people; None when rows were left out on the way.
    """
    names = [f"k{place}" for place in range(len(key))]
    relation = file.sql(key, "k")
    empty = " OR ".join(f"{name} IS NULL" for name in names)
    found = list(_findings(connection, relation, names, empty, "key-missing", key, first_row))
    if unique:
        tupled = ", ".join(names)
        repeated = (
            f"({tupled}) IN (SELECT ({tupled}) FROM {relation} WHERE NOT ({empty}) "
            f"GROUP BY {tupled} HAVING count(*) > 1)"
        )
        if len(names) == 1:
            repeated = repeated.replace(f"({tupled})", tupled)
        found += _findings(connection, relation, names, repeated, "key-repeated", key, first_row)
    if found:
        raise RejectionError(*found)


def _findings(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    names: Sequence[str],
    condition: str,
    code: str,
    key: Sequence[str],
    first_row: int | None,
) -> Iterator[Finding]:
    shown = ", ".join(f"CAST({name} AS VARCHAR)" for name in names)
    total = _one(connection, f"SELECT count(*) FROM {relation} WHERE {condition}")
    if not total:
        return
    # Equal keys stand together, so that the first samples show what repeats what.
    order = ", ".join([*(names if code == "key-repeated" else []), '"row"'])
    sql = f'SELECT "row", {shown} FROM {relation} WHERE {condition} ORDER BY {order} LIMIT {SAMPLES}'
    for row, *values in connection.execute(sql).fetchall():
        value = ", ".join("–" if value is None else value for value in values)
        params = {"key": ", ".join(key), "number": total}
        yield Finding(code, row=None if first_row is None else first_row + row, value=value, params=params)


def match(
    connection: duckdb.DuckDBPyConnection,
    table: Rows,
    file: Rows,
    key: Sequence[str],
    compared: Sequence[str],
    *,
    first_row: int | None,
) -> None:
    """Make the relation ``pairs`` of (old, new, changed): row of the table, row of the file, whether they differ.

    Raises RejectionError (``key-not-unique``) when one row of the file meets several of the table. ``first_row`` is as
    for ``require_usable_keys``.
    """
    names = range(len(key))
    # Compared are only columns that both have; one that is new to the table differs wherever it has a value.
    differs = " OR ".join(f"o{place} IS DISTINCT FROM n{place}" for place in range(len(key), len(key) + len(compared)))
    there = [name if name in table.names else None for name in compared]
    old_columns = [*key, *(name for name in there if name is not None)]
    old = table.sql(old_columns, "c") if table.paths else ""
    if not old:
        connection.execute("CREATE TABLE pairs (old BIGINT, new BIGINT, changed BOOLEAN)")
        return
    aliases, place = [f"c{at} AS o{at}" for at in names], len(key)
    for at, name in enumerate(there, start=len(key)):
        aliases.append(f"NULL AS o{at}" if name is None else f"c{place} AS o{at}")
        place += name is not None
    renamed = f'(SELECT "row" AS old, {", ".join(aliases)} FROM {old})'
    joined = " AND ".join(f"o{at} = n{at}" for at in names)
    connection.execute(
        f'CREATE TABLE pairs AS SELECT old, n."row" AS new, ({differs or "false"}) AS changed '
        f"FROM {renamed} o JOIN {file.sql([*key, *compared], 'n')} n ON {joined}"
    )
    _require_one_each(connection, file, key, first_row)


def _require_one_each(
    connection: duckdb.DuckDBPyConnection, file: Rows, key: Sequence[str], first_row: int | None
) -> None:
    several = "(SELECT new, count(*) AS times FROM pairs GROUP BY new HAVING count(*) > 1)"
    total = _one(connection, f"SELECT count(*) FROM {several}")
    if not total:
        return
    shown = ", ".join(f"CAST(k{place} AS VARCHAR)" for place in range(len(key)))
    sql = (
        f'SELECT new, times, {shown} FROM {several} s JOIN {file.sql(key, "k")} f ON s.new = f."row" '
        f"ORDER BY new LIMIT {SAMPLES}"
    )
    found = []
    for row, times, *values in connection.execute(sql).fetchall():
        params = {"key": ", ".join(key), "number": total, "times": times}
        number = None if first_row is None else first_row + row
        found.append(Finding("key-not-unique", row=number, value=", ".join(values), params=params))
    raise RejectionError(*found)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


class Numbers:
    """Row numbers out of a query in the order of its first column, handed out by range; few of them are held."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
        self._reader = connection.cursor().execute(sql).to_arrow_reader(BATCH_ROWS)
        self._held = np.empty((0, len(self._reader.schema)), dtype=np.int64)

    def within(self, begin: int, end: int) -> Any:
        """The rows whose first number is from ``begin`` to before ``end``; ranges are asked for in ascending order."""
        pieces = []
        while True:
            cut = int(np.searchsorted(self._held[:, 0], end))
            pieces.append(self._held[:cut])
            self._held = self._held[cut:]
            if len(self._held):
                break
            batch = next(self._reader, None)
            if batch is None:
                break
            self._held = np.column_stack([column.to_numpy(zero_copy_only=False) for column in batch.columns])
        found = np.concatenate(pieces)
        return found[np.searchsorted(found[:, 0], begin) :]
