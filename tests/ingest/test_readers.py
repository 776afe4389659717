"""JSON, workbooks and Parquet: what is particular to each reader."""

from __future__ import annotations

import datetime as dt
import json
import struct
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.limits import Limits
from ingest.readers.json_values import CHUNK
from tests.ingest.result import Result

Ingest = Callable[..., Result]

# --------------------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('[{"a": 1, "b": "x"}, {"a": 2, "b": null}]', "json"),
        ('\ufeff[\n  {"a": 1,\n "b": "x"},\n\n {"b": null, "a": 2}\n]\n', "json"),
        ('{"a": 1, "b": "x"}\n\n{"a": 2}\n', "ndjson"),
        ('{"meta": {"n": 2}, "data": [{"a": 1, "b": "x"}, {"a": 2}], "more": 1}', "json"),
    ],
)
def test_json_in_its_forms(ingest: Ingest, text: str, kind: str) -> None:
    result = ingest(text, "x.json")
    assert result.rows == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert result.resource.source["format"] == kind
    assert result.codes == {}


def test_one_object_is_one_row(ingest: Ingest) -> None:
    assert ingest('{"a": 1, "b": {"c": 2}}', "x.json").rows == [{"a": 1, "b": {"c": 2}}]


def test_json_numbers_lose_nothing(ingest: Ingest) -> None:
    rows = '[{"a": 1, "b": 12345678901234567890, "c": 0.1234567890123456789, "d": 1.0, "e": 1e3}]'
    result = ingest(rows, "x.json")
    assert result.rows == [
        {
            "a": 1,
            "b": Decimal(12345678901234567890),
            "c": Decimal("0.1234567890123456789"),
            "d": 1.0,
            "e": 1000.0,
        }
    ]
    assert result.codes == {}


def test_json_texts_stay_texts_unless_they_are_dates(ingest: Ingest) -> None:
    values = [
        {"zip": "90210", "day": "2024-01-31", "flag": "true", "mixed": "7"},
        {"zip": "10001", "day": "2024-02-01", "flag": "false", "mixed": 8},
    ]
    result = ingest(json.dumps(values), "x.json")
    assert result.types == {"zip": "string", "day": "date32[day]", "flag": "string", "mixed": "int64"}


def test_json_nesting(ingest: Ingest) -> None:
    rows: list[dict[str, Any]] = [
        {
            "list": [1, 2.5],
            "object": {"a": 1, "b": {"c": "x"}},
            "odd": {"a": 1},
            "open": {f"k{n}": n for n in range(50)},
        },
        {"list": [], "object": {"a": None}, "odd": [1], "open": {f"l{n}": n for n in range(50)}},
        {"list": None, "odd": 5},
    ]
    result = ingest(json.dumps(rows), "x.json")
    assert result.types == {
        "list": "list<item: double>",
        "object": "struct<a: int64, b: struct<c: string>>",
        "odd": "string",
        "open": "string",
    }
    table = result.table().to_pydict()
    assert table["list"] == [[1.0, 2.5], [], None]
    assert table["object"] == [{"a": 1, "b": {"c": "x"}}, {"a": None, "b": None}, None]
    assert table["odd"] == ['{"a":1}', "[1]", "5"]
    assert json.loads(table["open"][0]) == rows[0]["open"]
    assert {item.type for item in result.resource.schema.fields} == {"array", "object", "string"}
    assert result.codes == {"nested-kept-as-json": 2}


def test_json_faults_are_on_record(ingest: Ingest) -> None:
    lines = ['{"a": 1}'] * 20 + ["{broken", '{"a": 2, "a": 3}', "[1]", '{"a": 4'] + ['{"a": 5}'] * 20
    result = ingest("\n".join(lines), "x.ndjson")
    assert result.resource.rows == 41
    found = result.findings("record-not-an-object")
    assert [(row["line"], row["value"]) for row in found] == [(21, "{broken"), (23, "[1]"), (24, '{"a": 4')]
    assert [row["line"] for row in result.findings("keys-repeated")] == [22]
    assert ingest("\n".join(["{broken"] * 20 + ['{"a": 1}'] * 20), "x.ndjson").reason == "format-damaged"


