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
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
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


@dataclass(frozen=True)
class Table:
    """An open table. ``database`` is the name under which this process can join the DuckDB database.

    ``source`` and ``row_number`` are SQL: where the rows come from, and the number of a row.
    """

    connection: duckdb.DuckDBPyConnection
    database: str
    columns: tuple[Column, ...]
    rows: int
    row_column: str
    source: str
    row_number: str

    def column(self, name: str) -> Column | None:
        """The column of exactly this name (DuckDB itself would ignore case), or None."""
        return self._by_name.get(name)

    def make_view(self, view: str, columns: Iterable[Column]) -> None:
        """A view of some columns by their aliases, and of the row's number."""
        selected = [_selected(column, column.alias) for column in columns]
        selected.append(f"{self.row_number} AS {self.row_column}")
        self.connection.execute(f"CREATE VIEW {view} AS SELECT {', '.join(selected)} FROM {self.source}")

    def make_sampled_view(self, view: str, every: int) -> str:
        """A view of all columns and of a flag that one row in ``every`` has, evenly spread; the flag's name."""
        flag = free_name("in_sample", self._by_name)
        selected = [_selected(column, column.name) for column in self.columns]
        selected.append(f"({self.row_number}) % {every:d} = 0 AS {flag}")
        self.connection.execute(f"CREATE VIEW {view} AS SELECT {', '.join(selected)} FROM {self.source}")
        return flag

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


def quoted(name: str) -> str:
    """A column or table name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def free_name(wanted: str, taken: Container[str]) -> str:
    """The name, with as many underscores before it as make it free."""
    while wanted in taken:
        wanted = f"_{wanted}"
    return wanted


def literal(text: str) -> str:
    """A text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def opened(*, parquet: Sequence[Path], workdir: Path, memory_limit: str, threads: int | None = None) -> Iterator[Table]:
    """Open the parts as one table; spill files go under ``workdir`` and are gone at the end.

    Raises duckdb.Error when a part is missing or is no Parquet, or when the parts differ in columns.
    """
    database = f":memory:{uuid.uuid4().hex}"
    spill = workdir / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(database)
    try:
        _restrict(connection, parquet, spill, memory_limit, threads or len(os.sched_getaffinity(0)))
        yield _described(connection, database, parquet)
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
    allowed = ", ".join(literal(str(path)) for path in parquet)
    for setting in (
        f"memory_limit = {literal(memory_limit)}",
        f"threads = {threads:d}",
        f"temp_directory = {literal(str(spill))}",
        "TimeZone = 'UTC'",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        f"allowed_paths = [{allowed}]",
        f"allowed_directories = [{literal(str(spill))}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET GLOBAL {setting}")


def _described(connection: duckdb.DuckDBPyConnection, database: str, parquet: Sequence[Path]) -> Table:
    files = "[" + ", ".join(literal(str(path)) for path in parquet) + "]"
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
        columns=columns,
        rows=sum(counts),
        row_column=free_name("row_number", taken),
        source=source,
        row_number=_row_number(counts, taken),
    )
    table.make_view(CHECKED, columns)
    return table


def _selected(column: Column, alias: str) -> str:
    """A zoned timestamp is read as its UTC clock: DuckDB needs pytz to hand one to Python."""
    if column.sql_type == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({quoted(column.name)})) AS {quoted(alias)}"
    return f"{quoted(column.name)} AS {quoted(alias)}"


def _row_number(counts: Sequence[int], taken: set[str]) -> str:
    """The number of the row over all parts, from 1: rows before this part + number in this part."""
    if taken & {"file_row_number", "file_index"}:
        # The data's own column hides DuckDB's virtual one; a running number costs the parallel scan.
        return "row_number() OVER ()"
    before = ", ".join(str(rows) for rows in accumulate([0, *counts[:-1]]))
    return f"([{before}]::BIGINT[])[file_index::BIGINT + 1] + file_row_number + 1"
