"""One of the two tables that are compared: its parts, and what is already known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from catalog.table_schema import TableSchema

Which = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class PartFile:
    """A Parquet part on local disk. Parts of the same ``sha256`` hold the same rows; empty means not known."""

    path: Path
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """A version of a table. ``profile`` and ``outcomes`` are those that were stored with its report.

    ``key_is_proved`` says that a check of these very parts found every key there and none twice.
    """

    parts: Sequence[PartFile]
    schema: TableSchema
    profile: Mapping[str, Any] = field(default_factory=dict)
    outcomes: Sequence[Mapping[str, Any]] = ()
    key_is_proved: bool = False


def shared_parts(before: Sequence[PartFile], after: Sequence[PartFile]) -> tuple[frozenset[int], frozenset[int]]:
    """The places of the parts that both have, on either side; a part that stands twice is paired off twice."""
    waiting: dict[str, list[int]] = {}
    for place, part in enumerate(before):
        if part.sha256:
            waiting.setdefault(part.sha256, []).append(place)
    shared_before, shared_after = [], []
    for place, part in enumerate(after):
        if waiting.get(part.sha256):
            shared_before.append(waiting[part.sha256].pop(0))
            shared_after.append(place)
    return frozenset(shared_before), frozenset(shared_after)
