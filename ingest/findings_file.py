"""Every finding, however many, in files; and the groups with samples that people look at.

Findings arrive while batches pass, a million at a time if need be, so that they are kept on disk as Arrow
batches and never as objects. At the end they are written as Parquet and CSV, with the physical lines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from catalog.findings import Finding, FindingGroup, severity
from ingest.outcome import FindingReport

SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("severity", pa.string()),
        ("row", pa.int64()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("params", pa.string()),
    ]
)

GROUP_ROWS = 122_880
FEW = 2_000

# Physical lines of the records with the given (ascending) row numbers.
LineFinder = Callable[[Any], Any]


class _Group:
    def __init__(self, code: str, column: str | None, params: Mapping[str, Any]) -> None:
        self.code, self.column, self.params = code, column, params
        self.count = 0
        self.samples: list[Finding] = []


class FindingsLog:
    """Collects the findings of one table (or of the file as a whole) and writes them out at the end."""

    def __init__(self, folder: Path, samples_per_group: int) -> None:
        self._folder = folder
        self._limit = samples_per_group
        self._groups: dict[tuple[str, str | None], _Group] = {}
        self._spool_path = folder / "findings.arrows"
        self._spool: Any = None
        self._count = 0
        self._pending: tuple[list[Any], ...] = tuple([] for _ in SCHEMA)

    # ------------------------------------------------------------------------------------------- adding

    def add(self, finding: Finding, *, count: int = 1) -> None:
        """One finding. ``count`` is given when it stands for several alike (so many cells of one token)."""
        self._keep(
            (
                [finding.code],
                [severity(finding.code)],
                [finding.row],
                [finding.line],
                [finding.column],
                [finding.value],
                [_json(finding.params)],
            )
        )
        group = self._group(finding.code, finding.column, finding.params)
        group.count += count
        self._count += count
        if len(group.samples) < self._limit:
            group.samples.append(finding)

    def add_cells(self, code: str, column: str, rows: Any, values: Any, params: Mapping[str, Any]) -> None:
        """Many cells of one column: ``rows`` is an int64 array, ``values`` the text that stood there."""
        size = len(rows)
        shared = (code, severity(code), column, _json(params))
        if size <= FEW:
            numbers, texts = rows.to_pylist(), values.to_pylist()
            self._keep(
                (
                    *([item] * size for item in shared[:2]),
                    numbers,
                    [None] * size,
                    [column] * size,
                    texts,
                    [shared[3]] * size,
                )
            )
        else:
            self._flush()
            arrays = [pa.repeat(item, size) for item in shared[:2]]
            arrays += [
                rows,
                pa.nulls(size, pa.int64()),
                pa.repeat(column, size),
                values,
                pa.repeat(shared[3], size),
            ]
            self._write(arrays)
        group = self._group(code, column, params)
        group.count += size
        self._count += size
        room = self._limit - len(group.samples)
        if room > 0:
            pairs = zip(rows.slice(0, room).to_pylist(), values.slice(0, room).to_pylist(), strict=True)
            group.samples += [Finding(code, row=row, column=column, value=value, params=params) for row, value in pairs]

    def samples(self, code: str, column: str | None) -> tuple[Finding, ...]:
        """The first findings of one kind in one column."""
        group = self._groups.get((code, column))
        return tuple(group.samples) if group is not None else ()

    def reset(self) -> None:
        """Forget everything: the table is read again."""
        self._close_spool()
        self._spool_path.unlink(missing_ok=True)
        self._groups.clear()
        self._count = 0
        self._pending = tuple([] for _ in SCHEMA)

    def _group(self, code: str, column: str | None, params: Mapping[str, Any]) -> _Group:
        return self._groups.setdefault((code, column), _Group(code, column, params))

    def _keep(self, columns: tuple[list[Any], ...]) -> None:
        """Gather small lots: a batch on disk for each of them would cost more than the findings do."""
        for pending, column in zip(self._pending, columns, strict=True):
            pending.extend(column)
        if len(self._pending[0]) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        if self._pending[0]:
            pairs = zip(self._pending, SCHEMA, strict=True)
            self._write([pa.array(column, item.type) for column, item in pairs])
            self._pending = tuple([] for _ in SCHEMA)

    def _write(self, arrays: list[Any]) -> None:
        if self._spool is None:
            self._spool = pa.ipc.new_file(str(self._spool_path), SCHEMA)
        self._spool.write_batch(pa.record_batch(arrays, schema=SCHEMA))

    def _close_spool(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    # ----------------------------------------------------------------------------------------- finishing

    def finish(self, lines: LineFinder | None = None) -> FindingReport:
        """Write ``findings.parquet`` and ``findings.csv``; ``lines`` finds the lines of the rows."""
        if not self._count:
            return FindingReport()
        self._flush()
        self._close_spool()
        path, csv_path = self._folder / "findings.parquet", self._folder / "findings.csv"
        with pa.memory_map(str(self._spool_path)) as file:
            spool = pa.ipc.open_file(file)
            numbers = _numbers(spool) if lines else None
            found = lines(numbers) if lines and numbers is not None and len(numbers) else None
            with (
                pq.ParquetWriter(path, SCHEMA, compression="zstd", compression_level=3) as parquet,
                pcsv.CSVWriter(str(csv_path), SCHEMA) as csv_writer,
            ):
                for table in _in_groups(spool):
                    lined = _with_lines(table, numbers, found)
                    parquet.write_table(lined)
                    csv_writer.write_table(lined)
        self._spool_path.unlink()
        groups = tuple(self._finished(group, numbers, found) for group in self._ordered())
        return FindingReport(self._count, groups, path, csv_path)

    def _ordered(self) -> Iterable[_Group]:
        rank = {"reject": 0, "error": 1, "warning": 2, "info": 3}
        return sorted(self._groups.values(), key=lambda group: rank[severity(group.code)])

    @staticmethod
    def _finished(group: _Group, numbers: Any, found: Any) -> FindingGroup:
        samples = tuple(_sample_with_line(item, numbers, found) for item in group.samples)
        return FindingGroup(group.code, group.count, group.column, group.params, samples)


def _json(params: Mapping[str, Any]) -> str | None:
    return json.dumps(dict(params), ensure_ascii=False, sort_keys=True) if params else None


def _numbers(spool: Any) -> Any:
    """The rows of all findings, ascending and each once."""
    pieces = [spool.get_batch(place).column("row").drop_null() for place in range(spool.num_record_batches)]
    return np.unique(np.concatenate([piece.to_numpy(zero_copy_only=False) for piece in pieces])) if pieces else None


def _in_groups(spool: Any) -> Iterator[Any]:
    """The spool's many small batches, put together to row groups."""
    pending: list[Any] = []
    rows = 0
    for place in range(spool.num_record_batches):
        batch = spool.get_batch(place)
        pending.append(batch)
        rows += batch.num_rows
        if rows >= GROUP_ROWS:
            yield pa.Table.from_batches(pending, SCHEMA).combine_chunks()
            pending, rows = [], 0
    if pending:
        yield pa.Table.from_batches(pending, SCHEMA).combine_chunks()


def _with_lines(table: Any, numbers: Any, found: Any) -> Any:
    if found is None:
        return table
    rows = table.column("row").combine_chunks()
    places = np.searchsorted(numbers, pc.fill_null(rows, 0).to_numpy(zero_copy_only=False))
    lines = pa.array(found[np.minimum(places, len(found) - 1)], mask=np.asarray(pc.is_null(rows)))
    return table.set_column(3, SCHEMA.field("line"), pc.coalesce(table.column("line"), lines))


def _sample_with_line(item: Finding, numbers: Any, found: Any) -> Finding:
    if found is None or item.row is None or item.line is not None:
        return item
    line = int(found[np.searchsorted(numbers, item.row)])
    return Finding(item.code, item.row, line, item.column, item.value, item.params)
