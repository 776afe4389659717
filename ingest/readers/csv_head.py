"""The beginning of a delimited text: how it is punctuated, where its header is and where its rows begin."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.findings import Finding
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.text.dialect import Dialect, Record, modal_width, read_records
from ingest.text.file import TextFile
from ingest.text.layout import Layout, find_layout, take_layout
from ingest.text.sniff import sniff

HEAD_RECORDS = 1_000
MIN_HEAD_LINES = 3


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a text: its dialect, records and layout."""

    dialect: Dialect
    records: list[Record]
    layout: Layout

    @property
    def data_start(self) -> int:
        first = self.layout.first_row
        return self.records[first - 1].end if first else 0

    @property
    def header_line(self) -> int:
        return self.records[self.layout.first_header].line


def read_head(
    text: TextFile, prefer: str, limits: Limits, dialect: Dialect | None = None, header: int | None = None
) -> Head:
    """Sniff the beginning of the text, as much of it as holds a few lines; ``dialect`` when it is known.

    ``header`` is the line that the file's owner says is its header, 0 for none; a line that is no row of the text is
    passed over.

    Raises RejectionError if there is no table in it.
    """
    size = limits.head_sample_bytes
    data = text.head(size)
    while len(data) == size and _line_ends(data) < MIN_HEAD_LINES and size < limits.max_cell_bytes:
        size = min(size * 4, limits.max_cell_bytes)
        data = text.head(size)
    complete = len(data) < size
    sample = data.decode("utf-8", "ignore")
    if not sample.strip():
        reason = "it holds only white space"
        raise RejectionError(Finding("no-table", params={"reason": reason}))
    dialect = dialect or sniff(sample, prefer=prefer)
    records = read_records(sample, dialect, HEAD_RECORDS)
    if not complete and len(records) < HEAD_RECORDS and len(records) > 1:
        records.pop()
    width, _share = modal_width(records)
    rows = [() if record.is_blank or record.names_delimiter else record.fields for record in records]
    place = next((place for place, record in enumerate(records) if rows[place] and record.line == header), None)
    is_known = header == 0 or place is not None
    layout = take_layout(rows, max(width, 1), place) if is_known else find_layout(rows, max(width, 1))
    if layout is None:
        raise RejectionError(Finding("no-table", params={"reason": "no line has a value"}))
    return Head(dialect, records, layout)


def _line_ends(data: bytes) -> int:
    return data.count(b"\n") or data.count(b"\r")