def test_json_arrays_larger_than_the_window(ingest: Ingest) -> None:
    rows = [{"n": number, "t": "ä" * 1000} for number in range(3 * CHUNK // 1000)]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    assert ingest(text, "x.json").rows == rows
    big = [{"n": 1, "t": "x" * (3 * CHUNK)}, {"n": 2, "t": "y"}]
    assert ingest(json.dumps(big), "x.json").rows == big
    assert ingest(json.dumps(big), "x.json", limits=Limits(max_cell_bytes=CHUNK)).reason == "cell-too-large"


def test_geojson_keeps_ids_and_geometries(ingest: Ingest) -> None:
    point = {"type": "Point", "coordinates": [-116.7931667, 34.25]}
    features = [
        {"type": "Feature", "id": "x1", "properties": {"id": 7, "geometry": "flat"}, "geometry": point},
        {"type": "Feature", "properties": None, "geometry": None},
    ]
    result = ingest(json.dumps({"type": "FeatureCollection", "name": "n", "features": features}), "x.geojson")
    rows = result.rows
    assert [row["id"] for row in rows] == [7, None]
    assert [row["feature_id"] for row in rows] == ["x1", None]
    assert [row["geometry_property"] for row in rows] == ["flat", None]
    assert rows[0]["geometry"] == struct.pack("<BIdd", 1, 1, -116.7931667, 34.25)
    assert rows[1]["geometry"] is None


# ---------------------------------------------------------------------------------------------- workbooks


def workbook(path: Path, sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def test_workbook_types(ingest: Ingest, tmp_path: Path) -> None:
    rows = [
        ["n", "x", "flag", "day", "at", "code", "mixed"],
        [1, 1.5, True, dt.date(2024, 1, 31), dt.datetime.fromisoformat("2024-01-31 10:30"), "007", 1],
        [2, 2, False, dt.date(2024, 2, 1), dt.datetime.fromisoformat("2024-02-01 00:00"), "008", "n/a"],
        [None, 1e20, None, None, None, None, 3],
    ]
    result = ingest(workbook(tmp_path / "one table.xlsx", {"Sheet1": rows}))
    assert result.resource.name == "one-table"
    assert result.rows[0] == {
        "n": 1,
        "x": 1.5,
        "flag": True,
        "day": dt.date(2024, 1, 31),
        "at": dt.datetime.fromisoformat("2024-01-31 10:30"),
        "code": "007",
        "mixed": 1,
    }
    assert result.rows[2] == {**dict.fromkeys(rows[0]), "x": 1e20, "mixed": 3}
    assert result.codes == {"identifiers-kept-as-text": 1, "missing-tokens": 1}


def test_sheets_with_titles_notes_and_faults(ingest: Ingest, tmp_path: Path) -> None:
    report = [[None, "Sales of 2024"], [], [None, "id", "amount"]]
    report += [[None, number, number * 2] for number in range(30)]
    report += [[None, 30, "oops"], [], [None, "Source: us"]]
    sheets = {
        "Report": report,
        "Notes": [["only words"]],
        "Secret": [["a", "b"], [1, 2]],
        "Plain": [["a", "b"], [1, 2]],
    }
    result = ingest(workbook(tmp_path / "b.xlsx", sheets, hidden=("Secret",)))
    assert [(item.name, item.rows) for item in result.stored.resources] == [("report", 31), ("plain", 1)]
    assert result.codes == {
        "sheets-not-read": 2,
        "lines-before-header": 1,
        "lines-after-table": 1,
        "cell-not-of-type": 1,
    }
    path = result.stored.resources[0].findings.path
    assert path is not None
    (found,) = [row for row in pq.read_table(path).to_pylist() if row["code"] == "cell-not-of-type"]
    assert (found["row"], found["line"], found["value"]) == (32, 34, "oops")


def test_workbook_without_a_table(ingest: Ingest, tmp_path: Path) -> None:
    result = ingest(workbook(tmp_path / "b.xlsx", {"Empty": []}))
    assert result.reason == "no-table"


# ------------------------------------------------------------------------------------------------ Parquet


def test_parquet_types_become_normal(ingest: Ingest, tmp_path: Path) -> None:
    moment = dt.datetime(2024, 1, 31, 10, tzinfo=dt.UTC)
    naive = np.datetime64("2024-01-31T10:00:00.123456000", "ns")
    table = pa.table(
        {
            "U8": pa.array([200, None], pa.uint8()),
            "U32": pa.array([2**32 - 1, 1], pa.uint32()),
            "U64": pa.array([2**63 - 1, 1], pa.uint64()),
            "I8": pa.array([-1, 1], pa.int8()),
            "half": pa.array([np.float16(0.5), None], pa.float16()),
            "ns": pa.array([naive, None], pa.timestamp("ns")),
            "zone": pa.array([moment, None], pa.timestamp("ms", "Europe/Berlin")),
            "time": pa.array([dt.time(9, 30), None], pa.time64("us")),
            "dict": pa.array(["x", None]).dictionary_encode(),
            "large": pa.array(["y", "z"], pa.large_string()),
            "bytes": pa.array([b"abc", b"\xff\xfe"], pa.binary()),
            "money": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "nested": pa.array(
                [{"a": 1, "b": [1]}, None], pa.struct([("a", pa.uint8()), ("b", pa.list_(pa.uint16()))])
            ),
            "nothing": pa.nulls(2),
        }
    )
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    result = ingest(path)
    assert result.types == {
        "u8": "int16",
        "u32": "int64",
        "u64": "int64",
        "i8": "int8",
        "half": "float",
        "ns": "timestamp[us]",
        "zone": "timestamp[us, tz=UTC]",
        "time": "string",
        "dict": "string",
        "large": "string",
        "bytes": "string",
        "money": "decimal128(10, 2)",
        "nested": "struct<a: int16, b: list<item: int32>>",
        "nothing": "string",
    }
    assert result.rows[0] == {
        "u8": 200,
        "u32": 2**32 - 1,
        "u64": 2**63 - 1,
        "i8": -1,
        "half": 0.5,
        "ns": naive.astype("datetime64[us]").item(),
        "zone": moment,
        "time": "09:30:00",
        "dict": "x",
        "large": "y",
        "bytes": "abc",
        "money": Decimal("1.50"),
        "nested": {"a": 1, "b": [1]},
        "nothing": None,
    }
    assert result.rows[1]["bytes"] == "//4="
    assert result.codes == {"values-simplified": 2}


def test_parquet_values_that_do_not_fit_are_kept_another_way(ingest: Ingest, tmp_path: Path) -> None:
    table = pa.table(
        {
            "n": pa.array([2**64 - 1, 1], pa.uint64()),
            "t": pa.array([np.datetime64("2024-01-31T10:00:00.123456789", "ns"), None], pa.timestamp("ns")),
        }
    )
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    result = ingest(path)
    assert result.types == {"n": "decimal128(20, 0)", "t": "timestamp[us]"}
    assert result.rows[0]["n"] == 2**64 - 1
    assert result.codes == {"values-simplified": 2}


def test_parquet_is_streamed_and_written_in_our_row_groups(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"n": np.arange(300_000)}), path, row_group_size=1_000)
    result = ingest(path)
    metadata = pq.read_metadata(result.resource.parts[0].path)
    assert [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)] == [
        122_880,
        122_880,
        54_240,
    ]
    assert result.table()["n"].to_pylist() == list(range(300_000))
    assert result.types == {"n": "int64"}


def test_parquet_names_are_made_usable(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["Größe (m)", "Größe (m)"]), path)
    result = ingest(path)
    assert list(result.types) == ["grosse_m", "grosse_m_2"]
    assert result.codes == {"header-repaired": 1}


def test_parquet_without_a_row(ingest: Ingest, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"n": pa.array([], pa.int64())}), path)
    assert ingest(path).reason == "no-table"


@pytest.mark.parametrize("damage", range(10))
def test_damaged_parquet_never_raises(ingest: Ingest, data: Path, damage: int) -> None:
    content = bytearray((data / "nycflights13_weather.parquet").read_bytes())
    random = np.random.default_rng(damage)
    for _ in range(5):
        content[int(random.integers(4, len(content) - 8))] ^= 0xFF
    assert ingest(bytes(content), "x.parquet").outcome is not None
