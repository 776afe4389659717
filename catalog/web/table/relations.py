"""What a table's profile says beyond single columns, as its page shows it (quality/profiling makes it)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MissingLine:
    """A column with nulls: their share of the rows looked at, and of each run of rows from first to last (0 to 1)."""

    column: str
    share: float
    blocks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Relations:
    """``sampled_rows`` is 0 where all rows were looked at. Groups and correlations are of values: () without them."""

    missing: tuple[MissingLine, ...]
    together: Sequence[Mapping[str, Any]]
    correlations: Sequence[Mapping[str, Any]]
    groups: Sequence[Mapping[str, Any]]
    sampled_rows: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.correlations or self.groups)


def relations_of(profile: Mapping[str, Any], *, with_values: bool) -> Relations:
    """Read a stored profile; one of before these were made has none."""
    completeness: Mapping[str, Any] = profile.get("completeness") or {}
    blocks = completeness.get("blocks", [])
    missing = []
    for place, column in enumerate(completeness.get("columns", [])):
        shares = tuple(block[place] for block in blocks)
        missing.append(MissingLine(column, sum(shares) / len(shares), shares))
    sample, rows = profile.get("sample_rows", 0), profile.get("rows", 0)
    return Relations(
        missing=tuple(missing),
        together=completeness.get("together", []),
        correlations=profile.get("correlations", []) if with_values else (),
        groups=profile.get("groups", []) if with_values else (),
        sampled_rows=sample if sample < rows else 0,
    )
