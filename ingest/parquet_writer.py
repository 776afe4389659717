"""The Parquet that everything downstream reads: one normal form, the same bytes for the same table.

Row groups of 122,880 rows or 64 MB, zstd 3, dictionaries on text that repeats (they make numbers and unique texts
bigger and slower), whole numbers and moments as packed differences (a third of the time and half the size of plain
ones; every reader since 2022 has them), page index and page checksums; measured in docs/performance.md.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.limits import Limits
from ingest.outcome import ConvertedPart

# Texts of which more than this share of the first rows are unlike have no use for a dictionary.
UNLIKE_SHARE = 0.8
UNLIKE_ROWS = 20_000
# Pages come in small pieces, and each piece handed to Python waits for the interpreter's lock.
BUFFER_BYTES = 1 << 20


class _HashedFile:
    """A file that is written from front to back, with the SHA-256 of what went in."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._sha256 = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._sha256.update(view)
        self.size += view.nbytes
        while view.nbytes:
            view = view[self._file.write(view) :]
        return len(data)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        self._file.close()
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


class PartWriter:
    """Writes batches as ``part-000.parquet``, ``part-001.parquet`` … in ``folder``, from one thread."""

    def __init__(self, folder: Path, schema: Any, limits: Limits, on_rows: Callable[[int], None] | None = None) -> None:
        self._folder = folder
        self._schema = schema
        self._limits = limits
        self._on_rows = on_rows
        self._pending: list[Any] = []
        self._pending_rows = self._pending_bytes = 0
        self._file: _HashedFile | None = None
        self._buffer: Any = None
        self._writer: Any = None
        self._path = folder
        self._rows = 0
        self.parts: list[ConvertedPart] = []

    def write(self, batch: Any) -> None:
        """Take a record batch; whole row groups go to the file."""
        limit = self._limits.row_group_rows
        while self._pending_rows + batch.num_rows >= limit:
            room = limit - self._pending_rows
            self._take(batch.slice(0, room))
            self._flush()
            batch = batch.slice(room)
        if batch.num_rows:
            self._take(batch)
            if self._pending_bytes >= self._limits.row_group_bytes:
                self._flush()

    def _take(self, batch: Any) -> None:
        self._pending.append(batch)
        self._pending_rows += batch.num_rows
        self._pending_bytes += batch.nbytes

    def _flush(self) -> None:
        table = pa.Table.from_batches(self._pending, self._schema)
        if self._writer is None:
            self._open(table)
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._rows += table.num_rows
        if self._on_rows:
            self._on_rows(table.num_rows)
        self._pending, self._pending_rows, self._pending_bytes = [], 0, 0
        if self._buffer.tell() >= self._limits.part_bytes:
            self._close()

    def _open(self, first: Any) -> None:
        self._path = self._folder / f"part-{len(self.parts):03}.parquet"
        self._file = _HashedFile(self._path)
        self._rows = 0
        self._buffer = pa.BufferedOutputStream(pa.PythonFile(self._file, mode="w"), BUFFER_BYTES)
        self._writer = pq.ParquetWriter(
            self._buffer,
            self._schema,
            compression="zstd",
            compression_level=3,
            use_dictionary=[item.name for item in self._schema if _repeats(item.type, first[item.name])],
            column_encoding={item.name: "DELTA_BINARY_PACKED" for item in self._schema if _is_counted(item.type)},
            write_page_index=True,
            write_page_checksum=True,
            coerce_timestamps="us",
        )

    def _close(self) -> None:
        if self._file is None:
            return
        self._writer.close()
        self._buffer.close()
        part = ConvertedPart(self._path, self._rows, self._file.size, self._file.hexdigest())
        self.parts.append(part)
        self._writer = self._buffer = self._file = None

    def finish(self) -> tuple[ConvertedPart, ...]:
        """Write what is left. A table without a row becomes one part without a row."""
        if self._pending or not (self.parts or self._writer):
            self._flush()
        self._close()
        return tuple(self.parts)

    def discard(self) -> None:
        """Remove everything that was written: the table is read again, or the upload has failed."""
        if self._file is not None:
            # What is thrown away need not be whole; an abandoned writer would complain later.
            with contextlib.suppress(OSError, pa.ArrowException):
                self._writer.close()
                self._buffer.close()
            self._file.close()
        for path in self._folder.glob("part-*.parquet"):
            path.unlink()
        self._writer = self._buffer = self._file = None
        self._pending, self._pending_rows, self._pending_bytes = [], 0, 0
        self.parts = []


def _repeats(kind: Any, cells: Any) -> bool:
    """Whether a column is text of which the first rows have the same values again and again."""
    if not pa.types.is_string(kind):
        return False
    present = cells.slice(0, UNLIKE_ROWS).drop_null()
    return bool(pc.count_distinct(present).as_py() <= UNLIKE_SHARE * len(present))


def _is_counted(kind: Any) -> bool:
    """Whether values of the type are whole numbers in the file."""
    return bool(pa.types.is_integer(kind) or pa.types.is_temporal(kind))
