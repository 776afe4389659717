"""Where the first rows of a sorted table lie, guessed from what its files' footers say of each row group.

An engine that looks for the largest values of a table whose values grow finds a larger one in every row that it reads,
and so reads all: the newest rows of 10,000,000 in the order of their time took 1.1 s of a processor, and 30 ms behind a
bound. A guess that is wrong costs time and nothing else: whoever asks behind a bound sees whether enough was found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from catalog.rows.cursor import Position
from catalog.rows.query import Family, Sort, TableColumn
from catalog.sql import literal

Ask = Callable[[str], list[tuple[Any, ...]]]

WORTH_ROWS = 500_000
"""Smaller tables are read as quickly as their footers."""
SPARE_ROWS = 100_000
"""So many more rows than are wanted have to be behind a bound: filters take some away."""
_MOST_EDGES = 10_000
"""Columns times row groups: all of them are read, at some 8 ms a thousand."""
_GROUP_ROWS = 122_880
_LONGEST = 1_000
# A float that is no number is the largest to the engine, and in no footer.
_FAMILIES: frozenset[Family] = frozenset({"integer", "decimal", "date", "timestamp", "instant", "text"})


def bound(
    ask: Ask,
    files: Sequence[tuple[int, Path, Sequence[str]]],
    column: TableColumn,
    *,
    sort: Sort,
    rows: int,
    wanted: int,
    after: Position | None = None,
) -> str:
    """A condition over the column's alias that leaves ``wanted`` first rows, if the guess is right; empty for none.

    ``files`` are as catalog/rows/source.py has them, ``rows`` those of the table; ``ask`` answers SQL.
    """
    groups = len(files) + rows // _GROUP_ROWS
    if column.family not in _FAMILIES or rows < WORTH_ROWS or groups * len(files[0][2]) > _MOST_EDGES:
        return ""
    value = None if after is None else after.value
    if after is not None and value is None:
        # Only missing values are left.
        return ""
    found = ask(_edge_sql(files, column, sort=sort, wanted=wanted + SPARE_ROWS, after=value))
    if not found or len(found[0][0]) > _LONGEST:
        return ""
    return f"{column.alias} {_beyond(sort)} {literal(found[0][0])}::{column.sql_type}"


def _beyond(sort: Sort) -> str:
    return ">=" if sort.descending else "<="


def _edge_sql(
    files: Sequence[tuple[int, Path, Sequence[str]]],
    column: TableColumn,
    *,
    sort: Sort,
    wanted: int,
    after: str | None,
) -> str:
    """The value behind which whole row groups have ``wanted`` rows, if half of the groups need not be read then.

    ``near`` is a group's value that comes first in the order, ``far`` its last; groups that end before ``after`` are
    left out.
    """
    place, kind = int(column.alias[1:]), column.sql_type
    near, far = ("max", "min") if sort.descending else ("min", "max")
    first, order, within = ("max", "DESC", "<=") if sort.descending else ("min", "ASC", ">=")
    groups = " UNION ALL ".join(
        f"SELECT row_group_num_rows AS n, TRY_CAST(stats_{near}_value AS {kind}) AS near, "
        f"TRY_CAST(stats_{far}_value AS {kind}) AS far "
        f"FROM parquet_metadata({literal(str(path))}) WHERE path_in_schema = {literal(names[place])}"
        for _, path, names in files
    )
    left = "" if after is None else f" AND far {within} {literal(after)}::{kind}"
    return (
        f"WITH every AS ({groups}), ahead AS (SELECT * FROM every WHERE far IS NOT NULL{left}), "
        f"counted AS (SELECT far, sum(n) OVER (ORDER BY far {order} ROWS UNBOUNDED PRECEDING) AS upto FROM ahead), "
        f"edge AS (SELECT {first}(far) AS edge FROM counted WHERE upto >= {wanted:d}) "
        f"SELECT edge::VARCHAR FROM edge WHERE edge IS NOT NULL AND 2 * (SELECT count(*) FROM ahead "
        f"WHERE near {_beyond(sort)} edge) <= (SELECT count(*) FROM every)"
    )
