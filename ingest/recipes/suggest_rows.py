"""Rows that could go: how many have no value, how many repeat an earlier one, before the owner chooses.

To look at every row would cost a good part of the conversion again. A small table is looked at whole; of a large one,
its first rows for repeated ones, and for empty ones the row groups whose footers leave room for them, from both ends:
what is counted then is a bound, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.recipes.row_groups import RowGroup

Suggestion = dict[str, Any]
Bound = Literal["", "least", "most"]

LOOKED_AT = 20_000
# Rows that differ do so in the first columns already, mostly.
FIRST_COLUMNS = 32


def suggest_rows(groups: Sequence[RowGroup], *, certain: bool) -> Iterator[Suggestion]:
    """The steps that take rows out, each with the ``count`` of rows that would go.

    ``groups`` are those of the table's Parquet files. ``certain`` is false where a null may be a cell that was read
    as missing or refused, which the steps would not take for empty. ``bound`` is "least" or "most" where ``count`` is
    no more than that, and ``whole`` is true where it is exact.
    """
    empty, all_seen = _empty_rows(groups)
    if empty:
        yield _suggestion("drop-empty-rows", empty, "" if certain and all_seen else "least" if certain else "most")
    repeated, all_seen = _repeated_rows(groups)
    if repeated:
        yield _suggestion("drop-duplicates", repeated, "" if all_seen else "least")


def _suggestion(step: str, count: int, bound: Bound) -> Suggestion:
    return {"step": step, "count": count, "whole": not bound, **({"bound": bound} if bound else {})}


def _empty_rows(groups: Sequence[RowGroup]) -> tuple[int, bool]:
    """Rows in which every column is null, and whether all groups that may have some were looked at."""
    suspects = [group for group in groups if group.nulls and all(map(group.most_nulls, group.nulls))]
    few = suspects if sum(group.rows for group in groups) <= LOOKED_AT else [*suspects[:1], *suspects[1:][-1:]]
    return sum(map(_empty_rows_in, few)), len(few) == len(suspects)


def _empty_rows_in(group: RowGroup) -> int:
    with pq.ParquetFile(group.path) as file:
        names = file.schema_arrow.names
        if len(group.nulls) < len(names):
            # A list or struct may hold a value wherever the others hold none.
            return 0
        empty: Any = None
        for name in sorted(group.nulls, key=group.most_nulls):
            column = file.read_row_group(group.number, columns=[name]).column(0).combine_chunks()
            missing = column.is_null()
            empty = missing if empty is None else pc.and_(empty, missing)
            if not empty.true_count:
                return 0
        return int(empty.true_count) if empty is not None else 0


def _repeated_rows(groups: Sequence[RowGroup]) -> tuple[int, bool]:
    """Among the first rows, those that an earlier one equals in all columns, and whether these rows are all."""
    if not groups:
        return 0, True
    with pq.ParquetFile(groups[0].path) as file:
        names = file.schema_arrow.names
        repeated = _repeated(file, names[:FIRST_COLUMNS])
        if repeated and len(names) > FIRST_COLUMNS:
            repeated = _repeated(file, names)
    return repeated, len(groups) == 1 and groups[0].rows <= LOOKED_AT


def _repeated(file: Any, names: Sequence[str]) -> int:
    """How many of the file's first rows equal an earlier one of them in these columns."""
    batch = next(file.iter_batches(batch_size=LOOKED_AT, row_groups=[0], columns=list(names)), None)
    if batch is None:
        return 0
    rows = pa.table(batch)
    try:
        different = rows.group_by(rows.column_names, use_threads=False).aggregate([]).num_rows
    except pa.ArrowNotImplementedError:
        # Lists and structs are compared by the engine that takes the repeated rows out.
        with duckdb.connect() as connection:
            connection.register("first_rows", rows)
            counted = connection.execute("SELECT count(*) FROM (SELECT DISTINCT * FROM first_rows)").fetchone()
            different = counted[0] if counted else rows.num_rows
    return int(rows.num_rows - different)
