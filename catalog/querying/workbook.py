"""An Excel workbook (ECMA-376) of one sheet, written as it goes: neither rows nor texts are held.

Texts stand in their cells (``inlineStr``), numbers that a double can't hold exactly are texts, dates and moments are
Excel's own from 1 March 1900 on (before that it counts a day that there was not) and texts otherwise.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import IO, Any
from xml.sax.saxutils import escape

from catalog.querying.lines import text_of
from catalog.rows.query import TableColumn

MAX_ROWS = 1_048_575
"""Rows of a sheet under its head (Excel's limit is 1,048,576 with it)."""
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767
"""Characters of a cell; longer texts are cut there."""

_DATE, _MOMENT, _HEAD = 1, 2, 3
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/styles.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="data" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/styles.xml": (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2">'
        '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss.000"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill>'
        '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="4"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/>'
        '<xf fontId="1" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NOT_XML = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"


class Workbook:
    """Writes to a file that is only ever written forward."""

    def __init__(self, target: Any) -> None:
        self._archive = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._sheet: IO[bytes] | None = None

    def begin(self, names: Sequence[str]) -> None:
        """The fixed parts, and the head of the sheet, which stays in sight."""
        for name, text in _PARTS.items():
            self._archive.writestr(zipfile.ZipInfo(name), _DECLARATION + text, zipfile.ZIP_DEFLATED)
        self._sheet = self._archive.open(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), "w", force_zip64=True)
        cells = "".join(f'<c t="inlineStr" s="{_HEAD}"><is><t>{escape(name)}</t></is></c>' for name in names)
        head = (
            f'{_DECLARATION}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
            f'state="frozen"/></sheetView></sheetViews><sheetData><row>{cells}</row>'
        )
        self._sheet.write(head.encode())

    def add(self, rows: memoryview) -> None:
        """Rows as ``row_cells`` writes them."""
        if self._sheet is not None:
            self._sheet.write(rows)

    def end(self) -> None:
        if self._sheet is not None:
            self._sheet.write(b"</sheetData></worksheet>")
            self._sheet.close()
        self._archive.close()


def row_cells(columns: Sequence[TableColumn]) -> str:
    """The SQL of one row of a sheet."""
    return "concat('<row>', " + ", ".join(_cell(column) for column in columns) + ", '</row>')"


def _cell(column: TableColumn) -> str:
    name, family = column.alias, column.family
    if family == "bool":
        cell = f"concat('<c t=\"b\"><v>', {name}::INTEGER, '</v></c>')"
    elif family == "integer":
        # A double holds fifteen digits of any number.
        exact = f"{name} BETWEEN -999999999999999 AND 999999999999999"
        cell = f"CASE WHEN {exact} THEN {_number(name)} ELSE {_text(column)} END"
    elif family == "decimal":
        exact = f"length(replace(ltrim({name}::VARCHAR, '-0.'), '.', '')) <= 15"
        cell = f"CASE WHEN {exact} THEN {_number(name)} ELSE {_text(column)} END"
    elif family == "float":
        cell = f"CASE WHEN isfinite({name}) THEN {_number(name)} ELSE {_text(column)} END"
    elif family == "date":
        days = f"date_diff('day', DATE '1899-12-30', {name})"
        cell = f"CASE WHEN {name} >= DATE '1900-03-01' THEN {_number(days, _DATE)} ELSE {_text(column)} END"
    elif family == "timestamp":
        days = f"(epoch_us({name}) / 86400000000.0 + 25569)"
        cell = f"CASE WHEN {name} >= TIMESTAMP '1900-03-01' THEN {_number(days, _MOMENT)} ELSE {_text(column)} END"
    else:
        cell = _text(column)
    return f"CASE WHEN {name} IS NULL THEN '<c/>' ELSE {cell} END"


def _number(expression: str, style: int = 0) -> str:
    return f"concat('<c s=\"{style}\"><v>', {expression}, '</v></c>')"


def _text(column: TableColumn) -> str:
    text = f"left({text_of(column)}, {MAX_TEXT})"
    text = f"regexp_replace({text}, '{_NOT_XML}', '\ufffd', 'g')"
    for found, meant in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        text = f"replace({text}, '{found}', '{meant}')"
    return f"concat('<c t=\"inlineStr\"><is><t xml:space=\"preserve\">', {text}, '</t></is></c>')"
