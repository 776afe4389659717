"""Parquet uploads, streamed by row group."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.findings import Finding
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.readers.native import NativeTable, damaged

BATCH_ROWS = 32_768
# Cells of a batch, so that a table of tens of thousands of columns comes in pieces that memory holds.
BATCH_CELLS = 4_000_000
_MAGIC = b"PAR1"


class ParquetTable(NativeTable):
    """One Parquet file as a table."""

    words = "Parquet"

    def __init__(self, path: Path, *, title: str, limits: Limits) -> None:
        file = _open(path)
        metadata = file.metadata
        unpacked = sum(metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
        if unpacked > limits.max_unpacked_bytes:
            ratio = unpacked // max(path.stat().st_size, 1)
            params = {"limit": limits.max_unpacked_bytes, "ratio": ratio}
            raise RejectionError(Finding("archive-too-large", params=params))
        source = {"format": "parquet", "created_by": metadata.created_by, "row_groups": file.num_row_groups}
        super().__init__(
            path, title=title, limits=limits, schema=file.schema_arrow, total=metadata.num_rows, source=source
        )

    def _read(self) -> Iterator[Any]:
        rows = max(1, min(BATCH_ROWS, BATCH_CELLS // max(len(self._schema), 1)))
        return iter(_open(self._path).iter_batches(batch_size=rows))


def _open(path: Path) -> Any:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - len(_MAGIC), 0))
            if file.read() != _MAGIC:
                params = {"format": "Parquet", "reason": "its footer is missing"}
                raise RejectionError(Finding("file-truncated", params=params)) from error
        raise RejectionError(damaged("Parquet", error)) from error
