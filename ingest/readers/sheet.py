"""Workbooks: every visible sheet that is a table, read with calamine (Rust, 19 times as fast as openpyxl)."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from catalog.findings import Finding
from ingest.columns.infer import Sample
from ingest.limits import Limits
from ingest.outcome import RejectionError
from ingest.readers.opendocument import without_white_space
from ingest.readers.sheet_scan import Scan, cell_name, column_number, scan_package
from ingest.readers.xls import failed_cells
from ingest.readers.xlsb import with_columns
from ingest.table import Batch, TableFacts
from ingest.text.layout import Layout, find_layout
from ingest.text.names import column_names
from ingest.writings.shapes import TYPED, shape

HEAD_ROWS = 1_000
BATCH_ROWS = 50_000
EXACT_FLOAT = 2**53

Cells = list[str | None]
Corner = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """A sheet in its workbook: ``merged`` are ranges of (row, column) from 0, ``failed`` cells with an error."""

    name: str
    format: str
    merged: tuple[tuple[Corner, Corner], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


class SheetTable:
    """One sheet, held as Arrow text columns: the library hands out whole sheets."""

    def __init__(self, rows: list[Cells], sheet_rows: list[int], layout: Layout, title: str, place: SheetPlace) -> None:
        sheet = place.name
        self._numbers = np.array(sheet_rows, dtype=np.int64)
        self._columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        self._count = len(rows)
        source = {
            "format": place.format,
            "sheet": sheet,
            "header_line": sheet_rows[0] - layout.header_rows if layout.header_rows and sheet_rows else None,
            "header_rows": layout.header_rows,
        }
        self.facts = TableFacts(
            title=title,
            names=column_names(layout.headers),
            titles=layout.group_headers or layout.headers,
            first_row=layout.header_rows + 1,
            size=sum(column.nbytes for column in self._columns),
            source=source,
            recipe=(
                {"step": "read-sheet", "sheet": sheet},
                {"step": "read-header", "rows": layout.header_rows},
            ),
            native=(None,) * layout.width,
        )

    def with_findings(self, findings: list[Finding]) -> SheetTable:
        """The same table with findings of how it stood in its sheet."""
        if not self.facts.first_row - 1:
            findings = [Finding("header-missing", params={"columns": len(self._columns)}), *findings]
        self.facts = replace(self.facts, findings=tuple(findings))
        return self

    def samples(self) -> list[Sample]:
        samples = []
        for column in self._columns:
            counts = pc.value_counts(column.drop_null())
            pairs = zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)
            samples.append(Sample(dict(pairs), whole=True))
        return samples

    def batches(self) -> Iterator[Batch]:
        for start in range(0, self._count, BATCH_ROWS):
            columns = [column.slice(start, BATCH_ROWS) for column in self._columns]
            rows = min(BATCH_ROWS, self._count - start)
            yield Batch(columns, rows, self.facts.size * (start + rows) // self._count)

    def lines(self, rows: Any) -> Any | None:
        """The sheet's own row numbers, as the program that made it shows them."""
        places = np.clip(np.asarray(rows) - self.facts.first_row, 0, len(self._numbers) - 1)
        return self._numbers[places]


