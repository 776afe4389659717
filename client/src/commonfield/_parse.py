"""Reading the registry's JSON: what must be there, and what may be missing in an older or newer one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from commonfield.errors import UnexpectedAnswer

T = TypeVar("T")
Json = Mapping[str, Any]


def need(data: Any, key: str) -> Any:
    """A member without which there is no sense. Raises UnexpectedAnswer."""
    if isinstance(data, Mapping) and data.get(key) is not None:
        return data[key]
    raise UnexpectedAnswer(
        f"The registry's answer has no {key!r}: it speaks another version of the API than this client.",
        "Upgrade with `pip install -U commonfield`; if that does not help, tell the registry's operators.",
    )


def many(parse: Callable[[Json], T], items: Any) -> tuple[T, ...]:
    return tuple(parse(item) for item in items) if isinstance(items, list | tuple) else ()


def maybe(parse: Callable[[Json], T], item: Any) -> T | None:
    return parse(item) if isinstance(item, Mapping) else None


def text(data: Json, key: str) -> str:
    value = data.get(key)
    return "" if value is None else str(value)


def number(data: Json, key: str) -> int | None:
    value = data.get(key)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def moment(data: Json, key: str) -> datetime | None:
    """An ISO 8601 time. Python 3.10 does not know the letter Z."""
    value = data.get(key)
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else None
    except ValueError:
        return None


def words(data: Json, key: str) -> tuple[str, ...]:
    value = data.get(key)
    return tuple(str(word) for word in value) if isinstance(value, list | tuple) else ()
