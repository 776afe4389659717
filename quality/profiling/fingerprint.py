"""The fingerprint of a table's content, whatever file it lies in: docs/fingerprint.md says how it is made.

The client has a second implementation of the same text, for whoever doubts the first; a test holds them together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ALGORITHM = "cf1"
BATCH = 1 << 16
BLOCKS = 64
"""As many at most, however many columns: each looks the names of its columns up among all."""

_NAMES: tuple[tuple[Any, str], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "number"),
    (pa.types.is_date, "date"),
    (pa.types.is_time, "time"),
    (pa.types.is_duration, "duration"),
    (pa.types.is_null, "null"),
    (pa.types.is_string, "text"),
    (pa.types.is_large_string, "text"),
    (pa.types.is_binary, "bytes"),
    (pa.types.is_large_binary, "bytes"),
    (pa.types.is_fixed_size_binary, "bytes"),
)
_PLAIN: dict[str, Any] = {
    "datetime": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
    "time": pa.time64("us"),
    "duration": pa.duration("us"),
    "date": pa.date32(),
}


def fingerprint(parts: Sequence[Path], *, threads: int = 1) -> dict[str, Any]:
    """``algorithm``, ``value`` and the sha256 of each column, of the rows of all parts in order.

    Reads the parts once; each thread takes a block of columns, so that none waits for another and only few are in
    memory at a time.
    """
    files = [(path, pq.read_metadata(path)) for path in parts]
    columns = {field.name: _Column(field.type) for field in files[0][1].schema.to_arrow_schema()}
    names = list(columns)
    width = -(-len(names) // BLOCKS) or 1
    with ThreadPoolExecutor(threads) as pool:
        blocks = [{name: columns[name] for name in names[at : at + width]} for at in range(0, len(names), width)]
        for _ in pool.map(lambda block: _take(block, files), blocks):
            pass
    # What the batches took is given back, for the checks that come after it.
    pa.default_memory_pool().release_unused()
    lines = [f"{ALGORITHM} {sum(footer.num_rows for _, footer in files)}"]
    lines += [f"{_word(name)} {column.kind} {column.digest()}" for name, column in columns.items()]
    value = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    digests = {name: column.digest() for name, column in columns.items()}
    return {"algorithm": ALGORITHM, "value": f"{ALGORITHM}-{value}", "columns": digests}


def _take(block: dict[str, _Column], files: Sequence[tuple[Path, pq.FileMetaData]]) -> None:
    """Let the columns have their values of all files. By a dotted name Parquet gives more columns than were meant."""
    for path, footer in files:
        with pq.ParquetFile(path, metadata=footer, pre_buffer=False) as file:
            # A table without rows has columns too.
            for name, column in block.items():
                column.add(pa.array([], file.schema_arrow.field(name).type))
            for batch in file.iter_batches(BATCH, columns=list(block), use_threads=False):
                for name, column in block.items():
                    column.add(batch.column(name))


class _Column:
    """A column's streams of bytes, each with a hash of its own: how the table is cut leaves no trace."""

    def __init__(self, kind: pa.DataType) -> None:
        self.kind = _kind_of(kind)
        self._streams: list[Any] = []

    def add(self, array: pa.Array) -> None:
        """Take the next values."""
        for place, data in enumerate(_streams(array)):
            if place == len(self._streams):
                self._streams.append(hashlib.sha256())
            self._streams[place].update(data)

    def digest(self) -> str:
        """The sha256 of all streams' hashes, in their order."""
        return hashlib.sha256(b"".join(stream.digest() for stream in self._streams)).hexdigest()


def _word(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _kind_of(found: pa.DataType) -> str:
    """The canonical name of an Arrow type, whatever its width."""
    types = pa.types
    if types.is_dictionary(found):
        return _kind_of(found.value_type)
    if types.is_nested(found):
        return _nested_kind(found)
    if types.is_decimal(found):
        return f"{'decimal' if found.precision <= 38 else 'bigdecimal'}({found.scale})"
    if types.is_timestamp(found):
        return "datetime" if found.tz is None else "instant"
    return next(name for test, name in _NAMES if test(found))


def _nested_kind(found: pa.DataType) -> str:
    if pa.types.is_map(found):
        return f"list<struct<{_kind_of(found.key_type)},{_kind_of(found.item_type)}>>"
    if pa.types.is_struct(found):
        return f"struct<{','.join(f'{_word(item.name)}:{_kind_of(item.type)}' for item in found)}>"
    return f"list<{_kind_of(found.value_type)}>"


def _streams(array: pa.Array) -> Iterator[Any]:
    """Which rows have a value, and these values; nothing of what lies under nulls."""
    types = pa.types
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if array.null_count == 0 and not types.is_null(array.type):
        yield np.ones(len(array), dtype="u1")
    else:
        yield _plain(pc.is_valid(array), "u1")
        if types.is_null(array.type):
            return
        array = array.drop_null()
    if types.is_map(array.type):
        array = array.cast(pa.list_(pa.struct([("key", array.type.key_type), ("value", array.type.item_type)])))
    if types.is_fixed_size_list(array.type):
        array = array.cast(pa.list_(array.type.value_type))
    if types.is_struct(array.type):
        for child in array.flatten():
            yield from _streams(child)
    elif types.is_list(array.type) or types.is_large_list(array.type):
        yield _plain(pc.list_value_length(array), "<i8")
        yield from _streams(array.flatten())
    else:
        yield from _flat(array)


def _flat(array: pa.Array) -> Iterator[Any]:
    kind = _kind_of(array.type)
    if kind in {"text", "bytes"}:
        yield from _lengths_and_bytes(array, pa.large_string() if kind == "text" else pa.large_binary())
    elif pa.types.is_decimal(array.type):
        wide = pa.decimal128(38, array.type.scale) if kind[0] == "d" else pa.decimal256(76, array.type.scale)
        array = array.cast(wide)
        width = wide.byte_width
        yield memoryview(array.buffers()[1] or b"")[array.offset * width : (array.offset + len(array)) * width]
    elif kind == "number":
        values = _plain(array, "<f8") + 0.0  # Of the two zeros the positive one, of all that are no numbers one.
        values[np.isnan(values)] = np.nan
        yield values
    elif kind == "boolean":
        yield _plain(array, "u1")
    else:
        array = array.cast(_PLAIN[kind]) if kind in _PLAIN else array
        array = array.cast(pa.int32()) if kind == "date" else array
        yield _plain(array.cast(pa.int64()), "<i8")


def _lengths_and_bytes(array: pa.Array, wide: pa.DataType) -> Iterator[Any]:
    if not len(array):
        yield b""  # Arrow has no buffers for nothing.
        yield b""
        return
    array = array.cast(wide)
    offsets = np.frombuffer(array.buffers()[1], dtype="<i8")[array.offset : array.offset + len(array) + 1]
    yield np.diff(offsets)
    data = array.buffers()[2]
    yield b"" if data is None else memoryview(data)[int(offsets[0]) : int(offsets[-1])]


def _plain(array: pa.Array, dtype: str) -> Any:
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=dtype)
