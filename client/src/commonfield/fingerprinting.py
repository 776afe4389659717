"""The fingerprint of a table's content, whatever file it lies in: docs/fingerprint.md says how it is made.

The site publishes one for each table of a version. Whoever has the table as Parquet, as CSV read with its schema, in a
database or in memory can compute it anew, and so know that these are the published values, in the published order.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commonfield.errors import BadArgument, MissingExtra

if TYPE_CHECKING:
    import pyarrow as pa

ALGORITHM = "cf1"
_BATCH = 1 << 17
_NAMES = {
    "boolean": ("boolean",),
    "integer": ("integer",),
    "number": ("floating",),
    "date": ("date",),
    "time": ("time",),
    "duration": ("duration",),
    "null": ("null",),
    "text": ("string", "large_string", "string_view"),
    "bytes": ("binary", "large_binary", "fixed_size_binary"),
}


@dataclass(frozen=True)
class Fingerprint:
    """``value`` is ``cf1-`` and 64 hex digits; ``columns`` has the sha256 of each column, by its name."""

    value: str
    rows: int
    columns: dict[str, str]


def fingerprint(table: Any) -> Fingerprint:
    """The fingerprint of a pyarrow Table, a Parquet file's path, several of them in order, or a pandas or Polars frame.

    Types count: a column of texts is not one of numbers. Raises BadArgument for a type that has no canonical form
    (whole numbers beyond 64 bits that are no decimals, moments finer than microseconds), MissingExtra.
    """
    return of_batches(_batches_of(table))


def of_batches(batches: Iterable[pa.RecordBatch]) -> Fingerprint:
    """The fingerprint of a table that comes in pieces; how it is cut makes no difference. Raises BadArgument."""
    columns: dict[str, _Column] = {}
    rows = 0
    for batch in batches:
        if not columns:
            columns = {field.name: _Column(field.type) for field in batch.schema}
        rows += batch.num_rows
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            columns[name].add(array)
    digests = {name: column.digest() for name, column in columns.items()}
    lines = [f"{ALGORITHM} {rows}"]
    lines += [
        f"{json.dumps(name, ensure_ascii=False)} {columns[name].kind} {digest}" for name, digest in digests.items()
    ]
    value = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return Fingerprint(f"{ALGORITHM}-{value}", rows, digests)


class _Column:
    """A column's streams of bytes, each with a hash of its own, so that the cut into batches leaves no trace."""

    def __init__(self, kind: pa.DataType) -> None:
        self.kind = kind_of(kind)
        self._streams: list[Any] = []

    def add(self, array: pa.Array) -> None:
        for place, data in enumerate(_streams(array)):
            if place == len(self._streams):
                self._streams.append(hashlib.sha256())
            self._streams[place].update(data)

    def digest(self) -> str:
        return hashlib.sha256(b"".join(stream.digest() for stream in self._streams)).hexdigest()


def kind_of(found: pa.DataType) -> str:
    """The canonical name of an Arrow type, whatever its width. Raises BadArgument for one that has none."""
    types = _arrow().types
    if types.is_dictionary(found):
        return kind_of(found.value_type)
    if types.is_nested(found):
        return _nested_kind(found)
    if types.is_decimal(found):
        return f"{'decimal' if found.precision <= 38 else 'bigdecimal'}({found.scale})"
    if types.is_timestamp(found):
        return "datetime" if found.tz is None else "instant"
    for name, tests in _NAMES.items():
        if any(getattr(types, f"is_{test}")(found) for test in tests):
            return name
    raise BadArgument(f"A column of type {found} has no fingerprint.", "Cast it to a plainer type.")


def _nested_kind(found: pa.DataType) -> str:
    types = _arrow().types
    if types.is_map(found):
        return f"list<struct<{kind_of(found.key_type)},{kind_of(found.item_type)}>>"
    if types.is_struct(found):
        members = (f"{json.dumps(item.name, ensure_ascii=False)}:{kind_of(item.type)}" for item in found)
        return f"struct<{','.join(members)}>"
    if hasattr(found, "value_type"):
        return f"list<{kind_of(found.value_type)}>"
    raise BadArgument(f"A column of type {found} has no fingerprint.", "Cast it to a plainer type.")


