"""Columns of the newer types at the other ends: the profile and the rules read what the converter wrote."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from catalog.table_schema import Constraints, TableSchema
from ingest.outcome import ConvertedResource
from quality.checking.engine import check
from quality.profiling.profile import profile
from tests.ingest.memory_table import convert

COLUMNS = {
    "big": ["99999999999999999999999999999999999999", "-1", ""],
    "exact": ["0.12345678901234567890", "1.5", "-3"],
    "year": ["1999", "2024", "2025"],
    "month": ["2024-03", "2023-11", "2024-01"],
    "time": ["09:30", "23:59", "00:00:01.5"],
    "span": ["P1D", "PT2H30M", "P1Y2M"],
    "answer": ["ja", "nein", "ja"],
    "weight": ["1.250,5 kg", "3 kg", "-2 kg"],
}


@pytest.fixture
def resource(tmp_path: Path) -> ConvertedResource:
    return convert(COLUMNS, tmp_path / "converted")


def test_what_is_stored(resource: ConvertedResource) -> None:
    assert {item.name: (item.type, item.arrow, item.unit) for item in resource.schema.fields} == {
        "big": ("integer", "decimal128(38, 0)", ""),
        "exact": ("number", "decimal128(38, 20)", ""),
        "year": ("year", "int64", ""),
        "month": ("yearmonth", "string", ""),
        "time": ("time", "string", ""),
        "span": ("duration", "string", ""),
        "answer": ("boolean", "bool", ""),
        "weight": ("number", "double", "kg"),
    }
    rows = pq.read_table(resource.parts[0].path).to_pydict()
    assert rows["big"] == [Decimal("9" * 38), Decimal(-1), None]
    assert rows["exact"] == [Decimal("0.12345678901234567890"), Decimal("1.5"), Decimal(-3)]
    assert rows["time"] == ["09:30:00", "23:59:00", "00:00:01.5"]
    assert rows["weight"] == [1250.5, 3.0, -2.0]
    assert TableSchema.from_descriptor(resource.schema.to_descriptor()) == resource.schema


def test_the_profile_reads_them(resource: ConvertedResource, tmp_path: Path) -> None:
    found = profile(parquet=[resource.parts[0].path], schema=resource.schema, workdir=tmp_path)
    columns = {column.name: column for column in found.columns}
    assert {name: column.nulls for name, column in columns.items() if column.nulls} == {"big": 1}
    assert columns["big"].details["max"] == "99999999999999999999999999999999999999"
    assert columns["exact"].details["max"] == 1.5
    assert columns["time"].details["min"] == "00:00:01.5"


def test_the_schemas_own_rules_hold(resource: ConvertedResource, tmp_path: Path) -> None:
    fields = tuple(
        replace(item, constraints=Constraints(unique=item.name != "answer")) for item in resource.schema.fields
    )
    result = check(
        parquet=[resource.parts[0].path],
        schema=replace(resource.schema, fields=fields),
        rules=[],
        workdir=tmp_path,
    )
    assert {(item.rule.type.value, item.status) for item in result.outcomes} >= {
        ("type", "passed"),
        ("unique", "passed"),
    }
    assert [item for item in result.outcomes if item.status != "passed"] == []


def test_a_table_conforms_to_its_own_schema(resource: ConvertedResource, tmp_path: Path) -> None:
    again = convert(COLUMNS, tmp_path / "again", schema=resource.schema)
    assert again.schema == resource.schema
    assert again.findings.count == 0
    assert pq.read_table(again.parts[0].path).equals(pq.read_table(resource.parts[0].path))


def test_a_declared_number_is_never_rounded_unasked(tmp_path: Path) -> None:
    schema = TableSchema.from_descriptor({"fields": [{"name": "x", "type": "number", "arrow": "double"}]})
    found = convert({"x": ["1.5", "0.12345678901234567890", "007"]}, tmp_path, schema=schema)
    assert pq.read_table(found.parts[0].path)["x"].to_pylist() == [1.5, None, 7.0]
    assert [(group.code, group.count) for group in found.findings.groups] == [("cell-not-of-type", 1)]


@pytest.mark.parametrize(
    ("cells", "arrow"),
    [
        (["12.50", "3.10"], "double"),
        (["9007199254740993"], "int64"),
        (["9007199254740993", "0.5"], "decimal128(38, 1)"),
        # The shortest text of a float64, and one of 17 digits that comes back from it all the same.
        (["0.30000000000000004"], "double"),
        (["0.10000000000000001"], "double"),
        # Of 17 digits too, but the float64 nearest to it is another number.
        (["9007199254740993.5"], "decimal128(38, 1)"),
        (["1e22", "2.5e-7"], "double"),
        (["0.1000000000000000000000000"], "double"),
        (["1" * 38], "decimal128(38, 0)"),
        (["1" * 39], "string"),
        (["1" * 20 + "." + "1" * 18], "decimal128(38, 18)"),
        (["1" * 20 + "." + "1" * 19], "string"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0][:24],
)
def test_the_narrowest_type_that_is_exact(cells: list[str], arrow: str, tmp_path: Path) -> None:
    found = convert({"x": cells}, tmp_path)
    assert found.schema["x"].arrow == arrow
    values = pq.read_table(found.parts[0].path)["x"].to_pylist()
    if arrow == "double":
        assert [float(cell) for cell in cells] == values
    elif arrow != "string":
        assert [Decimal(cell) for cell in cells] == [Decimal(value) for value in values]
