"""What passes from one cleaning step to the next: columns that are described, and batches of their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from catalog.findings import Finding
from catalog.table_schema import FieldType
from ingest.text.names import ColumnName


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the recipe calls it at this point. ``native`` is its Arrow type, None for text to be typed."""

    name: ColumnName
    title: str
    native: Any = None
    logical: FieldType | None = None

    @property
    def is_text(self) -> bool:
        return self.native is None or pa.types.is_string(self.native)


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch: one Arrow array a column, all of the same length.

    ``numbers`` (int64, ascending) are the rows' places among all rows that the reader gave, from 0.
    """

    columns: list[Any]
    numbers: Any
    findings: tuple[Finding, ...] = ()
