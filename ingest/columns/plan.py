"""What is to become of one column: its type, and how its cells are written in the original."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

from catalog.table_schema import Field, FieldType
from ingest.columns.questions import Question
from ingest.writings.booleans import TRUE_FALSE, BooleanWords
from ingest.writings.dates import DateFormat
from ingest.writings.numbers import NumberFormat

Kind = Literal[
    "string",
    "integer",
    "number",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "instant",
    "time",
    "year",
    "yearmonth",
    "duration",
]
Watch = Literal["", "order", "empty", "number", "words"]

# As many digits as Parquet's readers hold exactly: DuckDB, Spark, Delta and Power BI stop at 38.
DECIMAL_DIGITS = 38

ARROW_TYPES: Mapping[Kind, Any] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
    # Not time64, which Delta, Spark and Power BI can't read: an ISO 8601 text of a fixed form, which sorts alike.
    "time": pa.string(),
    "year": pa.int64(),
    "yearmonth": pa.string(),
    "duration": pa.string(),
}

FIELD_TYPES: Mapping[Kind, FieldType] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "instant": "datetime",
    "time": "time",
    "year": "year",
    "yearmonth": "yearmonth",
    "duration": "duration",
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

    ``missing`` are the tokens read as "no value"; ``kept`` those that the owner keeps as the values that they are,
    and ``was`` the type that the column had before it became text for their sake, "" if it did not.
    ``trim`` says that cells carry white space around them,
    ``digits`` that some are written in the digits of another script; ``number``, ``dates`` and ``words`` say how
    the values are written where that is not the plain form. ``scale`` is the number of decimals of the kind
    "decimal"; ``rounded`` lets a "number" lose digits beyond the 17th, which only an owner may choose.
    ``watch`` names what is still open because only a sample was seen: "order" (day or month first), "number"
    (which mark is the decimal one), "words" (yes or no, month or season) or "empty" (no value yet). ``standby`` is
    the type that the column takes after all if, over the whole column, few enough values contradict it.
    ``question`` is what only the owner can answer. A type that was ``chosen`` by the owner or declared by a schema
    is ``settled``: it is not changed by what the cells look like. ``position`` is the column's place in the
    original, None for one that only the schema has. ``native`` is the Arrow type of a column that comes typed and
    is passed on as it is.
    ``semantic`` is what the values seem to mean beside their type (``ingest.semantics``), which is advice.
    ``evidence`` is what the plan was made from (``ingest.columns.evidence.Evidence``), so that it can be made again
    when a later cell contradicts it; two plans that decide the same are equal whatever they were made from.
    """

    name: str
    source_name: str
    kind: Kind = "string"
    missing: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    was: str = ""
    trim: bool = False
    digits: bool = False
    number: NumberFormat | None = None
    dates: tuple[DateFormat, ...] = ()
    words: BooleanWords = TRUE_FALSE
    scale: int = 0
    rounded: bool = False
    watch: Watch = ""
    standby: ColumnPlan | None = None
    remarks: tuple[Remark, ...] = ()
    question: Question | None = None
    declared: Field | None = None
    chosen: bool = False
    position: int | None = None
    native: Any = None
    semantic: str = field(default="", compare=False)
    evidence: Any = field(default=None, compare=False, repr=False)

    @property
    def arrow(self) -> Any:
        """The Arrow type of the column in the Parquet."""
        if self.native is not None:
            return self.native
        return pa.decimal128(DECIMAL_DIGITS, self.scale) if self.kind == "decimal" else ARROW_TYPES[self.kind]

    @property
    def field_type(self) -> FieldType:
        """The Table Schema type: a decimal without a fraction is an integer."""
        return "integer" if self.kind == "decimal" and not self.scale else FIELD_TYPES[self.kind]

    @property
    def settled(self) -> bool:
        return self.chosen or self.declared is not None

    @property
    def unit(self) -> str:
        if self.declared is not None and self.declared.unit:
            return self.declared.unit
        return self.number.unit if self.number else ""
