"""Arrow files: IPC files (Feather v2), IPC streams and Feather v1."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather

from catalog.findings import Finding
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.readers.native import NativeTable, damaged

BATCH_ROWS = 32_768
_FILE, _FEATHER_1 = b"ARROW1", b"FEA1"


class ArrowTable(NativeTable):
    """One Arrow file as a table."""

    words = "Arrow"

    def __init__(self, path: Path, *, title: str, limits: Limits) -> None:
        with path.open("rb") as file:
            magic = file.read(6)
        self._kind = "file" if magic == _FILE else "feather-v1" if magic[:4] == _FEATHER_1 else "stream"
        if self._kind == "feather-v1" and path.stat().st_size > limits.max_tree_bytes:
            # The library reads the first version of Feather as a whole.
            params = {"bytes": path.stat().st_size, "limit": limits.max_tree_bytes}
            raise RejectionError(Finding("file-too-large", params=params))
        self._path = path
        try:
            with pa.memory_map(str(path)) as mapped:
                schema, total = self._look(mapped)
        except (OSError, pa.ArrowException, ValueError) as error:
            raise RejectionError(self._refusal(error)) from error
        super().__init__(
            path,
            title=title,
            limits=limits,
            schema=schema,
            total=total,
            source={"format": "arrow", "container": self._kind},
        )

    def _look(self, mapped: Any) -> tuple[Any, int]:
        """The schema and the number of rows; a stream tells its rows only when it has been read."""
        if self._kind == "feather-v1":
            table = _read_first_version(mapped)
            return table.schema, table.num_rows
        if self._kind == "stream":
            return pa.ipc.open_stream(mapped).schema, 0
        reader = pa.ipc.open_file(mapped)
        return reader.schema, sum(reader.get_batch(place).num_rows for place in range(reader.num_record_batches))

    def _refusal(self, error: Exception) -> Finding:
        if self._kind == "file":
            with self._path.open("rb") as file:
                file.seek(max(self._path.stat().st_size - len(_FILE), 0))
                if file.read() != _FILE:
                    return Finding("file-truncated", params={"format": "Arrow", "reason": "its footer is missing"})
        return damaged("Arrow", error)

    def _read(self) -> Iterator[Any]:
        with pa.memory_map(str(self._path)) as mapped:
            for batch in self._whole_batches(mapped):
                # What a file says of its own offsets is not to be believed before it is looked at.
                batch.validate(full=True)
                for start in range(0, batch.num_rows, BATCH_ROWS):
                    yield batch.slice(start, BATCH_ROWS)

    def _whole_batches(self, mapped: Any) -> Iterator[Any]:
        if self._kind == "feather-v1":
            yield from _read_first_version(mapped).to_batches()
        elif self._kind == "stream":
            yield from pa.ipc.open_stream(mapped)
        else:
            reader = pa.ipc.open_file(mapped)
            for place in range(reader.num_record_batches):
                yield reader.get_batch(place)


def _read_first_version(mapped: Any) -> Any:
    with warnings.catch_warnings():
        # The library is going to give the first version up; its owner's file is here now.
        warnings.simplefilter("ignore", DeprecationWarning)
        return pyarrow.feather.read_table(mapped)