def open_workbook(
    path: Path, title: str, limits: Limits, format_name: str = "xlsx"
) -> tuple[list[SheetTable], list[Finding]]:
    """The tables of a workbook's visible sheets, and a finding for each sheet that is none.

    ``format_name`` is one of xlsx, xlsb, xls and ods. Raises RejectionError when the workbook is damaged or too large
    to be held.
    """
    scan = Scan()
    if format_name == "xls":
        # The format itself ends at 65,536 rows of 256 columns; a workbook of it is held whole.
        if path.stat().st_size > limits.max_tree_bytes:
            params = {"bytes": path.stat().st_size, "limit": limits.max_tree_bytes}
            raise RejectionError(Finding("file-too-large", params=params))
        cells = {
            name: [(cell_name(*cell[:2]), cell[2]) for cell in failed] for name, failed in failed_cells(path).items()
        }
        scan = Scan(errors=cells, names={name: name for name in cells})
    else:
        _check_size(path, limits)
        scan = scan_package(path, limits)
    try:
        workbook = _opened(path, scan, format_name)
        metadata = workbook.sheets_metadata
    except PasswordError as error:
        raise RejectionError(Finding("archive-locked", value=path.name)) from error
    except (CalamineError, OSError, ValueError) as error:
        raise RejectionError(_damaged(error)) from error
    tables: list[SheetTable] = []
    findings: list[Finding] = []
    visible = [item for item in metadata if item.visible == SheetVisibleEnum.Visible]
    for item in metadata:
        if item.visible != SheetVisibleEnum.Visible or item.typ != SheetTypeEnum.WorkSheet:
            findings.append(_left_out(item.name, "it is hidden" if item not in visible else "it holds no cells"))
            continue
        try:
            sheet = workbook.get_sheet_by_name(item.name)
            rows, numbers = _read_rows(sheet)
            merged = sheet.merged_cell_ranges or []
        except (CalamineError, ValueError, OSError) as error:
            raise RejectionError(_damaged(error)) from error
        place = SheetPlace(item.name, format_name, tuple(merged), tuple(scan.failed(item.name)))
        found = _find_table(rows, numbers, item.name if len(visible) > 1 else title, place, limits)
        if isinstance(found, str):
            findings.append(_left_out(item.name, found))
        else:
            tables.append(found)
    if not tables:
        raise RejectionError(Finding("no-table", params={"reason": "no visible sheet is a table"}), *findings)
    return tables, findings


def _opened(path: Path, scan: Scan, format_name: str) -> Any:
    """The workbook, of a copy where the library would leave out cells of the file itself. Raises CalamineError."""
    if scan.has_short_cells:
        return CalamineWorkbook.from_filelike(with_columns(path))
    try:
        return CalamineWorkbook.from_path(str(path))
    except CalamineError:
        if format_name != "ods":
            raise
        return CalamineWorkbook.from_filelike(without_white_space(path))


def _left_out(name: str, reason: str) -> Finding:
    return Finding("sheets-not-read", value=name, params={"reason": reason})


def _damaged(error: Exception) -> Finding:
    return Finding("format-damaged", params={"format": "an Excel workbook", "reason": str(error)})


def _check_size(path: Path, limits: Limits) -> None:
    """A sheet is held in memory: its XML must not unpack to more than the limit."""
    with zipfile.ZipFile(path) as archive:
        total = sum(entry.file_size for entry in archive.infolist())
    ratio = total // max(path.stat().st_size, 1)
    too_dense = total > limits.ratio_free_bytes and ratio > limits.max_ratio
    if total > limits.max_tree_bytes or too_dense:
        params = {"limit": f"{limits.max_tree_bytes} bytes", "ratio": ratio}
        raise RejectionError(Finding("archive-too-large", params=params))


def _read_rows(sheet: Any) -> tuple[list[Cells], list[int]]:
    """The sheet's rows as text with None for empty cells, and their numbers; blank rows are left in as []."""
    rows: list[Cells] = []
    for row in sheet.iter_rows():
        cells = [_text(value) for value in row]
        rows.append(cells if any(cell is not None for cell in cells) else [])
    return rows, list(range(1, len(rows) + 1))


