"""The Parquet parts of one resource as one DuckDB table, opened for reading and for nothing else.

Two views: ``plain`` has the data's columns; ``checked`` (and each narrower view of it) calls them by their
alias and has one more, the 1-based number of the data row over all parts. Column names are foreign text and
are always quoted. Those that Great Expectations could stumble over, as it makes labels and format strings of
them, have another name as alias.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import duckdb

Family = Literal["integer", "decimal", "float", "text", "bool", "date", "timestamp", "time", "nested", "other"]

NUMERIC: frozenset[Family] = frozenset({"integer", "decimal", "float"})
TEMPORAL: frozenset[Family] = frozenset({"date", "timestamp"})
ORDERED: frozenset[Family] = NUMERIC | TEMPORAL | {"time"}

CHECKED = "checked"
PLAIN = "plain"

# Great Expectations 1.24 labels with a leading underscore itself (_num_rows); the rest is not worth a risk.
_PLAIN_NAME = re.compile(r"[^\W_][\w .-]*")

_FAMILIES: dict[str, Family] = {
    "DOUBLE": "float",
    "FLOAT": "float",
    "DECIMAL": "decimal",
    "VARCHAR": "text",
    "BOOLEAN": "bool",
    "DATE": "date",
    "TIME": "time",
    "UUID": "text",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as DuckDB sees it: ``sql_type`` is what DESCRIBE prints, ``alias`` its name in ``checked``."""

    name: str
    sql_type: str
    alias: str

    @property
    def family(self) -> Family:
        if self.sql_type.endswith("]") or self.sql_type.startswith(("STRUCT", "MAP", "UNION")):
            return "nested"
        word = self.sql_type.split("(", 1)[0].split(" ", 1)[0]
        if word.startswith("TIMESTAMP"):
            return "timestamp"
        if word.endswith(("INT", "INTEGER")):
            return "integer"
        return _FAMILIES.get(word, "other")


@dataclass(frozen=True, slots=True)
class Other:
    """Another table of the same version, as a view with its columns by their own names."""

    view: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Table:
    """An open table. ``database`` is the name under which this process can join the DuckDB database.

    ``source`` and ``row_number`` are SQL: where the rows come from, and the number of a row. ``others`` are the tables
    that a rule may refer to, by their names; this one is known by an empty name.
    """

    connection: duckdb.DuckDBPyConnection
    database: str
    parts: tuple[Path, ...]
    columns: tuple[Column, ...]
    rows: int
    row_column: str
    source: str
    row_number: str
    others: Mapping[str, Other] = field(default_factory=dict)

    def column(self, name: str) -> Column | None:
        """The column of exactly this name (DuckDB itself would ignore case), or None."""
        return self._by_name.get(name)

    def make_view(self, view: str, columns: Iterable[Column]) -> None:
        """A view of some columns by their aliases, and of the row's number."""
        selected = [_selected(column, column.alias) for column in columns]
        selected.append(f"{self.row_number} AS {self.row_column}")
        self.connection.execute(f"CREATE VIEW {view} AS SELECT {', '.join(selected)} FROM {self.source}")

    def make_sample(self, name: str, every: int, longest: int) -> str:
        """One row in ``every``, evenly spread, as a table in DuckDB's memory (or its spill file); the name.

        Texts of more than ``longest`` bytes are null in it.
        """
        number = free_name("number", self._by_name)
        rows = ", ".join(_selected(column, column.name) for column in self.columns)
        kept = ", ".join(_shortened(column, longest) for column in self.columns)
        numbered = f"SELECT {rows}, {self.row_number} AS {number} FROM {self.source}"
        self.connection.execute(
            f"CREATE TEMP TABLE {name} AS SELECT {kept} FROM ({numbered}) WHERE {number} % {every:d} = 0"
        )
        return name

    @cached_property
    def nulls(self) -> dict[str, int]:
        """How many values are null, by the column, as the Parquet's footers say; without those that they do not tell.

        Columns of lists and structs have no footer entry of their own.
        """
        files = _listed(set(self.parts))
        told = self.connection.execute(
            "SELECT file_name, path_in_schema, sum(stats_null_count)::BIGINT, "
            "count(*) = count(stats_null_count) AND count(*) = count(DISTINCT row_group_id) "
            f"FROM parquet_metadata({files}) GROUP BY file_name, path_in_schema"
        ).fetchall()
        counts = {(path, name): nulls for path, name, nulls, is_sure in told if is_sure}
        found = {}
        for column in self.columns:
            if column.family not in ("nested", "other"):
                # An empty part has no row group that could say so.
                of_parts = [counts.get((str(path), column.name)) for path in self.parts]
                if None not in of_parts:
                    found[column.name] = sum(count or 0 for count in of_parts)
        return found

    def present(self, groups: Iterable[Sequence[str]]) -> list[int]:
        """In how many rows all columns of a group have a value, for each group of names.

        What the footers do not tell is counted in one scan for all groups, and remembered.
        """
        wanted = [frozenset(group) for group in groups]
        unknown = {group for group in wanted if group not in self._present}
        for group in list(unknown):
            nulls = [self.nulls.get(name) for name in group]
            if not any(nulls) and None not in nulls:
                self._present[group] = self.rows
            elif len(nulls) == 1 and nulls[0] is not None:
                self._present[group] = self.rows - nulls[0]
        if asked := sorted(unknown - set(self._present), key=sorted):
            counts = ", ".join(f"count(*) FILTER (WHERE {all_present(group)})" for group in asked)
            (row,) = self.connection.execute(f"SELECT {counts} FROM {PLAIN}").fetchall()
            self._present.update(zip(asked, row, strict=True))
        return [self._present[group] for group in wanted]

    @cached_property
    def _present(self) -> dict[frozenset[str], int]:
        return {}

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


