"""A table's columns as pages show them: what the schema says and what the profile counted, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog.models import Resource
from catalog.outcomes import OPEN_STATISTICS
from catalog.table_schema import Field

Kind = Literal["num", "cat", "text", "time", "bool", "nested"]

_KINDS: Mapping[str, Kind] = {
    "integer": "num",
    "number": "num",
    "year": "num",
    "boolean": "bool",
    "date": "time",
    "datetime": "time",
    "time": "time",
    "object": "nested",
    "array": "nested",
    "geojson": "nested",
}


_WORDS = frozenset("Aa文 ")
"""Signs of which the patterns of words are made (quality/profiling/patterns.py)."""


@dataclass(frozen=True, slots=True)
class Column:
    """``profile`` is the column's entry of the profile (quality/profiling/column_profile.py), {} before the check.

    It holds counts only where the reader may not have the values.
    """

    name: str
    type: str
    kind: Kind
    title: str = ""
    meaning: str = ""
    unit: str = ""
    format: str = ""
    arrow: str = ""
    source_name: str = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)
    is_key: bool = False
    codes: tuple[tuple[Any, str], ...] = ()
    limits: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)

    @property
    def missing(self) -> int | None:
        """How many values are missing; None before the check."""
        return self.profile.get("nulls")

    @property
    def pattern(self) -> Mapping[str, Any] | None:
        """The commonest pattern of its texts, where it says more than that they are words."""
        patterns = self.profile.get("patterns") or ()
        told = patterns[0] if patterns else None
        return told if told and not set(told["pattern"]) <= _WORDS else None

    @property
    def missing_share(self) -> float:
        total = self.profile.get("count", 0) + self.profile.get("nulls", 0)
        return self.profile.get("nulls", 0) / total if total else 0.0

    @property
    def distinct(self) -> int | None:
        return self.profile.get("distinct")

    @property
    def is_estimate(self) -> bool:
        return bool(self.profile.get("distinct_approximate"))

    @property
    def bins(self) -> tuple[int, ...]:
        """The heights of the column's picture: its histogram, its most frequent values, or true and false."""
        histogram = self.profile.get("histogram") or {}
        if histogram.get("counts"):
            return tuple(histogram["counts"])
        if self.kind == "bool" and self.profile.get("true_count") is not None:
            yes = self.profile["true_count"]
            return (yes, self.profile.get("count", 0) - yes)
        if self.kind == "cat":
            return tuple(item["count"] for item in self.profile.get("top") or ())
        return ()

    @property
    def top(self) -> Sequence[Mapping[str, Any]]:
        return self.profile.get("top") or ()

    @property
    def low(self) -> Any:
        return self.profile.get("min")

    @property
    def high(self) -> Any:
        return self.profile.get("max")


def columns_of(resource: Resource, *, with_values: bool) -> tuple[Column, ...]:
    """The columns of a table in order. ``with_values`` only for those who may have the table's bytes."""
    profiled = {item["name"]: item for item in resource.profile.get("columns", [])}
    key = resource.schema.get("primaryKey") or []
    keys = {key} if isinstance(key, str) else set(key)
    return tuple(
        _column(item, profiled.get(item["name"], {}), is_key=item["name"] in keys, with_values=with_values)
        for item in resource.schema.get("fields", [])
    )


def _column(item: Mapping[str, Any], profile: Mapping[str, Any], *, is_key: bool, with_values: bool) -> Column:
    shown = profile if with_values else {key: profile[key] for key in OPEN_STATISTICS if key in profile}
    logical = item.get("type", "any")
    return Column(
        name=item["name"],
        type=logical,
        kind=profile.get("kind") or _KINDS.get(logical, "text"),
        title=item.get("title", ""),
        meaning=item.get("description", ""),
        unit=item.get("unit", ""),
        format=item.get("format", ""),
        arrow=item.get("arrow", ""),
        source_name=item.get("sourceName", ""),
        constraints=item.get("constraints") or {},
        is_key=is_key,
        codes=Field.from_descriptor(item).categories,
        limits=item.get("limits", ""),
        profile=shown,
    )