def _text(value: Any) -> str | None:
    """A cell's value in the plain form that the caster reads."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < EXACT_FLOAT else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value)


def _find_table(
    rows: list[Cells], numbers: list[int], title: str, sheet: SheetPlace, limits: Limits
) -> SheetTable | str:
    """The table in a sheet, or why there is none."""
    used = [place for place in range(max(map(len, rows), default=0)) if any(row and row[place] for row in rows)]
    if not used:
        return "it is empty"
    if len(used) > limits.max_columns:
        raise RejectionError(Finding("too-many-columns", params={"columns": len(used), "limit": limits.max_columns}))
    first, last = used[0], used[-1]
    rows = [row[first : last + 1] for row in rows]
    width = last - first + 1
    head = [[cell or "" for cell in row] for row in rows[:HEAD_ROWS]]
    layout = find_layout(head, width)
    if layout is None:
        return "it is empty"
    names = head[layout.first_header]
    if width > 1 and sum(1 for cell in names if cell.strip()) * 2 <= width:
        return "its first row does not name the columns"
    findings = []
    if before := sum(1 for row in rows[: layout.first_header] if row):
        findings.append(Finding("lines-before-header", line=1, params={"lines": before}))
    end, notes = _split_notes(rows, layout.first_row)
    for place in notes:
        text = " ".join(cell for cell in rows[place] if cell)
        findings.append(Finding("lines-after-table", line=numbers[place], value=text))
    findings += _fill_merged(rows, sheet.merged, first, range(layout.first_row, end))
    places = [place for place in range(layout.first_row, end) if any(rows[place])]
    if not places:
        return "it has no row with a value"
    findings += _formula_errors(sheet.failed, [numbers[place] for place in places], first, layout)
    table = SheetTable([rows[place] for place in places], [numbers[place] for place in places], layout, title, sheet)
    return table.with_findings(findings)


def _fill_merged(
    rows: list[Cells], merged: Sequence[tuple[Corner, Corner]], first: int, body: range
) -> Iterator[Finding]:
    """Write a text that stands over several rows into each of them; it is true of all. Numbers stay where they are.

    A number over several rows may be their sum: to repeat it would change what they add up to.
    """
    for (top, left), (bottom, right) in merged:
        if top == bottom or top not in body or not rows[top]:
            continue
        column = left - first
        value = rows[top][column] if 0 <= column < len(rows[top]) else None
        if value is None:
            continue
        filled = shape(value) not in TYPED
        for place in range(top + 1, min(bottom + 1, body.stop) if filled else 0):
            width = len(rows[top])
            rows[place] = rows[place] or [None] * width
            rows[place][column] = rows[place][column] or value
        cells = f"{cell_name(top, left)}:{cell_name(bottom, right)}"
        done = "written into each of its rows" if filled else "left in its first row"
        yield Finding("cells-merged", row=None, line=top + 1, value=value, params={"cells": cells, "done": done})


def _formula_errors(
    failed: Sequence[tuple[str, str]], numbers: list[int], first: int, layout: Layout
) -> Iterator[Finding]:
    """The failed formulas of the table's own cells, each with its column."""
    rows = {number: place for place, number in enumerate(numbers)}
    names = column_names(layout.headers) if failed else ()
    for cell, error in failed:
        letters = cell.rstrip("0123456789")
        column = column_number(letters.encode()) - 1 - first
        line = int(cell[len(letters) :])
        if line in rows and 0 <= column < len(names):
            row = rows[line] + layout.header_rows + 1
            yield Finding(
                "formula-errors", row=row, line=line, column=names[column].name, value=error, params={"cell": cell}
            )


def _split_notes(rows: list[Cells], start: int) -> tuple[int, list[int]]:
    """Where the table ends: rows with one cell after a blank row at the end are notes."""
    end = len(rows)
    notes: list[int] = []
    while end > start and sum(1 for cell in rows[end - 1] if cell) <= 1:
        end -= 1
        if rows[end]:
            notes.insert(0, end)
        else:
            return _split_further(rows, start, end, notes)
    return len(rows), []


def _split_further(rows: list[Cells], start: int, end: int, notes: list[int]) -> tuple[int, list[int]]:
    earlier_end, earlier = _split_notes(rows[:end], start)
    return earlier_end, [*earlier, *notes]
