"""The Arrow type that all values of a nested column have in common, if they have one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ingest.readers.json_values import NumberText

MAX_KEYS = 64
INT64 = range(-(2**63), 2**63)


class NestingError(Exception):
    """A value has more levels than the limit."""


@dataclass(slots=True)
class Seen:
    """What has been seen at one place of the values: kinds of scalars, items of arrays, keys of objects."""

    kinds: set[str] = field(default_factory=set)
    items: Seen | None = None
    keys: dict[str, Seen] = field(default_factory=dict)

    def add(self, value: Any, depth: int) -> None:
        """Take note of one value. Raises NestingError when it has more than ``depth`` levels."""
        if value is None:
            return
        if depth < 0:
            raise NestingError
        if isinstance(value, bool):
            self.kinds.add("boolean")
        elif isinstance(value, NumberText):
            self.kinds.add(_number_kind(value))
        elif isinstance(value, str):
            self.kinds.add("string")
        elif isinstance(value, list):
            self.kinds.add("array")
            self.items = self.items or Seen()
            for item in value:
                self.items.add(item, depth - 1)
        else:
            self.kinds.add("object")
            for key, item in value.items():
                below = self.keys.get(key)
                if below is None:
                    below = self.keys[key] = Seen()
                below.add(item, depth - 1)

    def arrow(self) -> Any | None:
        """The type that holds every value seen; None when there is no single one."""
        kinds = self.kinds
        if not kinds or kinds == {"string"}:
            return pa.string()
        if kinds == {"boolean"}:
            return pa.bool_()
        if kinds <= {"integer", "number"}:
            return pa.float64() if "number" in kinds else pa.int64()
        if kinds == {"array"} and self.items is not None:
            items = self.items.arrow()
            return None if items is None else pa.list_(items)
        return self._struct() if kinds == {"object"} else None

    def _struct(self) -> Any | None:
        fields = [(key, seen.arrow()) for key, seen in self.keys.items()]
        if not fields or self.count_keys() > MAX_KEYS or any(kind is None for _key, kind in fields):
            return None
        return pa.struct(fields)

    def count_keys(self) -> int:
        """How many different keys there are, at all depths."""
        below = sum(seen.count_keys() for seen in self.keys.values())
        return len(self.keys) + below + (self.items.count_keys() if self.items else 0)

    def why_not(self) -> str:
        """Why there is no single type, for people."""
        if self.kinds == {"object"} and self.count_keys() > MAX_KEYS:
            return f"objects with {self.count_keys()} different keys"
        if self.kinds == {"object"} and not self.keys:
            return "empty objects"
        return (
            "values of different kinds (" + ", ".join(sorted(self.kinds)) + ")"
            if len(self.kinds) > 1
            else ("nested values of different kinds")
        )


def _number_kind(value: NumberText) -> str:
    try:
        number = int(value)
    except ValueError:
        # NaN and Infinity are no JSON, but Python writes them.
        return "number" if value[-1:].isdigit() else "string"
    return "integer" if number in INT64 else "big"
