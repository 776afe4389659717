"""What the footers of a table's Parquet files say of its row groups: how many nulls which column has there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A row group: its file, its number there, and its rows.

    ``nulls`` are counts by column, None where the footer has none. Lists and structs are not in it: whether these hold
    a value, no footer tells.
    """

    path: Path
    number: int
    rows: int
    nulls: Mapping[str, int | None]

    def most_nulls(self, column: str) -> int:
        """How many nulls a column may have here."""
        known = self.nulls[column]
        return self.rows if known is None else known


def read_row_groups(parts: Iterable[Path]) -> Iterator[RowGroup]:
    """All row groups of the files, in their order."""
    for path in parts:
        footer = pq.read_metadata(path)
        flat = _flat_columns(footer.schema)
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            nulls = {name: _nulls(group.column(place)) for place, name in flat.items()}
            yield RowGroup(path, number, group.num_rows, nulls)


def empty_columns(groups: Sequence[RowGroup]) -> set[str]:
    """The columns that hold no value, as the footers of all row groups prove; none of a table without rows."""
    filled = [group for group in groups if group.rows]
    empty = set(filled[0].nulls) if filled else set()
    for group in filled:
        empty = {name for name in empty if group.nulls[name] == group.rows}
    return empty


def _flat_columns(schema: Any) -> dict[int, str]:
    """The columns that are no lists or structs, by their place among the leaves.

    A leaf of a nested column has a path of several names; a dot inside of a name is no sign of it.
    """
    leaves = [(place, schema.column(place)) for place in range(len(schema))]
    return {place: leaf.name for place, leaf in leaves if leaf.path == leaf.name}


def _nulls(chunk: Any) -> int | None:
    statistics = chunk.statistics
    return int(statistics.null_count) if statistics is not None and statistics.has_null_count else None
