"""Arrow's types in the normal form that every protocol's client can read, and in Table Schema's words."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from catalog.table_schema import FieldType

types = pa.types

_SIGNED = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(), pa.uint64(): pa.int64()}


@dataclass(frozen=True, slots=True)
class Normal:
    """``type`` is what is stored; ``reason`` is set when people should know that it is another one.

    A ``lossy`` normal form may round (nanoseconds) and is chosen only when the exact one did not fit.
    """

    type: Any
    reason: str = ""
    lossy: bool = False

    def wider(self) -> Normal:
        """What is stored instead when a value does not fit."""
        if types.is_timestamp(self.type):
            return Normal(self.type, "nanoseconds are cut to microseconds", lossy=True)
        if types.is_integer(self.type):
            return Normal(pa.decimal128(20, 0), "unsigned numbers beyond 2^63 are kept as decimals")
        return Normal(pa.string(), "its values fit no other type", lossy=True)


_BYTES = Normal(pa.string(), "bytes are kept as text, in base64 where they are no UTF-8")


def normal_type(kind: Any) -> Normal:
    """The normal form of an Arrow type: signed, microseconds, UTC, plain, no time of day as a number."""
    if types.is_dictionary(kind):
        return normal_type(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return normal_type(kind.storage_type)
    if types.is_unsigned_integer(kind):
        return Normal(_SIGNED[kind])
    if types.is_timestamp(kind):
        return Normal(pa.timestamp("us", "UTC" if kind.tz else None))
    if types.is_nested(kind):
        return _normal_nested(kind)
    return _normal_scalar(kind)


# What each kind of scalar becomes; the first test that holds decides.
_SCALARS: tuple[tuple[Callable[[Any], bool], Normal], ...] = (
    (types.is_large_string, Normal(pa.string())),
    (types.is_string_view, Normal(pa.string())),
    (types.is_null, Normal(pa.string())),
    (types.is_date64, Normal(pa.date32())),
    (types.is_float16, Normal(pa.float32())),
    (types.is_time, Normal(pa.string(), "a time of day is kept as text such as 09:30:00")),
    (types.is_duration, Normal(pa.int64(), "a duration is kept as a number in its own unit")),
    (types.is_decimal256, Normal(pa.string(), "it has more digits than most readers can hold")),
    (types.is_binary, _BYTES),
    (types.is_large_binary, _BYTES),
    (types.is_fixed_size_binary, _BYTES),
    (types.is_binary_view, _BYTES),
    (types.is_interval, Normal(pa.string(), "an interval is kept as text")),
)


def _normal_scalar(kind: Any) -> Normal:
    return next((normal for test, normal in _SCALARS if test(kind)), Normal(kind))


def _normal_nested(kind: Any) -> Normal:
    if types.is_struct(kind):
        return Normal(pa.struct([(item.name, normal_type(item.type).type) for item in kind.fields]))
    if types.is_map(kind):
        return Normal(pa.map_(normal_type(kind.key_type).type, normal_type(kind.item_type).type))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return Normal(pa.list_(normal_type(kind.value_type).type))
    return Normal(pa.string(), "this kind of nesting is kept as text")


def normalise(column: Any, normal: Normal) -> Any | None:
    """The column in its normal type, or None when a value does not fit it."""
    if column.type == normal.type:
        return column
    if isinstance(column.type, pa.BaseExtensionType):
        return normalise(column.storage, normal)
    if types.is_dictionary(column.type):
        return normalise(column.dictionary_decode(), normal)
    try:
        return _cast(column, normal)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _cast(column: Any, normal: Normal) -> Any:
    if types.is_string(normal.type):
        return _as_text(column)
    if types.is_duration(column.type):
        return pc.cast(column, pa.int64())
    return pc.cast(column, normal.type, safe=not normal.lossy)


def _as_text(column: Any) -> Any:
    kind = column.type
    if types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind) or types.is_decimal(kind):
        return pc.cast(column, pa.string())
    if types.is_time(kind):
        return pa.array([None if value is None else value.isoformat() for value in column.to_pylist()], pa.string())
    return pa.array([_value_text(value) for value in column.to_pylist()], pa.string())


def _value_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    return str(value)


_FIELD_TYPES: tuple[tuple[Callable[[Any], bool], FieldType], ...] = (
    (types.is_integer, "integer"),
    (types.is_floating, "number"),
    (types.is_decimal, "number"),
    (types.is_boolean, "boolean"),
    (types.is_date, "date"),
    (types.is_timestamp, "datetime"),
    (types.is_struct, "object"),
    (types.is_map, "object"),
    (types.is_list, "array"),
)


def field_type(kind: Any) -> FieldType:
    """The Table Schema type of a normal Arrow type."""
    return next((name for test, name in _FIELD_TYPES if test(kind)), "string")
