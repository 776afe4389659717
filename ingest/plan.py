"""What is to become of one column: its type, and how its cells are written in the original."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from catalog.table_schema import Field, FieldType
from ingest.dates import DateFormat
from ingest.numbers import NumberFormat

Kind = Literal["string", "integer", "number", "boolean", "date", "datetime", "instant"]
Watch = Literal["", "order", "empty"]

ARROW_TYPES: Mapping[Kind, Any] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
}

FIELD_TYPES: Mapping[Kind, FieldType] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "instant": "datetime",
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about a column as a whole, made while its type was chosen."""

    code: str
    value: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """How the text of one column becomes values.

    ``missing`` are the tokens read as "no value"; ``trim`` says that cells carry white space around them;
    ``number`` and ``dates`` are set when the values are not in the plain form that Arrow casts itself.
    ``watch`` names what is still open because only a sample was seen: "order" (day or month first) or "empty"
    (no value yet). A ``settled`` type came from a schema and is not changed by what the cells look like.
    ``position`` is the column's place in the original, None for one that only the schema has. ``native`` is
    the Arrow type of a column that comes typed and is passed on as it is.
    """

    name: str
    source_name: str
    kind: Kind = "string"
    missing: tuple[str, ...] = ()
    trim: bool = False
    number: NumberFormat | None = None
    dates: tuple[DateFormat, ...] = ()
    watch: Watch = ""
    remarks: tuple[Remark, ...] = ()
    declared: Field | None = None
    position: int | None = None
    native: Any = None

    @property
    def arrow(self) -> Any:
        """The Arrow type of the column in the Parquet."""
        return ARROW_TYPES[self.kind] if self.native is None else self.native

    @property
    def settled(self) -> bool:
        return self.declared is not None

    @property
    def unit(self) -> str:
        if self.declared is not None and self.declared.unit:
            return self.declared.unit
        return self.number.unit if self.number else ""