def quoted(name: str) -> str:
    """A column or table name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def all_present(names: Iterable[str]) -> str:
    """The condition that none of the columns is null, as SQL."""
    return " AND ".join(f"{quoted(name)} IS NOT NULL" for name in sorted(names))


def free_name(wanted: str, taken: Container[str]) -> str:
    """The name, with as many underscores before it as make it free."""
    while wanted in taken:
        wanted = f"_{wanted}"
    return wanted


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _listed(paths: Iterable[Path]) -> str:
    """A list of files as SQL."""
    return "[" + ", ".join(literal(str(path)) for path in paths) + "]"


@contextmanager
def opened(
    *,
    parquet: Sequence[Path],
    workdir: Path,
    memory_limit: str,
    threads: int | None = None,
    others: Mapping[str, Sequence[Path]] = MappingProxyType({}),
) -> Iterator[Table]:
    """Open the parts as one table; spill files go under ``workdir`` and are gone at the end.

    ``others`` are the parts of other tables by name. Raises duckdb.Error when a part is missing or is no Parquet, or
    when the parts differ in columns.
    """
    database = f":memory:{uuid.uuid4().hex}"
    spill = workdir / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(database)
    try:
        readable = [*parquet, *(path for paths in others.values() for path in paths)]
        _restrict(connection, readable, spill, memory_limit, threads or len(os.sched_getaffinity(0)))
        table = _described(connection, database, parquet)
        yield replace(table, others={"": Other(PLAIN, table.columns), **_others(connection, others)})
    finally:
        connection.close()


def _restrict(
    connection: duckdb.DuckDBPyConnection,
    parquet: Sequence[Path],
    spill: Path,
    memory_limit: str,
    threads: int,
) -> None:
    """Nothing but these files can be read, nothing can be loaded, and no more memory is taken."""
    for setting in (
        f"memory_limit = {literal(memory_limit)}",
        f"threads = {threads:d}",
        f"temp_directory = {literal(str(spill))}",
        "TimeZone = 'UTC'",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        f"allowed_paths = {_listed(parquet)}",
        f"allowed_directories = [{literal(str(spill))}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET GLOBAL {setting}")


def _described(connection: duckdb.DuckDBPyConnection, database: str, parquet: Sequence[Path]) -> Table:
    files = _listed(parquet)
    source = f"read_parquet({files})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    taken = {name.casefold() for name, *_ in described}
    columns = tuple(
        Column(name, sql_type, name if _PLAIN_NAME.fullmatch(name) else free_name(f"column_{number}", taken))
        for number, (name, sql_type, *_) in enumerate(described, start=1)
    )
    footers = connection.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata({files})").fetchall()
    rows_of: dict[str, int] = dict(footers)
    # The same part may stand twice: parts are named by their content.
    counts = [rows_of[str(path)] for path in parquet]
    selected = ", ".join(_selected(column, column.name) for column in columns)
    connection.execute(f"CREATE VIEW {PLAIN} AS SELECT {selected} FROM {source}")
    table = Table(
        connection=connection,
        database=database,
        parts=tuple(parquet),
        columns=columns,
        rows=sum(counts),
        row_column=free_name("row_number", taken),
        source=source,
        row_number=_row_number(counts, taken),
    )
    table.make_view(CHECKED, columns)
    return table


def _others(connection: duckdb.DuckDBPyConnection, others: Mapping[str, Sequence[Path]]) -> dict[str, Other]:
    found = {}
    for number, (name, paths) in enumerate(others.items(), start=1):
        source, view = f"read_parquet({_listed(paths)})", f"other_{number}"
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        columns = tuple(Column(column, sql_type, column) for column, sql_type, *_ in described)
        selected = ", ".join(_selected(column, column.name) for column in columns)
        connection.execute(f"CREATE VIEW {view} AS SELECT {selected} FROM {source}")
        found[name] = Other(view, columns)
    return found


def _selected(column: Column, alias: str) -> str:
    """A zoned timestamp is read as its UTC clock: DuckDB needs pytz to hand one to Python."""
    if column.sql_type == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({quoted(column.name)})) AS {quoted(alias)}"
    return f"{quoted(column.name)} AS {quoted(alias)}"


def _shortened(column: Column, longest: int) -> str:
    name = quoted(column.name)
    return (
        f"CASE WHEN strlen({name}) <= {longest:d} THEN {name} END AS {name}" if column.sql_type == "VARCHAR" else name
    )


def _row_number(counts: Sequence[int], taken: set[str]) -> str:
    """The number of the row over all parts, from 1: rows before this part + number in this part."""
    if taken & {"file_row_number", "file_index"}:
        # The data's own column hides DuckDB's virtual one; a running number costs the parallel scan.
        return "row_number() OVER ()"
    before = ", ".join(str(rows) for rows in accumulate([0, *counts[:-1]]))
    return f"([{before}]::BIGINT[])[file_index::BIGINT + 1] + file_row_number + 1"
