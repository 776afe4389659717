"""What every reader offers: a table of columns that can be sampled once and read several times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from catalog.findings import Finding
from catalog.table_schema import FieldType
from ingest.columns.infer import Sample
from ingest.text.names import ColumnName


class ReadAgainError(Exception):
    """The reader has learnt something that changes what it handed out: the pass has to begin again."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in the order of the original. ``position`` is how many bytes of the file have been read by then.

    ``columns`` are Arrow arrays: text where the original has text, typed where it has types. ``numbers`` (int64)
    are the rows' places among all rows of the original, from 0; None when none was taken out before them.
    """

    columns: Sequence[Any]
    rows: int
    position: int
    findings: tuple[Finding, ...] = ()
    numbers: Any = None


@dataclass(frozen=True, slots=True)
class TableFacts:
    """How the table stands in its file: ``source`` for the report, ``recipe`` what was done to reach it.

    ``native`` has an Arrow type for each column that comes typed and None for text that is to be typed;
    ``logical`` the Table Schema type of columns of which Arrow's type does not tell it (a geometry is bytes);
    ``metadata`` goes into the Parquet file's own (GeoParquet's ``geo``).
    """

    title: str
    names: tuple[ColumnName, ...]
    titles: tuple[str, ...]
    first_row: int
    size: int
    source: Mapping[str, Any]
    recipe: tuple[dict[str, Any], ...] = ()
    findings: tuple[Finding, ...] = ()
    delimiter: str = ""
    native: tuple[Any, ...] = ()
    logical: Mapping[int, FieldType] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)


class Table(Protocol):
    """A table that a reader found in a file."""

    facts: TableFacts

    def samples(self) -> list[Sample]:
        """One sample a column, for the columns that come as text (an empty one for the others)."""
        ...

    def batches(self) -> Iterator[Batch]:
        """Read from the beginning; may be called again.

        Raises RejectionError when the file turns out not to be a table.
        """
        ...

    def lines(self, rows: Any) -> Any | None:
        """The physical lines on which the given (ascending) rows begin; None if the format has no lines."""
        ...
