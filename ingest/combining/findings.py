"""The findings of all files of a table as one file and one list: each says which original it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from catalog.findings import FindingGroup, severity
from ingest.findings_file import SCHEMA
from ingest.outcome import FindingReport

FILE = "file"
BATCH_ROWS = 20_480
SCHEMA_WITH_FILE = SCHEMA.append(pa.field(FILE, pa.string()))


@dataclass(frozen=True, slots=True)
class FindingsOf:
    """The findings of one file. ``path`` is None where there are none; ``filename`` is the original's name."""

    path: Path | None
    filename: str


def told_as(report: FindingReport, *, filename: str, renamed: Mapping[str, str], dropped: Collection[str]) -> Any:
    """The groups of a file that was added: some codes mean something else there, and some do not matter."""
    groups = []
    for group in report.groups:
        if group.code in dropped:
            continue
        code = renamed.get(group.code, group.code)
        samples = tuple(replace(sample, code=code) for sample in group.samples)
        params = {**group.params, FILE: filename}
        groups.append(FindingGroup(code, group.count, group.column, params, samples))
    return groups


def translated(
    report: FindingReport, target: Path, *, filename: str, renamed: Mapping[str, str], dropped: Collection[str]
) -> Path | None:
    """The same for every single finding: a Parquet with the column ``file``; None when none is left."""
    if report.path is None:
        return None
    rows = 0
    with pq.ParquetWriter(target, SCHEMA_WITH_FILE, compression="zstd", compression_level=3) as writer:
        for batch in _batches(FindingsOf(report.path, filename)):
            kept = batch.filter(pc.invert(pc.is_in(batch.column(0), pa.array(sorted(dropped), pa.string()))))
            for old, new in renamed.items():
                is_it = pc.equal(kept.column(0), old)
                kept = kept.set_column(0, SCHEMA.field(0), pc.if_else(is_it, new, kept.column(0)))
                kept = kept.set_column(1, SCHEMA.field(1), pc.if_else(is_it, severity(new), kept.column(1)))
            rows += kept.num_rows
            writer.write_batch(kept)
    return target if rows else None


def joined(files: Sequence[FindingsOf], target: Path) -> Path | None:
    """The findings of the files one after the other, as one Parquet; None when there is not one."""
    if all(item.path is None for item in files):
        return None
    with pq.ParquetWriter(target, SCHEMA_WITH_FILE, compression="zstd", compression_level=3) as writer:
        for item in files:
            for batch in _batches(item):
                writer.write_batch(batch)
    return target


def _batches(item: FindingsOf) -> Iterator[Any]:
    if item.path is None:
        return
    with pq.ParquetFile(item.path) as file:
        for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
            arrays = [batch.column(name) for name in SCHEMA.names]
            is_told = FILE in batch.schema.names
            arrays.append(batch.column(FILE) if is_told else pa.repeat(item.filename, batch.num_rows))
            yield pa.record_batch(arrays, schema=SCHEMA_WITH_FILE)
