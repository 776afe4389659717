"""Workbooks of every kind: all sheets, merged cells, failed formulas, hidden sheets, and files made to explode."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from ingest.limits import Limits
from ingest.outcome import Stored
from tests.ingest.result import Result

Ingest = Callable[..., Result]


def saved(workbook: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def test_an_old_workbook(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "workbooks" / "birds.xls")
    assert result.resource.source["format"] == "xls"
    assert result.rows[0] == {"id": 1, "species": "Adelie", "seen": dt.date(2024, 1, 1), "mass": 3000.5, "ok": False}
    assert [row["species"] for row in result.rows[5:]] == ["Chinstrap", "Chinstrap"]
    assert result.codes == {"lines-before-header": 1, "sheets-not-read": 1, "cells-merged": 1}


def test_an_open_document(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "workbooks" / "birds.ods")
    assert result.resource.source["format"] == "ods"
    assert result.types == {"id": "int64", "species": "string", "seen": "date32[day]", "mass": "double"}
    assert result.resource.rows == 5


FAILED = [(3, 3, "share", "#DIV/0!"), (5, 5, "share", "#N/A"), (7, 7, "mass", "#REF!")]


@pytest.mark.parametrize("name", ["sheetjs.xlsx", "sheetjs.xlsb", "sheetjs.xls"])
def test_the_same_workbook_in_each_of_excel_s_formats(ingest: Ingest, data: Path, name: str) -> None:
    """The XLSB has cells without a column of their own, as its format allows: their columns must be found."""
    result = ingest(data / "workbooks" / name)
    birds, stations = result.stored.resources
    assert birds.source["format"] == name.partition(".")[2]
    rows = result.table("birds").to_pylist()
    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["species"] for row in rows] == ["Adelie", "Gentoo", "Chinstrap Ä 企鵝", "Adelie", None, "Gentoo"]
    assert [row["mass"] for row in rows] == [3750.5, 5000, None, -12.25, 1234567.875, None]
    assert [row["tagged"] for row in rows] == [True, False, True, None, False, True]
    assert [row["share"] for row in rows] == [0.5, None, 0.25, None, 0.125, 1]
    if name != "sheetjs.xls":
        # Its maker writes no format for dates into XLS: there they are the numbers of days that the cells hold.
        days = ["2007-11-11", "2007-11-12", "2008-02-29", None, "2009-12-31", "2009-12-31"]
        assert [row["seen"] and row["seen"].isoformat() for row in rows] == days
        moments = ["2008-02-29 23:59:00", "2009-01-01 00:15:00", "2009-12-31 06:00:00", "2009-12-31 06:00:00"]
        assert [str(row["weighed_at"]) for row in rows][2:] == moments
    assert result.table("stations-and-co").to_pylist() == [
        {"station": "Palmer", "height": 12},
        {"station": "Torgersen", "height": 7.5},
    ]
    assert stations.findings.count == 0
    assert birds.findings.path is not None
    found = pq.read_table(birds.findings.path).to_pylist()
    assert sorted((row["row"], row["line"], row["column"], row["value"]) for row in found) == FAILED
    assert {row["code"] for row in found} == {"formula-errors"}
    assert result.codes == {"formula-errors": 3, "sheets-not-read": 1}


@pytest.mark.parametrize(("cells", "fits"), [(48, False), (49, True)])
def test_cells_without_a_column_count_too(ingest: Ingest, data: Path, cells: int, fits: bool) -> None:
    """The sheet is of seven rows and seven columns, and the last of these stands in such cells alone."""
    result = ingest(data / "workbooks" / "sheetjs.xlsb", limits=Limits(max_sheet_cells=cells))
    assert isinstance(result.outcome, Stored) is fits
    assert fits or result.reason == "sheet-too-large"


def changed(path: Path, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one of its parts changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            part = old.read(entry.filename)
            new.writestr(entry.filename, change(part) if entry.filename == name else part)
    return buffer.getvalue()


def test_an_open_document_with_white_space_between_its_cells(ingest: Ingest, data: Path) -> None:
    result = ingest(data / "workbooks" / "sheetjs.ods")
    rows = result.table("birds").to_pylist()
    assert [row["species"] for row in rows] == ["Adelie", "Gentoo", "Chinstrap Ä 企鵝", "Adelie", None, "Gentoo"]
    assert [row["mass"] for row in rows] == [3750.5, 5000, None, -12.25, 1234567.875, None]


def test_failed_formulas_of_an_open_document(ingest: Ingest, data: Path) -> None:
    """As LibreOffice writes them, and one for three rows at once."""
    failed = (
        b'<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        b'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    row = b'<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>'
    number = b'<table:table-cell office:value-type="float" office:value="%d"><text:p>%d</text:p></table:table-cell>'
    rows = [
        row % b"id" + row % b"share",
        number % (1, 1) + number % (5, 5),
        number % (2, 2) + failed,
        number % (3, 3) + failed.replace(b"#DIV/0!", b"#N/A"),
        number % (4, 4) + number % (7, 7),
    ]
    table = b"".join(b"<table:table-row>" + cells + b"</table:table-row>" for cells in rows)
    table = table.replace(
        b"<table:table-row>" + number % (3, 3), b'<table:table-row table:number-rows-repeated="3">' + number % (3, 3)
    )

    def change(old: bytes) -> bytes:
        begin, end = old.index(b"<table:table-row"), old.index(b"</table:table>")
        return old[:begin] + table + old[end:]

    result = ingest(changed(data / "workbooks" / "birds.ods", "content.xml", change), "b.ods")
    assert [row["share"] for row in result.rows] == [5, None, None, None, None, 7]
    assert [(row["row"], row["line"], row["value"]) for row in result.findings("formula-errors")] == [
        (3, 3, "#DIV/0!"),
        (4, 4, "#N/A"),
        (5, 5, "#N/A"),
        (6, 6, "#N/A"),
    ]


def test_every_visible_sheet_is_a_table_and_hidden_ones_are_said(ingest: Ingest) -> None:
    workbook = openpyxl.Workbook()
    for name in ("North", "South", "Old"):
        sheet = workbook.create_sheet(name)
        sheet.append(["id", "name"])
        sheet.append([1, name])
    workbook["Old"].sheet_state = "hidden"
    workbook.remove(workbook["Sheet"])
    result = ingest(saved(workbook), "b.xlsx")
    assert [item.name for item in result.stored.resources] == ["north", "south"]
    assert result.codes == {"sheets-not-read": 1}


def test_failed_formulas_are_on_record(ingest: Ingest) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (["id", "share"], [1, 0.5], [2, "#DIV/0!"], [3, "#N/A"], [4, 0.25]):
        sheet.append(row)
    for cell in ("B3", "B4"):
        sheet[cell].data_type = "e"
    result = ingest(saved(workbook), "b.xlsx")
    assert [row["share"] for row in result.rows] == [0.5, None, None, 0.25]
    assert [(row["row"], row["line"], row["column"], row["value"]) for row in result.findings("formula-errors")] == [
        (3, 3, "share", "#DIV/0!"),
        (4, 4, "share", "#N/A"),
    ]


def test_merged_numbers_are_not_repeated(ingest: Ingest) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (["region", "town", "total"], ["North", "A", 10], [None, "B", None], ["South", "C", 5]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("C2:C3")
    result = ingest(saved(workbook), "b.xlsx")
    assert [row["region"] for row in result.rows] == ["North", "North", "South"]
    assert [row["total"] for row in result.rows] == [10, None, 5]
    assert result.codes == {"cells-merged": 2}


def test_a_sheet_with_a_cell_at_the_end_of_the_world(ingest: Ingest) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"] = "id"
    sheet["XFD1048576"] = 1
    assert ingest(saved(workbook), "b.xlsx").reason == "sheet-too-large"


def test_a_workbook_whose_parts_are_larger_than_they_say(ingest: Ingest) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["id"])
    for number in range(5000):
        sheet.append([number])
    content = saved(workbook)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry.filename))
    data = bytearray(buffer.getvalue())
    # The size in the directory's entry of the sheet (24 bytes behind its signature) is made small.
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        if data[at + 46 :].startswith(b"xl/worksheets/sheet1.xml"):
            data[at + 24 : at + 28] = (100).to_bytes(4, "little")
        at += 4
    assert ingest(bytes(data), "b.xlsx").reason == "format-damaged"


def test_an_open_document_that_repeats_itself(ingest: Ingest, data: Path) -> None:
    content = (data / "workbooks" / "birds.ods").read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            part = old.read(entry.filename)
            if entry.filename == "content.xml":
                part = part.replace(
                    b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1000000">'
                ).replace(b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="1000" ')
            new.writestr(entry.filename, part)
    assert ingest(buffer.getvalue(), "b.ods").reason == "sheet-too-large"


@pytest.mark.parametrize("name", ["birds.xls", "birds.ods", "sheetjs.xls", "sheetjs.xlsb", "sheetjs.ods"])
@pytest.mark.parametrize("seed", range(12))
def test_damage_never_raises(ingest: Ingest, data: Path, name: str, seed: int) -> None:
    content = bytearray((data / "workbooks" / name).read_bytes())
    for place in range(seed * 13 + 9, len(content), 211):
        content[place] ^= 1 << (seed % 8)
    ingest(bytes(content), name)
