"""Findings: each thing that was wrong with a file, as data (code, where, value), never as stored prose.

Sentences are made from translatable templates when they are shown, so that a report reads in the reader's
language (W3C ``dqv:QualityAnnotation``). The catalogue is the single list of codes: the docs are checked
against it. *Rejecting* codes end an upload; *error* codes cost a cell or a row, which is kept on record;
*warning* and *info* codes say what was done or doubted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Severity = Literal["reject", "error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class FindingType:
    """``template`` takes %(column)s, %(value)s, %(row)s and the finding's own parameters."""

    code: str
    severity: Severity
    title: Promise | str
    template: Promise | str
    remedy: Promise | str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: ``row`` counts records (the header is 1), ``line`` the lines of the original."""

    code: str
    row: int | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        pairs = {"row": self.row, "line": self.line, "column": self.column, "value": self.value}
        return {
            "code": self.code,
            **{key: value for key, value in pairs.items() if value is not None},
            **({"params": dict(self.params)} if self.params else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        return cls(
            data["code"],
            data.get("row"),
            data.get("line"),
            data.get("column"),
            data.get("value"),
            data.get("params", {}),
        )


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of one code in one column: how many, and the first few as samples."""

    code: str
    count: int
    column: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    samples: Sequence[Finding] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": severity(self.code),
            "count": self.count,
            "column": self.column,
            "params": dict(self.params),
            "samples": [sample.to_json() for sample in self.samples],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FindingGroup:
        samples = tuple(Finding.from_json(sample) for sample in data.get("samples", ()))
        return cls(data["code"], data["count"], data.get("column"), data.get("params", {}), samples)


def severity(code: str) -> Severity:
    return CATALOGUE[code].severity


def title(code: str) -> str:
    return str(CATALOGUE[code].title)


def remedy(code: str) -> str:
    return str(CATALOGUE[code].remedy)


