"""A table in memory whose sample is chosen by the test: what the converter makes of a sample and a full pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from catalog.table_schema import TableSchema
from ingest.columns.evidence import Sample
from ingest.convert import convert_table
from ingest.limits import Limits
from ingest.outcome import ConvertedResource
from ingest.progress import Reporter
from ingest.table import Batch, TableFacts
from ingest.text.names import column_names


class MemoryTable:
    """Columns of cells. The sample is the first ``seen`` rows; all of them when it is None."""

    def __init__(
        self, columns: Mapping[str, Sequence[str | None]], *, seen: int | None, batch: int = 1_000, delimiter: str = ""
    ) -> None:
        self._columns = {name: [cell or None for cell in cells] for name, cells in columns.items()}
        self._rows = len(next(iter(self._columns.values())))
        self._seen = seen
        self._batch = batch
        names = list(columns)
        self.facts = TableFacts(
            title="table",
            names=column_names(names),
            titles=tuple(names),
            first_row=2,
            size=self._rows,
            source={},
            delimiter=delimiter,
            native=(None,) * len(names),
        )

    def samples(self) -> list[Sample]:
        whole = self._seen is None or self._seen >= self._rows
        return [
            Sample(Counter(cell for cell in cells[: self._seen] if cell is not None), whole)
            for cells in self._columns.values()
        ]

    def batches(self) -> Iterator[Batch]:
        for start in range(0, self._rows, self._batch):
            columns = [pa.array(cells[start : start + self._batch], pa.string()) for cells in self._columns.values()]
            yield Batch(columns, len(columns[0]), start + len(columns[0]))

    def lines(self, _rows: Any) -> Any | None:
        return None


def convert(
    columns: Mapping[str, Sequence[str | None]],
    folder: Path,
    *,
    seen: int | None = None,
    schema: TableSchema | None = None,
    **options: Any,
) -> ConvertedResource:
    """The columns as the converter stores them, when its sample is the first ``seen`` rows."""
    table = MemoryTable(columns, seen=seen, **options)
    return convert_table(
        table,
        name="table",
        folder=folder,
        schema=schema,
        limits=Limits(),
        reporter=Reporter(lambda _progress: None),
        version="test",
    )
