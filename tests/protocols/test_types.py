"""The table of types: each stored type under its name in every vocabulary."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from catalog.types import (
    DEPTH_LIMIT,
    SCALARS,
    ArrowType,
    Kind,
    UnknownType,
    arrow_name,
    ckan_type,
    column_type,
    croissant_type,
    has_local_time,
    hugging_face_feature,
    list_depth,
    read_type,
    spark_type,
    sql_type,
    table_schema_type,
)

# Arrow, Spark, Hugging Face, Croissant 1.0 and 1.1, Table Schema, CKAN, SQL; written out, not computed.
NAMES = [
    (pa.bool_(), "boolean", "bool", "sc:Boolean", "sc:Boolean", "boolean", "bool", "BOOLEAN"),
    (pa.int8(), "byte", "int8", "sc:Integer", "cr:Int8", "integer", "int2", "TINYINT"),
    (pa.int16(), "short", "int16", "sc:Integer", "cr:Int16", "integer", "int2", "SMALLINT"),
    (pa.int32(), "integer", "int32", "sc:Integer", "cr:Int32", "integer", "int4", "INTEGER"),
    (pa.int64(), "long", "int64", "sc:Integer", "cr:Int64", "integer", "int8", "BIGINT"),
    (pa.float32(), "float", "float32", "sc:Float", "cr:Float32", "number", "float4", "FLOAT"),
    (pa.float64(), "double", "float64", "sc:Float", "cr:Float64", "number", "float8", "DOUBLE"),
    (
        pa.decimal128(20, 4),
        "decimal(20,4)",
        "decimal128(20, 4)",
        "sc:Float",
        "sc:Float",
        "number",
        "numeric",
        "DECIMAL(20,4)",
    ),
    (pa.string(), "string", "string", "sc:Text", "sc:Text", "string", "text", "VARCHAR"),
    (pa.date32(), "date", "date32", "sc:Date", "sc:Date", "date", "date", "DATE"),
    (
        pa.timestamp("us"),
        "timestamp_ntz",
        "timestamp[us]",
        "sc:DateTime",
        "sc:DateTime",
        "datetime",
        "timestamp",
        "TIMESTAMP",
    ),
    (
        pa.timestamp("us", "UTC"),
        "timestamp",
        "timestamp[us, tz=UTC]",
        "sc:DateTime",
        "sc:DateTime",
        "datetime",
        "timestamptz",
        "TIMESTAMP WITH TIME ZONE",
    ),
]
NESTED = [
    pa.list_(pa.int64()),
    pa.list_(pa.list_(pa.string())),
    pa.struct([("a", pa.int64()), ("b c", pa.list_(pa.struct([("x", pa.date32())])))]),
    pa.struct([pa.field("a", pa.int8(), nullable=False), ("b", pa.bool_())]),
    pa.map_(pa.string(), pa.decimal128(5, 2)),
    pa.map_(pa.string(), pa.struct([("q", pa.map_(pa.int32(), pa.bool_()))])),
    pa.struct([]),
]


def test_no_kind_is_forgotten() -> None:
    assert {read_type(str(kind)).kind for kind, *_ in NAMES} == set(SCALARS)
    assert set(Kind) - set(SCALARS) == {Kind.LIST, Kind.STRUCT, Kind.MAP}


@pytest.mark.parametrize("row", NAMES, ids=lambda row: str(row[0]))
def test_scalars(row: tuple) -> None:
    kind, spark, hub, croissant, croissant_new, table_schema, ckan, sql = row
    found = read_type(str(kind))
    assert arrow_name(found) == str(kind)
    assert spark_type(found, ntz=True) == spark
    assert hugging_face_feature(found) == {"dtype": hub}
    assert (croissant_type(found, "1.0"), croissant_type(found, "1.1")) == (croissant, croissant_new)
    assert table_schema_type(found) == table_schema
    assert ckan_type(found) == ckan
    assert sql_type(found) == sql


@pytest.mark.parametrize("row", NAMES, ids=lambda row: str(row[0]))
def test_sql_s_names_are_those_of_the_engine_and_give_the_type_back(row: tuple) -> None:
    found = duckdb.sql(f"SELECT CAST(NULL AS {row[-1]}) AS x").to_arrow_table().schema.field("x").type
    stored = pa.timestamp("us", "UTC") if pa.types.is_timestamp(found) and found.tz else found
    assert stored == row[0]


@pytest.mark.parametrize("kind", NESTED, ids=str)
def test_nested_types_are_read_whole(kind: pa.DataType) -> None:
    found = read_type(str(kind))
    # The names of a list's items, and what may be null, say nothing about the type.
    assert read_type(arrow_name(found)) == found
    assert ckan_type(found) == "json"


def test_nested_types_in_each_vocabulary() -> None:
    found = read_type("struct<a: int64, b c: list<item: struct<x: timestamp[us]>>>")
    inner = {"type": "struct", "fields": [{"name": "x", "type": "timestamp_ntz", "nullable": True, "metadata": {}}]}
    spark = spark_type(found, ntz=True)
    assert isinstance(spark, dict)
    assert spark["fields"][1]["type"] == {"type": "array", "elementType": inner, "containsNull": True}
    assert hugging_face_feature(found) == {
        "struct": [{"name": "a", "dtype": "int64"}, {"name": "b c", "list": [{"name": "x", "dtype": "timestamp[us]"}]}]
    }
    assert sql_type(found) == 'STRUCT("a" BIGINT, "b c" STRUCT("x" TIMESTAMP)[])'
    assert (croissant_type(found, "1.1"), table_schema_type(found), ckan_type(found)) == (None, "object", "json")
    assert has_local_time(found)
    grid = read_type("list<item: list<item: float>>")
    assert (croissant_type(grid, "1.1"), list_depth(grid), table_schema_type(grid)) == ("cr:Float32", 2, "any")
    pairs = read_type("map<string, int64 ('pairs')>")
    assert spark_type(pairs, ntz=True) == {
        "type": "map",
        "keyType": "string",
        "valueType": "long",
        "valueContainsNull": True,
    }
    assert (hugging_face_feature(pairs), sql_type(pairs)) == (None, "MAP(VARCHAR, BIGINT)")
    assert not has_local_time(pairs)


def test_parquet_answers_have_no_type_that_their_readers_refuse() -> None:
    assert spark_type(read_type("timestamp[us]"), ntz=False) == "timestamp"
    assert spark_type(read_type("list<item: timestamp[us]>"), ntz=False)["elementType"] == "timestamp"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "uint8",
        "time64[us]",
        "list<int64>",
        "list<item: int64",
        "map<string>",
        "struct<a int64>",
        "int64 ",
        "double>",
    ],
)
def test_what_is_no_type_of_ours_is_said(name: str) -> None:
    with pytest.raises(UnknownType):
        read_type(name)


def test_a_type_of_endless_depth_ends() -> None:
    with pytest.raises(UnknownType):
        read_type("list<item: " * (DEPTH_LIMIT + 2) + "int8" + ">" * (DEPTH_LIMIT + 2))


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ({"name": "a", "type": "integer", "arrow": "int8"}, Kind.INT8),
        ({"name": "a", "type": "integer"}, Kind.INT64),
        ({"name": "a", "type": "number", "arrow": "nonsense"}, Kind.DOUBLE),
        ({"name": "a", "type": "geojson"}, Kind.STRING),
        ({"name": "a"}, Kind.STRING),
    ],
)
def test_a_column_has_a_type_whatever_is_said_of_it(field: dict, kind: Kind) -> None:
    assert column_type(field) == ArrowType(kind)
