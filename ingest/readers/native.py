"""Tables that come with types of their own: brought into the normal form that every client reads, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from catalog.findings import Finding
from ingest.columns.arrow_types import normal_type, normalise
from ingest.columns.infer import Sample
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.table import Batch, ReadAgainError, TableFacts
from ingest.text.names import column_names


class NativeTable:
    """One file whose columns are typed. A reader gives ``schema``, ``source``, ``total`` and the batches."""

    words: str

    def __init__(
        self, path: Path, *, title: str, limits: Limits, schema: Any, total: int, source: Mapping[str, Any]
    ) -> None:
        if len(schema) > limits.max_columns:
            params = {"columns": len(schema), "limit": limits.max_columns}
            raise RejectionError(Finding("too-many-columns", params=params))
        self._path = path
        self._title = title
        self._schema = schema
        self._total = max(total, 1)
        self._source = source
        self._normal = [normal_type(item.type) for item in schema]
        self.facts = self._describe()

    def _describe(self) -> TableFacts:
        names = column_names(self._schema.names)
        findings, steps = [], []
        for name, item, normal in zip(names, self._schema, self._normal, strict=True):
            if normal.type == item.type:
                continue
            steps.append(
                {"step": "normalise-type", "column": name.name, "from": str(item.type), "to": str(normal.type)}
            )
            if normal.reason:
                params = {"from": str(item.type), "to": str(normal.type), "reason": normal.reason}
                findings.append(Finding("values-simplified", column=name.name, params=params))
        return TableFacts(
            title=self._title,
            names=names,
            titles=tuple(self._schema.names),
            first_row=1,
            size=self._path.stat().st_size,
            source=self._source,
            recipe=tuple(steps),
            findings=tuple(findings),
            native=tuple(normal.type for normal in self._normal),
        )

    def samples(self) -> list[Sample]:
        """Nothing is inferred: the types are the file's own."""
        return [Sample({}, whole=True) for _ in self._normal]

    def batches(self) -> Iterator[Batch]:
        """All rows, each column in its normal type.

        Raises ReadAgainError when a value does not fit the normal type: the next pass has a wider one.
        """
        done = 0
        try:
            for batch in self._read():
                columns = [self._normalised(place, column) for place, column in enumerate(batch.columns)]
                done += batch.num_rows
                yield Batch(columns, batch.num_rows, min(self.facts.size * done // self._total, self.facts.size))
        except (OSError, pa.ArrowException) as error:
            raise RejectionError(damaged(self.words, error)) from error

    def _read(self) -> Iterator[Any]:
        """The file's record batches from the beginning."""
        raise NotImplementedError

    def _normalised(self, place: int, column: Any) -> Any:
        normal = self._normal[place]
        result = normalise(column, normal)
        if result is None:
            self._normal[place] = normal.wider()
            self.facts = self._describe()
            raise ReadAgainError
        return result

    def lines(self, rows: Any) -> Any | None:  # noqa: ARG002 -- such files have rows and no lines
        return None


def damaged(words: str, error: Exception) -> Finding:
    """The finding of a file that is not what it begins as."""
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return Finding("format-damaged", params={"format": words, "reason": reason})
