"""The two tables in one DuckDB database, opened for comparing and for nothing else.

Columns are called by their places (c0, c1 …), so that no name of the data's can mean anything to SQL, nor hide the
number of a row.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from quality.difference.side import PartFile, Side, Which, shared_parts
from quality.table import Column, literal


@dataclass(frozen=True, slots=True)
class Limits:
    """What a comparison may take: DuckDB's ``memory`` and ``threads`` (None: all), and the ``examples`` of a kind."""

    memory: str = "512MB"
    threads: int | None = None
    examples: int = 20


@dataclass(frozen=True, slots=True)
class Relation:
    """The rows of one side. ``shared`` are the places of the parts that the other side has, too."""

    which: Which
    parts: tuple[PartFile, ...]
    counts: tuple[int, ...]
    columns: tuple[Column, ...]
    shared: frozenset[int]

    @property
    def rows(self) -> int:
        return sum(self.counts)

    def place(self, name: str) -> int | None:
        """Where the column of exactly this name stands, from 0; None if there is none."""
        return next((place for place, column in enumerate(self.columns) if column.name == name), None)

    def sql(self, *, without: Collection[int] = ()) -> str:
        """A subquery of ``r``, the 1-based number of the row over all parts, and the columns c0, c1 …

        Parts whose places stand in ``without`` are left out; the others' rows keep their numbers.
        """
        chosen = [place for place in range(len(self.parts)) if place not in without]
        names = [f"c{place}" for place in range(len(self.columns))]
        if not chosen:
            nothing = "".join(
                f", NULL::{column.sql_type} AS {name}" for column, name in zip(self.columns, names, strict=True)
            )
            return f"(SELECT NULL::BIGINT AS r{nothing} WHERE false)"
        starts = [0, *accumulate(self.counts)]
        before = ", ".join(str(starts[place]) for place in chosen)
        files = ", ".join(literal(str(self.parts[place].path)) for place in chosen)
        number = f"([{before}]::BIGINT[])[file_index::BIGINT + 1] + file_row_number + 1"
        listed = ", ".join(names)
        return f"(SELECT {number} AS r, {listed} FROM read_parquet([{files}]) AS t({listed}))"


@dataclass(frozen=True, slots=True)
class Session:
    """Both sides and the connection on which they are compared."""

    connection: duckdb.DuckDBPyConnection
    before: Relation
    after: Relation

    @property
    def sides(self) -> tuple[Relation, Relation]:
        return (self.before, self.after)

    def run(self, sql: str) -> None:
        self.connection.execute(sql)

    def rows(self, sql: str) -> list[Any]:
        return self.connection.execute(sql).fetchall()

    def one(self, sql: str) -> tuple[Any, ...]:
        """The only row of an answer."""
        (row,) = self.rows(sql)
        found: tuple[Any, ...] = row
        return found

    def count(self, source: str) -> int:
        """How many rows a table or subquery has."""
        return int(self.one(f"SELECT count(*) FROM {source}")[0])


@contextmanager
def opened(*, before: Side, after: Side, workdir: Path, limits: Limits) -> Iterator[Session]:
    """Open both sides; the database and what it spills lie under ``workdir`` and are gone at the end.

    Raises duckdb.Error when a part is missing or is no Parquet, or when the parts of a side differ in columns.
    """
    folder = workdir / "difference"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "rows.duckdb"
    file.unlink(missing_ok=True)
    # On disk, because what an in-memory database collects counts as memory that can't be given back.
    connection = duckdb.connect(str(file))
    try:
        paths = [part.path for part in (*before.parts, *after.parts)]
        _restrict(connection, paths, folder, limits)
        shared = shared_parts(before.parts, after.parts)
        yield Session(
            connection,
            _relation(connection, "before", before.parts, shared[0]),
            _relation(connection, "after", after.parts, shared[1]),
        )
    finally:
        connection.close()
        file.unlink(missing_ok=True)


def _restrict(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], folder: Path, limits: Limits) -> None:
    """Nothing but these files can be read, nothing written but in this folder, and no more memory is taken."""
    files = ", ".join(literal(str(path)) for path in paths)
    for setting in (
        f"memory_limit = {literal(limits.memory)}",
        f"threads = {limits.threads or len(os.sched_getaffinity(0)):d}",
        f"temp_directory = {literal(str(folder / 'spill'))}",
        "preserve_insertion_order = false",
        "TimeZone = 'UTC'",
        "enable_geoparquet_conversion = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        f"allowed_paths = [{files}]",
        f"allowed_directories = [{literal(str(folder))}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET GLOBAL {setting}")


def _relation(
    connection: duckdb.DuckDBPyConnection, which: Which, parts: Sequence[PartFile], shared: frozenset[int]
) -> Relation:
    if not parts:
        return Relation(which, (), (), (), shared)
    files = ", ".join(literal(str(part.path)) for part in parts)
    described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet([{files}])").fetchall()
    # DuckDB gives another name to a column that differs from an earlier one only in case.
    names = pq.read_schema(parts[0].path).names
    footers = connection.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata([{files}])").fetchall()
    rows_of: dict[str, int] = dict(footers)
    columns = tuple(
        Column(name, sql_type, f"c{place}")
        for place, (name, (_, sql_type, *_rest)) in enumerate(zip(names, described, strict=True))
    )
    counts = tuple(rows_of[str(part.path)] for part in parts)
    return Relation(which, tuple(parts), counts, columns, shared)
