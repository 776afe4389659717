"""Whole rows of a table, evenly spread and in their order, few enough to be held in memory."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from quality.table import PLAIN, Table

ROWS = 20_000
CELLS = 2_000_000
# Longer texts have no shape that anybody would read; they are null in the sample.
LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Sample:
    """``rows`` have the table's columns; ``whole`` is true where they are all rows of the table."""

    rows: pa.Table
    whole: bool


def take_sample(table: Table, *, sampled: str = PLAIN) -> Sample:
    """One row in so many of the table. ``sampled`` names a view of it that holds every n-th row already."""
    limit = max(min(ROWS, CELLS // max(len(table.columns), 1)), 1_000)
    if sampled == PLAIN:
        every = max(1, -(-table.rows // limit))
        # The numbers of rows begin with 1.
        name = table.make_sample("spread", every, LONGEST)
        rows = table.connection.execute(f"SELECT * FROM {name} ORDER BY rowid").to_arrow_table()
        return Sample(rows, whole=every == 1)
    ((held,),) = table.connection.execute(f"SELECT count(*) FROM {sampled}").fetchall()
    every = max(1, -(-held // limit))
    query = f"SELECT * FROM {sampled} WHERE rowid % {every:d} = 0 ORDER BY rowid"
    return Sample(table.connection.execute(query).to_arrow_table(), whole=False)
