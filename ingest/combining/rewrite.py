"""Parts written anew, a batch at a time: rows replaced in place, rows taken out, columns added."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.combining.fit import batches_of, conformed, one_part
from ingest.combining.keys import Numbers
from ingest.combining.replacements import Replacements
from ingest.combining.result import Workbench
from ingest.outcome import ConvertedPart
from ingest.parquet_writer import PartWriter


def rewrite_part(
    path: Path,
    *,
    name: str,
    start: int,
    schema: Any,
    bench: Workbench,
    replacements: Replacements | None = None,
    left_out: Numbers | None = None,
) -> ConvertedPart | None:
    """One part of a table in its new form; None when no row of it is left.

    ``start`` is the number of its first row over the whole table.
    """
    writer = one_part(bench, name, schema)
    written = 0
    for batch in batches_of([path], bench):
        whole = conformed(batch, schema)
        end = start + batch.num_rows
        if replacements is not None:
            whole = _replaced(whole, *replacements.within(start, end))
        if left_out is not None:
            whole = without(whole, left_out.within(start, end)[:, 0] - start)
        start = end
        written += whole.num_rows
        _write(writer, whole)
    if not written:
        writer.discard()
        return None
    return writer.finish()[0]


def write_rest(
    paths: Sequence[Path], *, name: str, left_out: Numbers, schema: Any, bench: Workbench
) -> tuple[ConvertedPart, ...]:
    """The file's rows but those that are ``left_out``, in its order, as parts; none when no row is left."""
    folder = bench.folder / name
    folder.mkdir()
    writer = PartWriter(folder, schema, bench.limits)
    start = written = 0
    for batch in batches_of(paths, bench):
        end = start + batch.num_rows
        rest = without(conformed(batch, schema), left_out.within(start, end)[:, 0] - start)
        start = end
        written += rest.num_rows
        _write(writer, rest)
    if written:
        return writer.finish()
    writer.discard()
    return ()


def _write(writer: PartWriter, batch: Any) -> None:
    if batch.num_rows:
        writer.write(batch)


def _replaced(batch: Any, places: Any, rows: Any) -> Any:
    """The batch with ``rows`` at the places; columns that they do not have stay as they are."""
    if rows is None:
        return batch
    order = np.arange(batch.num_rows, dtype=np.int64)
    order[places] = batch.num_rows + np.arange(len(places), dtype=np.int64)
    taken = pa.array(order)
    arrays = []
    for item, column in zip(batch.schema, batch.columns, strict=True):
        at = rows.schema.get_field_index(item.name)
        if at < 0:
            arrays.append(column)
            continue
        both = pa.concat_arrays([column, *rows.column(at).chunks])
        arrays.append(both.take(taken))
    return pa.record_batch(arrays, schema=batch.schema)


def without(batch: Any, places: Any) -> Any:
    """The batch without the rows at the places."""
    if not len(places):
        return batch
    kept = np.ones(batch.num_rows, dtype=bool)
    kept[places] = False
    return batch.filter(pa.array(kept))
