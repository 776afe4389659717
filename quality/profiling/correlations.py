"""Which columns of numbers go together: Pearson's r over the rows in which both have a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quality.profiling.sample import Sample

COLUMNS = 60
PAIRS = 30
# Below this, and of fewer rows, a correlation tells nobody anything.
LEAST = 0.3
LEAST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's r of two columns over ``rows`` rows that have both."""

    first: str
    second: str
    r: float
    rows: int

    def to_json(self) -> dict[str, Any]:
        return {"columns": [self.first, self.second], "r": self.r, "rows": self.rows}


def correlations(sample: Sample) -> list[Correlation]:
    """The pairs of numeric columns (of the first 60) with |r| >= 0.3 in at least 10 rows, strongest first."""
    names = [field.name for field in sample.rows.schema if _is_number(field.type)][:COLUMNS]
    if len(names) < 2:
        return []
    r, rows = _pairwise(np.column_stack([_centred(sample.rows.column(name)) for name in names]))
    found = []
    for second in range(len(names)):
        for first in range(second):
            if rows[first, second] >= LEAST_ROWS and abs(r[first, second]) >= LEAST:
                value = round(float(r[first, second]), 4)
                found.append(Correlation(names[first], names[second], value, int(rows[first, second])))
    found.sort(key=lambda pair: (-abs(pair.r), pair.first, pair.second))
    return found[:PAIRS]


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _centred(column: Any) -> Any:
    """The numbers from -1 to 1 around their mean, NaN where there is none: sums of their squares stay exact enough."""
    numbers = np.asarray(pc.fill_null(pc.cast(column, pa.float64(), safe=False), float("nan")), dtype=np.float64)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    if not np.isfinite(numbers).any():
        return numbers
    largest = np.nanmax(np.abs(numbers))
    scaled = numbers / largest if largest else numbers
    scaled = scaled - np.nanmean(scaled)
    widest = np.nanmax(np.abs(scaled))
    return scaled / widest if widest else scaled


def _pairwise(numbers: Any) -> tuple[Any, Any]:
    """Give r and the rows of every pair, by products of matrices; r is NaN where a column does not vary."""
    there = np.isfinite(numbers)
    held, mask = np.where(there, numbers, 0.0), there.astype(np.float64)
    rows = mask.T @ mask
    sums = held.T @ mask
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = held.T @ held - sums * sums.T / rows
        squares = (held**2).T @ mask
        variance = np.maximum(squares - sums**2 / rows, 0.0)
        # What rounding leaves of a column that does not vary is no variance.
        variance[variance <= 1e-12 * squares] = np.nan
        r = covariance / np.sqrt(variance * variance.T)
    return np.clip(r, -1.0, 1.0), rows.astype(np.int64)
