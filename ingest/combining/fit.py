"""A converted file brought into the columns of the table that it is added to.

The pipeline has read the file by the table's schema already, so that mostly there is nothing to do: what is left are
columns that the table does not have, and types that are the same to Table Schema and not to Arrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog.findings import Finding
from ingest.combining.result import NewColumns, Workbench
from ingest.outcome import ConvertedPart, RejectionError
from ingest.parquet_writer import PartWriter

BATCH_ROWS = 20_480


def wanted_schema(table: Any, file: Any, new_columns: NewColumns) -> tuple[Any, tuple[str, ...]]:
    """The Arrow schema that the table has afterwards, and the names of the columns that are new.

    Raises RejectionError (``columns-not-in-table``) for a column that the table lacks, unless new ones are wanted.
    """
    extra = [item for item in file if item.name not in table.names]
    if extra and new_columns == "refuse":
        names = ", ".join(item.name for item in extra)
        raise RejectionError(Finding("columns-not-in-table", params={"columns": names, "number": len(extra)}))
    return pa.schema([*table, *extra], metadata=table.metadata), tuple(item.name for item in extra)


def fitted(parts: Sequence[ConvertedPart], schema: Any, bench: Workbench) -> tuple[ConvertedPart, ...]:
    """The file's parts with exactly these columns and types; untouched where they have them already.

    A column that the file lacks is null. Raises RejectionError (``column-type-differs``) when a value can't be of the
    table's type.
    """
    if all(_is_same(part.path, schema) for part in parts):
        return tuple(parts)
    folder = bench.folder / "fitted"
    folder.mkdir()
    writer = PartWriter(folder, schema, bench.limits)
    for batch in batches_of([part.path for part in parts], bench):
        writer.write(conformed(batch, schema))
    return writer.finish()


def _is_same(path: Path, schema: Any) -> bool:
    return bool(pq.read_schema(path).equals(schema, check_metadata=False))


def batches_of(paths: Sequence[Path], bench: Workbench) -> Iterator[Any]:
    """Record batches of the Parquet files, in order, a few at a time."""
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                bench.pulse()
                yield batch


def conformed(batch: Any, schema: Any) -> Any:
    """The batch in the schema's columns, order and types: what it lacks is null, nothing is cast with loss."""
    arrays = []
    for item in schema:
        place = batch.schema.get_field_index(item.name)
        if place < 0:
            arrays.append(pa.nulls(batch.num_rows, item.type))
            continue
        array = batch.column(place)
        arrays.append(array if array.type == item.type else _cast(array, item))
    return pa.record_batch(arrays, schema=schema)


def _cast(array: Any, item: Any) -> Any:
    try:
        return pc.cast(array, item.type, safe=True)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        params = {"from": str(array.type), "to": str(item.type)}
        raise RejectionError(Finding("column-type-differs", column=item.name, params=params)) from None


def one_part(bench: Workbench, name: str, schema: Any) -> PartWriter:
    """A writer whose rows become one part, however many: parts keep their places in the table."""
    folder = bench.folder / name
    folder.mkdir()
    return PartWriter(folder, schema, replace(bench.limits, part_bytes=1 << 62))
