"""Frozen dataclasses to JSON and back, by their annotations alone.

The annotation says what may come, never the data: a message can name no class and make no object that the reader's
own types don't declare. Values are checked and not converted, so that 5 stays 5 and does not become 5.0.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_TAG = "$type"


class NotOfType(Exception):
    """The data are not of the type that was asked for."""


def encode(value: Any) -> Any:
    """What ``json`` can write. A dataclass carries its name, for the reader to choose among those it declares."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {item.name: encode(getattr(value, item.name)) for item in dataclasses.fields(value)}
        return {_TAG: type(value).__name__, **fields}
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    return value


def decode(kind: Any, data: Any) -> Any:
    """A value of type ``kind``. Raises NotOfType."""
    if kind is Any:
        return data
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _decode_dataclass(kind, data)
    origin = get_origin(kind)
    return _decode_plain(kind, data) if origin is None else _decode_generic(origin, kind, data)


def _decode_generic(origin: Any, kind: Any, data: Any) -> Any:
    arguments = get_args(kind)
    if origin in {Union, UnionType}:
        return _decode_union(arguments, data)
    if origin is Literal:
        return _expect(data in arguments, kind, data)
    if origin in {tuple, list} or (isinstance(origin, type) and issubclass(origin, Sequence)):
        _expect(isinstance(data, list), kind, data)
        return _decode_items(origin, arguments, data)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        _expect(isinstance(data, dict), kind, data)
        return {decode(arguments[0], key): decode(arguments[1], item) for key, item in data.items()}
    raise TypeError(f"{kind} can't be sent")


def _decode_plain(kind: Any, data: Any) -> Any:
    if kind is Path:
        return Path(_expect(isinstance(data, str), kind, data))
    if kind is float:
        return _expect(isinstance(data, int | float) and not isinstance(data, bool), kind, data)
    if kind is int:
        return _expect(isinstance(data, int) and not isinstance(data, bool), kind, data)
    if kind in {None, NoneType}:
        return _expect(data is None, kind, data)
    if kind in {str, bool, dict, list}:
        return _expect(isinstance(data, kind), kind, data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(data)
        except ValueError:
            raise NotOfType(f"{data!r:.80} is no {kind.__name__}") from None
    raise TypeError(f"{kind} can't be sent")


def _decode_items(origin: Any, arguments: tuple[Any, ...], data: list[Any]) -> Any:
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        _expect(len(data) == len(arguments), arguments, data)
        return tuple(decode(kind, item) for kind, item in zip(arguments, data, strict=True))
    items = (decode(arguments[0], item) for item in data)
    return list(items) if origin is list else tuple(items)


def _decode_union(arms: tuple[Any, ...], data: Any) -> Any:
    for arm in arms:
        try:
            return decode(arm, data)
        except NotOfType:
            continue
    raise NotOfType(f"{data!r:.80} is none of {arms}")


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode_dataclass(kind: type, data: Any) -> Any:
    _expect(isinstance(data, dict) and data.get(_TAG) == kind.__name__, kind, data)
    hints = _hints(kind)
    given = {name: value for name, value in data.items() if name != _TAG}
    _expect(given.keys() == {item.name for item in dataclasses.fields(kind)}, kind, sorted(given))
    return kind(**{name: decode(hints[name], value) for name, value in given.items()})


def _expect(holds: bool, kind: Any, data: Any) -> Any:
    if not holds:
        raise NotOfType(f"{data!r:.80} is no {getattr(kind, '__name__', kind)}")
    return data
