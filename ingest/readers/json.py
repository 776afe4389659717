"""JSON: an array of objects, an object a line, GeoJSON, or an object around one of these.

The file is read twice: to learn which keys there are and what stands under them, and to make the columns.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from catalog.findings import Finding
from catalog.table_schema import FieldType
from ingest.columns.infer import DISTINCT_LIMIT, Sample
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.readers.geometry import GeometryError, GeoSummary, encode
from ingest.readers.json_kind import SNIFF_BYTES, sniff_json
from ingest.readers.json_types import NestingError, Seen
from ingest.readers.json_values import (
    NumberText,
    Pairs,
    Value,
    compact,
    plain,
)
from ingest.table import Batch, TableFacts
from ingest.text.file import TextFile
from ingest.text.names import ColumnName, column_names

BATCH_ROWS = 10_000
TICK_ROWS = 1_000
GEOMETRY = "geometry"
# GeoJSON of before 2016 may name its coordinate system.
_CRS = re.compile(r'"crs"\s*:\s*\{[^{}]{0,200}\{[^{}]{0,200}"name"\s*:\s*"([^"]{1,200})"')


class _Column:
    """What the first reading learns of one key."""

    __slots__ = ("counts", "full", "nested", "numbers", "seen")

    def __init__(self) -> None:
        self.seen = Seen()
        self.counts: dict[str, int] = {}
        self.nested = False
        self.numbers = False
        self.full = False

    def add(self, value: Any, depth: int) -> None:
        """Take note of one value, which is not None. Called for every cell: it has to be quick.

        Raises NestingError when it has more than ``depth`` levels.
        """
        kind = type(value)
        if kind is str:
            text = value
        elif kind is NumberText or kind is bool:
            self.numbers = True
            text = _cell(value)
        else:
            self.nested = True
            self.seen.add(value, depth)
            return
        count = self.counts.get(text)
        if count is not None:
            self.counts[text] = count + 1
        elif len(self.counts) < DISTINCT_LIMIT:
            self.counts[text] = 1
        else:
            self.full = True

    @property
    def is_scalar(self) -> bool:
        return not self.nested


class JsonTable:
    """One JSON file as a table. ``on_rows`` hears of the first reading, which may take a while."""

    def __init__(
        self, text: TextFile, *, title: str, limits: Limits, on_rows: Callable[[int], None] = lambda _rows: None
    ) -> None:
        self._text = text
        self._limits = limits
        self._columns: dict[str, _Column] = {}
        self._lines = array("q")
        self._faults: list[Finding] = []
        self._rows = 0
        # What the geometries have in common; None when one of them can't be written as WKB.
        self._geometry: GeoSummary | None = GeoSummary()
        self._on_rows = on_rows
        self.format, self._values = sniff_json(text, limits)
        try:
            self._scan()
        except (NestingError, RecursionError) as error:
            raise RejectionError(Finding("nesting-too-deep", params={"limit": limits.max_nesting})) from error
        self._types = {key: self._type(key, column) for key, column in self._columns.items()}
        self.facts = self._describe(title)

    # ------------------------------------------------------------------------------------------ learning

    def _records(self) -> Iterator[tuple[Value, dict[str, Any] | None]]:
        """Each value with the row that it makes; None for what is no object."""
        for item in self._values():
            if item.fault or not isinstance(item.value, dict):
                yield item, None
            else:
                yield item, _feature(item.value) if self.format == "geojson" else item.value

    def _scan(self) -> None:
        depth = self._limits.max_nesting
        for number, (item, record) in enumerate(self._records(), start=1):
            if record is None:
                self._fault(number, item)
                continue
            self._rows += 1
            if self._rows % TICK_ROWS == 0:
                self._on_rows(self._rows)
            self._lines.append(item.line)
            if isinstance(item.value, Pairs):
                keys = ", ".join(item.value.repeated)
                self._faults.append(Finding("keys-repeated", row=number, line=item.line or None, params={"keys": keys}))
            self._learn(record, depth)
        if not self._rows or not self._columns:
            reason = "its values are not objects" if self._faults else "it holds no object with a key"
            raise RejectionError(Finding("no-table", params={"reason": reason}))
        bad, total = len(self._faults), self._rows + len(self._faults)
        if bad > self._limits.ragged_grace and bad > self._limits.ragged_share * total:
            reason = f"{bad} of {total} values are not JSON objects"
            raise RejectionError(Finding("format-damaged", params={"format": "JSON", "reason": reason}))

    def _learn(self, record: dict[str, Any], depth: int) -> None:
        """Take note of one row's keys and values."""
        for key, value in record.items():
            if value is not None:
                (self._columns.get(key) or self._new_column(key)).add(value, depth)
            elif key not in self._columns:
                self._new_column(key)
        if self.format == "geojson" and self._geometry is not None and record[GEOMETRY] is not None:
            self._look_at_geometry(record[GEOMETRY])

    def _look_at_geometry(self, value: Any) -> None:
        try:
            encode(value, self._geometry)
        except GeometryError as error:
            self._geometry = None
            params = {"reason": str(error)}
            self._faults.append(Finding("geometry-kept-as-json", row=self._rows, column=GEOMETRY, params=params))

    def _new_column(self, key: str) -> _Column:
        if len(self._columns) >= self._limits.max_columns:
            params = {"columns": f"more than {self._limits.max_columns}", "limit": self._limits.max_columns}
            raise RejectionError(Finding("too-many-columns", params=params))
        column = self._columns[key] = _Column()
        return column

    def _fault(self, number: int, item: Value) -> None:
        text = item.text or compact(item.value)
        reason = item.fault or "it is not an object"
        self._faults.append(
            Finding(
                "record-not-an-object",
                row=number,
                line=item.line or None,
                value=text,
                params={"reason": reason},
            )
        )

    def _type(self, key: str, column: _Column) -> Any | None:
        """The Arrow type of a nested column; None for text that is still to be typed."""
        if self.format == "geojson" and key == GEOMETRY:
            return pa.binary() if self._geometry is not None and column.nested else None
        if column.is_scalar:
            return None
        if column.counts:
            # Objects or arrays beside texts or numbers.
            column.seen.kinds.add("scalar")
        return column.seen.arrow() or pa.string()

    def _describe(self, title: str) -> TableFacts:
        names = column_names(list(self._columns))
        findings = [*self._text.findings, *self._faults]
        for name, (key, column) in zip(names, self._columns.items(), strict=True):
            if self._types[key] == pa.string():
                params = {"reason": column.seen.why_not()}
                findings.append(Finding("nested-kept-as-json", column=name.name, params=params))
        return TableFacts(
            title=title,
            names=names,
            titles=tuple(self._columns),
            first_row=1,
            size=self._text.size,
            source={"format": self.format, "encoding": self._text.encoding, **self._kept_nested(names)},
            recipe=(
                {"step": "decode", "encoding": self._text.encoding},
                {"step": "read-objects", "count": self._rows},
            ),
            findings=tuple(findings),
            native=tuple(self._types.values()),
            logical=self._logical(),
            metadata=self._geo_metadata(names),
        )

    def _kept_nested(self, names: Sequence[ColumnName]) -> dict[str, list[str]]:
        """Which columns became lists and structs, for the report."""
        nested = [
            name.name
            for name, kind in zip(names, self._types.values(), strict=True)
            if kind is not None and pa.types.is_nested(kind)
        ]
        return {"nested": nested} if nested else {}

    def _geo_metadata(self, names: Sequence[ColumnName]) -> dict[str, str]:
        kinds = zip(names, self._types.values(), strict=True)
        column = next((name.name for name, kind in kinds if kind == pa.binary()), None)
        if column is None or self._geometry is None:
            return {}
        named = _CRS.search(self._text.head(SNIFF_BYTES).decode("utf-8", "ignore"))
        known = named is None or any(word in named.group(1) for word in ("CRS84", "EPSG::4326", "EPSG:4326"))
        return {"geo": self._geometry.metadata(column, crs_known=known)}

    def _logical(self) -> dict[int, FieldType]:
        if self.format != "geojson":
            return {}
        return {place: "geojson" for place, key in enumerate(self._columns) if key == GEOMETRY}

    def samples(self) -> list[Sample]:
        return [
            Sample(column.counts, whole=not column.full, quoted=not column.numbers) for column in self._columns.values()
        ]

    # ------------------------------------------------------------------------------------------- reading

    def batches(self) -> Iterator[Batch]:
        """All rows: scalars as text, nested values in their type or as JSON text."""
        done = 0
        pending: list[dict[str, Any]] = []
        for _item, record in self._records():
            if record is None:
                continue
            pending.append(record)
            if len(pending) == BATCH_ROWS:
                done += len(pending)
                yield self._batch(pending, done)
                pending = []
        if pending:
            yield self._batch(pending, done + len(pending))

    def _batch(self, records: list[dict[str, Any]], done: int) -> Batch:
        columns = []
        for key, kind in self._types.items():
            values = [record.get(key) for record in records]
            if kind == pa.binary():
                columns.append(pa.array([None if value is None else encode(value) for value in values], kind))
            elif kind is None:
                columns.append(pa.array([None if value is None else _cell(value) for value in values], pa.string()))
            elif kind == pa.string():
                columns.append(pa.array([None if value is None else compact(value) for value in values], kind))
            else:
                columns.append(pa.array([plain(value) for value in values], kind))
        return Batch(columns, len(records), self._text.size * done // self._rows)

    def lines(self, rows: Any) -> Any | None:
        """The lines on which the objects begin; only a file with an object a line has them."""
        if self.format != "ndjson":
            return None
        lines = np.array(self._lines, dtype=np.int64)
        return lines[np.clip(np.asarray(rows) - 1, 0, len(lines) - 1)]


def _cell(value: Any) -> str:
    """A scalar in the plain form that the caster reads."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return compact(value) if isinstance(value, (dict, list)) else str(value)


def _feature(value: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON feature as a row: its properties, then its id (if they have none) and its geometry."""
    properties = value.get("properties")
    row = dict(properties) if isinstance(properties, dict) else {}
    if "id" in value:
        row.setdefault("id" if "id" not in row else "feature_id", value["id"])
    if GEOMETRY in row:
        row["geometry_property"] = row.pop(GEOMETRY)
    row[GEOMETRY] = value.get("geometry")
    return row
