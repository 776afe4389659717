"""Parquet uploads: streamed by row group, with types brought into the normal form that every client reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.findings import Finding
from ingest.arrow_types import Normal, normal_type, normalise
from ingest.infer import Sample
from ingest.limits import Limits
from ingest.names import column_names
from ingest.outcome import RejectionError
from ingest.table import Batch, ReadAgainError, TableFacts

BATCH_ROWS = 32_768
_MAGIC = b"PAR1"


class ParquetTable:
    """One Parquet file as a table."""

    def __init__(self, path: Path, *, title: str, limits: Limits) -> None:
        self._path = path
        self._file = _open(path)
        schema = self._file.schema_arrow
        if len(schema) > limits.max_columns:
            params = {"columns": len(schema), "limit": limits.max_columns}
            raise RejectionError(Finding("too-many-columns", params=params))
        unpacked = sum(
            self._file.metadata.row_group(place).total_byte_size for place in range(self._file.metadata.num_row_groups)
        )
        if unpacked > limits.max_unpacked_bytes:
            ratio = unpacked // max(path.stat().st_size, 1)
            params = {"limit": limits.max_unpacked_bytes, "ratio": ratio}
            raise RejectionError(Finding("archive-too-large", params=params))
        self._normal = [normal_type(item.type) for item in schema]
        self._title = title
        self.facts = self._describe()

    def _describe(self) -> TableFacts:
        schema = self._file.schema_arrow
        names = column_names(schema.names)
        findings, steps = [], []
        for name, item, normal in zip(names, schema, self._normal, strict=True):
            if normal.type == item.type:
                continue
            steps.append(
                {
                    "step": "normalise-type",
                    "column": name.name,
                    "from": str(item.type),
                    "to": str(normal.type),
                }
            )
            if normal.reason:
                params = {"from": str(item.type), "to": str(normal.type), "reason": normal.reason}
                findings.append(Finding("values-simplified", column=name.name, params=params))
        return TableFacts(
            title=self._title,
            names=names,
            titles=tuple(schema.names),
            first_row=1,
            size=self._path.stat().st_size,
            source={
                "format": "parquet",
                "created_by": self._file.metadata.created_by,
                "row_groups": self._file.num_row_groups,
            },
            recipe=tuple(steps),
            findings=tuple(findings),
            native=tuple(normal.type for normal in self._normal),
        )

    def samples(self) -> list[Sample]:
        """Nothing is inferred: the types are the file's own."""
        return [Sample({}, whole=True) for _ in self._normal]

    def batches(self) -> Iterator[Batch]:
        """All rows, each column in its normal type.

        Raises ReadAgainError when a value does not fit the normal type: the next pass has a wider one.
        """
        total, done = max(self._file.metadata.num_rows, 1), 0
        try:
            for batch in _open(self._path).iter_batches(batch_size=BATCH_ROWS):
                columns = [self._normalised(place, column) for place, column in enumerate(batch.columns)]
                done += batch.num_rows
                yield Batch(columns, batch.num_rows, self.facts.size * done // total)
        except (OSError, pa.ArrowException) as error:
            raise RejectionError(_damaged(error)) from error

    def _normalised(self, place: int, column: Any) -> Any:
        normal = self._normal[place]
        result = normalise(column, normal)
        if result is None:
            self._normal[place] = normal.wider()
            self.facts = self._describe()
            raise ReadAgainError
        return result

    def lines(self, rows: Any) -> Any | None:  # noqa: ARG002 -- Parquet has rows and no lines
        return None


def _open(path: Path) -> Any:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - len(_MAGIC), 0))
            if file.read() != _MAGIC:
                params = {"format": "Parquet", "reason": "its footer is missing"}
                raise RejectionError(Finding("file-truncated", params=params)) from error
        raise RejectionError(_damaged(error)) from error


def _damaged(error: Exception) -> Finding:
    return Finding("format-damaged", params={"format": "Parquet", "reason": str(error).splitlines()[0]})


__all__ = ["Normal", "ParquetTable"]
