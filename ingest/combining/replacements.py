"""Rows of a file in the order of the rows that they replace, whatever their own order: a bucket sort on disk.

One pass over the file puts each row into the bucket of the stretch of the table where it belongs; a stretch is so
short that its bucket can be sorted in memory. Nothing but Arrow touches the values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.combining.fit import batches_of
from ingest.combining.keys import Numbers, Rows
from ingest.combining.result import Workbench

BUCKET_BYTES = 48 << 20
MOST_BUCKETS = 200
PLACE = "place in the table"


class Replacements:
    """What ``pairs`` says is changed, of these columns; handed out by range of the table's rows."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, file: Rows, schema: Any, columns: Sequence[str], bench: Workbench
    ) -> None:
        self.schema = pa.schema([schema.field(name) for name in columns])
        self._folder = bench.folder / "buckets"
        self._folder.mkdir()
        bounds = _bounds(connection, file)
        self._spread(Numbers(connection, "SELECT new, old FROM pairs WHERE changed ORDER BY new"), file, bounds, bench)
        self._tables = self._sorted(len(bounds) + 1)
        self._held: Any = None

    def _spread(self, numbers: Numbers, file: Rows, bounds: Any, bench: Workbench) -> None:
        writers: dict[int, Any] = {}
        schema = self.schema.append(pa.field(PLACE, pa.int64()))
        start = 0
        try:
            for batch in batches_of(file.paths, bench):
                end = start + batch.num_rows
                found = numbers.within(start, end)
                places, targets = found[:, 0] - start, found[:, 1]
                start = end
                if not len(places):
                    continue
                taken = batch.select(self.schema.names).take(pa.array(places)).append_column(PLACE, pa.array(targets))
                buckets = np.searchsorted(bounds, targets, side="right")
                for bucket in np.unique(buckets).tolist():
                    if bucket not in writers:
                        writers[bucket] = pa.ipc.new_stream(str(self._path(bucket)), schema)
                    rows = taken.filter(pa.array(buckets == bucket))
                    writers[bucket].write_batch(pa.record_batch(rows.columns, schema=schema))
        finally:
            for writer in writers.values():
                writer.close()

    def _path(self, bucket: int) -> Path:
        return self._folder / f"{bucket}.arrows"

    def _sorted(self, buckets: int) -> Iterator[Any]:
        for bucket in range(buckets):
            path = self._path(bucket)
            if not path.exists():
                continue
            with pa.ipc.open_stream(str(path)) as reader:
                table = reader.read_all()
            path.unlink()
            yield table.take(pc.sort_indices(table.column(PLACE)))

    def within(self, begin: int, end: int) -> tuple[Any, Any]:
        """Places (from 0 at ``begin``) and a table of the rows for them; ranges are asked for in ascending order."""
        taken = []
        while True:
            if self._held is None:
                self._held = next(self._tables, None)
            if self._held is None:
                break
            cut = int(np.searchsorted(self._held.column(PLACE).to_numpy(), end))
            taken.append(self._held.slice(0, cut))
            self._held = self._held.slice(cut) if cut < self._held.num_rows else None
            if self._held is not None:
                break
        rows = pa.concat_tables(taken) if taken else None
        if rows is None or not rows.num_rows:
            return np.empty(0, dtype=np.int64), None
        return rows.column(PLACE).to_numpy() - begin, rows.drop_columns([PLACE])


def _bounds(connection: duckdb.DuckDBPyConnection, file: Rows) -> Any:
    """Where in the table one bucket ends and the next one begins, so that each is about BUCKET_BYTES."""
    size = 0
    for path in file.paths:
        footer = pq.read_metadata(path)
        size += sum(footer.row_group(place).total_byte_size for place in range(footer.num_row_groups))
    # What Parquet calls uncompressed is still encoded; in memory it may be some times as much.
    a_row = max(16, 4 * size // max(1, sum(file.counts)))
    found = connection.execute("SELECT count(*) FROM pairs WHERE changed").fetchone()
    total = int(found[0]) if found else 0
    length = max(BUCKET_BYTES // a_row, -(-total // MOST_BUCKETS), 1)
    sql = (
        "SELECT old FROM (SELECT old, row_number() OVER (ORDER BY old) AS n FROM pairs WHERE changed) "
        f"WHERE n % {length:d} = 0 ORDER BY old"
    )
    return np.array([row[0] + 1 for row in connection.execute(sql).fetchall()], dtype=np.int64)