def _streams(array: pa.Array) -> Iterator[Any]:
    """The streams of one array: which rows have a value, and these values, nothing of what lies under nulls."""
    pa = _arrow()
    np = importlib.import_module("numpy")
    compute = importlib.import_module("pyarrow.compute")
    types = pa.types
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    yield np.asarray(compute.is_valid(array).to_numpy(zero_copy_only=False), dtype="u1")
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
        yield _numbers(compute.list_value_length(array), "i8")
        yield from _streams(array.flatten())
    else:
        yield from _flat(array)


def _flat(array: pa.Array) -> Iterator[Any]:
    pa = _arrow()
    np = importlib.import_module("numpy")
    types = pa.types
    kind = kind_of(array.type)
    try:
        if kind in {"text", "bytes"} and not len(array):
            yield b""  # Lengths, and then what is that long: Arrow has no buffers for nothing.
            yield b""
        elif kind in {"text", "bytes"}:
            array = array.cast(pa.large_string() if kind == "text" else pa.large_binary())
            offsets = np.frombuffer(array.buffers()[1], dtype="<i8")[array.offset : array.offset + len(array) + 1]
            yield np.diff(offsets).astype("<i8")
            data = array.buffers()[2]
            yield b"" if data is None else memoryview(data)[int(offsets[0]) : int(offsets[-1])]
        elif types.is_decimal(array.type):
            wide = (
                pa.decimal128(38, array.type.scale)
                if kind.startswith("decimal")
                else pa.decimal256(76, array.type.scale)
            )
            array = array.cast(wide)
            width = wide.byte_width
            yield memoryview(array.buffers()[1] or b"")[array.offset * width : (array.offset + len(array)) * width]
        elif kind == "number":
            values = _numbers(array, "f8") + 0.0  # Of the two zeros the positive one, of all that are no numbers one.
            values[np.isnan(values)] = np.nan
            yield values
        elif kind == "boolean":
            yield np.asarray(array.to_numpy(zero_copy_only=False), dtype="u1")
        else:
            plain = {
                "datetime": pa.timestamp("us"),
                "instant": pa.timestamp("us", "UTC"),
                "time": pa.time64("us"),
                "duration": pa.duration("us"),
                "date": pa.date32(),
            }.get(kind)
            array = array if plain is None else array.cast(plain)
            array = array.cast(pa.int32()) if kind == "date" else array
            yield _numbers(array.cast(pa.int64()), "i8")
    except pa.ArrowInvalid as error:
        raise BadArgument(f"A column of type {array.type} has no exact fingerprint: {error}", "Cast it.") from None


def _numbers(array: pa.Array, kind: str) -> Any:
    np = importlib.import_module("numpy")
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=f"<{kind}")


def _batches_of(table: Any) -> Iterator[pa.RecordBatch]:
    pa = _arrow()
    if isinstance(table, str | Path):
        table = [table]
    if isinstance(table, list | tuple):
        parquet = importlib.import_module("pyarrow.parquet")
        for path in table:
            file = parquet.ParquetFile(path)
            yield pa.RecordBatch.from_pylist([], schema=file.schema_arrow)
            yield from file.iter_batches(_BATCH)
        return
    if isinstance(table, pa.Table):
        found = table
    elif hasattr(table, "to_arrow"):
        found = table.to_arrow()
    elif hasattr(table, "iloc"):
        found = pa.Table.from_pandas(table, preserve_index=False)
    else:
        raise BadArgument("This is no table.", "Give a pyarrow Table, a frame, or the path of a Parquet file.")
    # A table without rows has columns too.
    yield pa.RecordBatch.from_pylist([], schema=found.schema)
    yield from found.to_batches(max_chunksize=_BATCH)


def _arrow() -> Any:
    try:
        return importlib.import_module("pyarrow")
    except ImportError as error:
        raise MissingExtra("pyarrow is not installed.", "Run: pip install 'commonfield[pyarrow]'.") from error
