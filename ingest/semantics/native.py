"""What the values of columns mean that came with a type of their own (Parquet, Arrow): told from what was written.

Such columns are passed on as they are, without a look at a cell. A few rows of each row group propose a meaning, and
only for a column that has one the others are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.columns.plan import ColumnPlan, Kind
from ingest.semantics.detect import Confirmation, semantic_of

SAMPLE_ROWS = 500
SAMPLED_GROUPS = 4
BATCH_ROWS = 20_480
# A table of tens of thousands of columns is not sampled at once.
BATCH_COLUMNS = 500


def native_meanings(parts: Sequence[Path], plans: Sequence[ColumnPlan]) -> dict[str, str]:
    """The codes of what the values mean, by column, for columns of text and numbers that came typed.

    ``parts`` are the table's Parquet files. Columns that are nothing special are missing.
    """
    kinds = {plan.name: kind for plan in plans if plan.native is not None and (kind := _kind(plan.native))}
    sources = {plan.name: plan.source_name for plan in plans if plan.name in kinds}
    names = list(kinds)
    found: dict[str, str] = {}
    for start in range(0, len(names), BATCH_COLUMNS):
        for name, counts in _samples(parts, names[start : start + BATCH_COLUMNS]).items():
            if code := semantic_of(ColumnPlan(name, sources[name], kind=kinds[name]), counts):
                found[name] = code
    return {name: code for name, code in _confirmed(parts, found) if code}


def _kind(native: Any) -> Kind | None:
    if pa.types.is_string(native) or pa.types.is_large_string(native):
        return "string"
    if pa.types.is_integer(native):
        return "integer"
    if pa.types.is_floating(native):
        return "number"
    return "decimal" if pa.types.is_decimal(native) else None


def _samples(parts: Sequence[Path], names: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """The first rows of some row groups that lie evenly over the table, as texts with how often they stand there."""
    places = [(path, group) for path in parts for group in range(pq.read_metadata(path).num_row_groups)]
    step = -(-len(places) // SAMPLED_GROUPS) or 1
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for path, group in places[::step]:
        with pq.ParquetFile(path) as file:
            batches = file.iter_batches(batch_size=SAMPLE_ROWS, row_groups=[group], columns=list(names))
            for batch in _first(batches):
                for name in names:
                    counts[name].update(str(value) for value in batch.column(name).to_pylist() if value is not None)
    return counts


def _first(batches: Iterator[Any]) -> Iterator[Any]:
    batch = next(batches, None)
    if batch is not None:
        yield batch


def _confirmed(parts: Sequence[Path], codes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each of the columns with its meaning, or with "" if too many cells have another."""
    if not codes:
        return
    confirmations = {name: Confirmation(code) for name, code in codes.items()}
    for path in parts:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(codes)):
                for name, confirmation in confirmations.items():
                    confirmation.look(batch.column(name))
    for name, confirmation in confirmations.items():
        yield name, confirmation.code
