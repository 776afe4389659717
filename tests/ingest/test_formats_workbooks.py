"""Workbooks of every kind: all sheets, merged cells, failed formulas, hidden sheets, and files made to explode."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

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


@pytest.mark.parametrize("name", ["birds.xls", "birds.ods"])
@pytest.mark.parametrize("seed", range(12))
def test_damage_never_raises(ingest: Ingest, data: Path, name: str, seed: int) -> None:
    content = bytearray((data / "workbooks" / name).read_bytes())
    for place in range(seed * 13 + 9, len(content), 211):
        content[place] ^= 1 << (seed % 8)
    ingest(bytes(content), name)