class _Shown(dict[str, Any]):
    """A template may name what a finding does not have; it then reads as a dash and never fails."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(item: Finding | FindingGroup) -> str:
    """What happened, for a person, in the active language."""
    shown = _Shown(item.params)
    if item.column is not None:
        shown.setdefault("column", item.column)
    # A group speaks by its first sample: "n.a. in price is not of the type number", 31 times.
    example = item if isinstance(item, Finding) else next(iter(item.samples), None)
    if example is not None:
        pairs = (("row", example.row), ("line", example.line), ("value", example.value))
        shown.update({key: value for key, value in pairs if value is not None})
    shown["count"] = 1 if isinstance(item, Finding) else item.count
    return str(CATALOGUE[item.code].template) % shown


def _types(*types: FindingType) -> dict[str, FindingType]:
    return {item.code: item for item in types}


CATALOGUE: dict[str, FindingType] = _types(
    # ------------------------------------------------------------ the file as a whole: the upload is rejected
    FindingType(
        "empty-file",
        "reject",
        _("The file is empty"),
        _("The file has no bytes."),
        _("Choose the file again."),
    ),
    FindingType(
        "no-table",
        "reject",
        _("No table in the file"),
        _("The file holds no row with a value: %(reason)s."),
        _("Upload a file with a header line and at least one row."),
    ),
    FindingType(
        "checksum-mismatch",
        "reject",
        _("The bytes are not the ones that were sent"),
        _("The sha256 of what arrived is %(actual)s, but the client said %(expected)s."),
        _("Upload the file again; it was damaged on the way or changed while it was read."),
    ),
    FindingType(
        "format-not-supported",
        "reject",
        _("Not a table that can be read"),
        _("This is %(detected)s, not a table."),
        _("Upload CSV, TSV, NDJSON, JSON, XLSX or Parquet."),
    ),
    FindingType(
        "format-damaged",
        "reject",
        _("The file is damaged"),
        _("The file says that it is %(format)s, but it can't be read as that: %(reason)s."),
        _("Open the file where it was made, save it again and upload that."),
    ),
    FindingType(
        "file-truncated",
        "reject",
        _("The file ends too early"),
        _("The %(format)s file ends in the middle: %(reason)s."),
        _("The copy is incomplete. Download or export it again and upload the whole file."),
    ),
    FindingType(
        "archive-too-large",
        "reject",
        _("The file unpacks to too much"),
        _("Unpacked, this file is over the limit of %(limit)s (%(ratio)s times its packed size)."),
        _("Upload the data unpacked, or in several files."),
    ),
    FindingType(
        "archive-locked",
        "reject",
        _("The archive is locked"),
        _("The archive's member %(value)s is encrypted."),
        _("Make the archive again without a password."),
    ),
    FindingType(
        "file-too-large",
        "reject",
        _("The file is too large"),
        _("The file has %(bytes)s bytes; the limit is %(limit)s."),
        _("Upload the data in several files, or compressed with gzip."),
    ),
    FindingType(
        "nesting-too-deep",
        "reject",
        _("Objects within objects, too deep"),
        _("The JSON is nested more than %(limit)s levels deep."),
        _("Flatten the data, so that each object is one row."),
    ),
    FindingType(
        "archive-unsafe",
        "reject",
        _("The archive names files outside itself"),
        _("The archive holds a member called %(value)s, which points outside of it."),
        _("Make the archive again without absolute paths or '..'."),
    ),
    FindingType(
        "too-many-columns",
        "reject",
        _("Too many columns"),
        _("The table has %(columns)s columns; the limit is %(limit)s."),
        _("Turn the table so that repeated columns become rows."),
    ),
    FindingType(
        "cell-too-large",
        "reject",
        _("A cell is too large"),
        _("A cell or line of %(bytes)s bytes is over the limit of %(limit)s."),
        _("A missing closing quote is the usual reason: check the quotes near that line."),
    ),
    FindingType(
        "structure-broken",
        "reject",
        _("The lines do not form a table"),
        _("%(bad)s of %(total)s lines do not have the %(expected)s fields of the header."),
        _("Check the delimiter and the quotes, and export the file again."),
    ),
    FindingType(
        "schema-not-met",
        "reject",
        _("The columns are not the schema's"),
        _("The dataset's schema asks for %(missing)s, which the file does not have."),
        _("Rename the columns to the schema's names, or choose another schema."),
    ),
    # ------------------------------------------------- a cell or row: kept on record, the rest goes on
    FindingType(
        "cell-not-of-type",
        "error",
        _("Values that are not of the column's type"),
        _("%(value)s in %(column)s is not of the type %(type)s; the cell is empty in the table and kept here."),
        _("Correct the cells in the original and upload it again, or make the column text."),
    ),
    FindingType(
        "row-too-short",
        "error",
        _("Rows with too few fields"),
        _("Row %(row)s has %(actual)s fields instead of %(expected)s; the last ones are empty in the table."),
        _("Complete the row in the original and upload it again."),
    ),
    FindingType(
        "row-too-long",
        "error",
        _("Rows with too many fields"),
        _(
            "Row %(row)s has %(actual)s fields instead of %(expected)s; "
            "those too many are kept here and are not in the table."
        ),
        _("Put quotes around text with a delimiter in it, and upload the file again."),
    ),
    FindingType(
        "record-not-an-object",
        "error",
        _("Records that are no JSON object"),
        _("Record %(row)s can't be read (%(reason)s); it is kept here and is not in the table."),
        _("Correct the record in the original and upload it again."),
    ),
    FindingType(
        "keys-repeated",
        "error",
        _("Objects with a key twice"),
        _("Record %(row)s has the key %(keys)s more than once; the last value counts."),
        _("Give each value a key of its own and upload the file again."),
    ),
    FindingType(
        "bytes-not-decoded",
        "error",
        _("Bytes that are no text in the file's encoding"),
        _("%(count)s lines hold bytes that are not valid %(encoding)s; each is shown as the replacement character."),
        _("Save the file as UTF-8 and upload it again."),
    ),
    # ------------------------------------------------------------ doubts
    FindingType(
        "date-order-doubtful",
        "warning",
        _("Day or month first?"),
        _(
            "The dates in %(column)s (such as %(value)s) can be read with the day or the month first; "
            "the column stays text."
        ),
        _("Say which in the schema: give the field a format."),
    ),
    FindingType(
        "date-formats-mixed",
        "warning",
        _("Dates written in several ways"),
        _("The dates in %(column)s are written in several ways (%(formats)s); all were read as dates."),
        _("Write all dates as 2024-12-31."),
    ),
    FindingType(
        "number-format-doubtful",
        "warning",
        _("Decimal mark or thousands separator?"),
        _("The numbers in %(column)s (such as %(value)s) can be read in two ways; the column stays text."),
        _("Write the numbers without thousands separators, or say in the schema that they are numbers."),
    ),
    FindingType(
        "values-simplified",
        "warning",
        _("Values that Parquet holds in another type"),
        _("%(column)s came as %(from)s and is stored as %(to)s: %(reason)s."),
    ),
    FindingType(
        "column-absent",
        "warning",
        _("A column of the schema is not in the file"),
        _("The schema's column %(column)s is not in the file; it is empty in the table."),
        _("Add the column to the file, or take it out of the schema."),
    ),
    FindingType(
        "column-not-in-schema",
        "warning",
        _("A column that the schema does not know"),
        _("The schema has no column %(value)s; it was kept as %(column)s with the type that its values have."),
        _("Add the column to the schema, or take it out of the file."),
    ),
    FindingType(
        "members-not-read",
        "warning",
        _("Files of the archive that were left out"),
        _("The archive's member %(value)s was not read: %(reason)s"),
    ),
    FindingType(
        "nested-kept-as-json",
        "info",
        _("Nested values kept as JSON text"),
        _("%(column)s holds %(reason)s; each value is kept as JSON text."),
    ),
    FindingType(
        "types-mixed",
        "warning",
        _("Several types in one column"),
        _("%(column)s holds %(types)s; the column stays text."),
    ),
    FindingType(
        "number-not-exact",
        "warning",
        _("Numbers with more digits than a number can hold"),
        _("%(column)s holds numbers such as %(value)s that would lose digits; the column stays text."),
    ),
    # ------------------------------------------------------------ what was done
    FindingType(
        "header-missing",
        "info",
        _("No header line"),
        _("The file has no header; the columns are called column_1 to column_%(columns)s."),
    ),
    FindingType(
        "header-repaired",
        "info",
        _("Column names made usable"),
        _("The header %(value)s became the column %(column)s: %(reason)s."),
    ),
    FindingType(
        "lines-before-header",
        "info",
        _("Lines before the header"),
        _("%(lines)s lines before the header are not part of the table."),
    ),
    FindingType(
        "lines-after-table",
        "info",
        _("Lines after the table"),
        _("%(count)s lines after the last row are not part of the table."),
    ),
    FindingType(
        "nul-bytes-removed",
        "info",
        _("NUL bytes removed"),
        _("NUL bytes were taken out of %(count)s lines."),
    ),
    FindingType(
        "missing-tokens",
        "info",
        _("Placeholders read as missing"),
        _("In %(column)s, %(tokens)s was read as missing in %(cells)s cells."),
    ),
    FindingType(
        "identifiers-kept-as-text",
        "info",
        _("Codes kept as text"),
        _("%(column)s holds codes such as %(value)s whose leading zeros matter; it stays text."),
    ),
    FindingType(
        "sheets-not-read",
        "info",
        _("Sheets that are no table"),
        _("The sheet %(value)s was not read: %(reason)s."),
    ),
)
