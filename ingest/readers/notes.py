"""Notes at the end of a delimited text with as many delimiters as its rows: a spreadsheet's export writes them so."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from catalog.findings import Finding
from ingest.table import Batch

MAX_NOTES = 50
MIN_COLUMNS = 3


def without_notes(batch: Batch, first_row: int, records: int) -> Batch:
    """The last batch of a table less the notes below it, each a finding.

    Notes are rows with a text in the first column alone, and an empty row stands between them and the table.
    ``records`` is how many records the file has, ``first_row`` the number of the first.
    """
    columns = batch.columns
    if (
        len(columns) < MIN_COLUMNS
        or batch.rows < MIN_COLUMNS
        or not all(pa.types.is_string(column.type) for column in columns)
    ):
        return batch
    start = batch.rows
    notes: list[str] = []
    # The second column tells nearly always that there are none.
    while start > 1 and len(notes) < MAX_NOTES and not columns[1][start - 1].is_valid:
        filled = [place for place, column in enumerate(columns) if column[start - 1].is_valid]
        if filled not in ([0], []):
            break
        start -= 1
        notes.append(columns[0][start].as_py() or "")
    # What lies above the uppermost empty row belongs to the table.
    while notes and notes[-1]:
        notes.pop()
        start += 1
    if not any(notes):
        return batch
    place = first_row + records - batch.rows + start
    found = tuple(
        Finding("lines-after-table", row=place + offset, value=note)
        for offset, note in enumerate(reversed(notes))
        if note
    )
    kept = [column.slice(0, start) for column in columns]
    return replace(batch, columns=kept, rows=start, findings=(*batch.findings, *found))
