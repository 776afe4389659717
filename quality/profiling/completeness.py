"""Where values are missing, and which columns are missing together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from quality.profiling.sample import Sample

COLUMNS = 40
BLOCKS = 40
TOGETHER = 12


@dataclass(frozen=True, slots=True)
class Completeness:
    """``columns`` are those with the most nulls (at most 40), in the table's order.

    ``blocks`` are the rows from first to last in at most 40 equal runs: for each, the share of nulls by column (0 to
    1). ``together`` are the commonest sets of these columns that are null in one row, with the rows; the empty set is
    the rows in which none of them is.
    """

    columns: tuple[str, ...]
    blocks: tuple[tuple[float, ...], ...]
    together: tuple[tuple[tuple[str, ...], int], ...]
    rows: int
    whole: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": list(self.columns),
            "blocks": [list(block) for block in self.blocks],
            "together": [{"missing": list(names), "rows": rows} for names, rows in self.together],
            "rows": self.rows,
            "sampled": not self.whole,
        }


def completeness(sample: Sample) -> Completeness:
    """Look at the nulls of a sample of rows that stand in their order."""
    rows = sample.rows
    counts = [column.null_count for column in rows.columns]
    most = sorted((place for place, nulls in enumerate(counts) if nulls), key=lambda place: (-counts[place], place))
    chosen = sorted(most[:COLUMNS])
    names = tuple(rows.column_names[place] for place in chosen)
    if not chosen:
        return Completeness((), (), (), rows.num_rows, sample.whole)
    missing = np.column_stack([np.asarray(rows.column(place).is_null()) for place in chosen])
    parts = np.array_split(missing, min(BLOCKS, rows.num_rows))
    blocks = tuple(tuple(round(float(share), 3) for share in part.mean(axis=0)) for part in parts)
    return Completeness(names, blocks, _together(missing, names), rows.num_rows, sample.whole)


def _together(missing: Any, names: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], int], ...]:
    sets = Counter(map(bytes, np.packbits(missing, axis=1)))
    common = sorted(sets.items(), key=lambda item: (-item[1], item[0]))[:TOGETHER]
    found = []
    for packed, rows in common:
        bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8))[: len(names)]
        found.append((tuple(name for name, bit in zip(names, bits, strict=True) if bit), rows))
    return tuple(found)
