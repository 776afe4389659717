"""One fingerprint for one table, however it was cut, packed and typed in width; another for every other table."""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import commonfield
from commonfield.cli import cli
from commonfield.fingerprinting import of_batches
from quality.profiling.fingerprint import fingerprint
from tests.fixtures.effort import examples

DATA = Path(__file__).parents[1] / "data"
MOMENT = dt.datetime(2020, 2, 29, 12, 30, 1, 5)  # noqa: DTZ001 -- of no zone, as most tables have it
ROWS: dict[str, pa.Array] = {
    "whole": pa.array([1, None, -3], pa.int32()),
    "fraction": pa.array([1.5, float("nan"), -0.0]),
    "text": pa.array(["a", None, "ü\n"]),
    "nothing": pa.nulls(3),
    "truth": pa.array([True, None, False]),
    "exact": pa.array([Decimal("1.50"), None, Decimal("-2.00")], pa.decimal128(10, 2)),
    "large": pa.array([Decimal(10**50), None, Decimal(-1)], pa.decimal256(60, 0)),
    "day": pa.array([dt.date(1969, 12, 31), None, dt.date(2020, 2, 29)]),
    "moment": pa.array([MOMENT, None, MOMENT], pa.timestamp("us")),
    "instant": pa.array([MOMENT, None, MOMENT], pa.timestamp("us", "UTC")),
    "time": pa.array([dt.time(1, 2, 3), None, None], pa.time64("us")),
    "bytes": pa.array([b"\0", b"", None]),
    "list": pa.array([[1, None], None, []], pa.list_(pa.int64())),
    "named": pa.array([{"a": 1, "b": ["x"]}, None, {"a": None, "b": None}]),
    "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())),
}
TABLE = pa.table(ROWS)


def of_file(table: pa.Table, folder: Path, **options: Any) -> str:
    path = folder / "t.parquet"
    pq.write_table(table, path, **options)
    ours, theirs = fingerprint([path], threads=2), commonfield.fingerprint(path)
    assert ours == {"algorithm": "cf1", "value": theirs.value, "columns": theirs.columns}
    return str(theirs.value)


def test_the_text_of_the_documentation_gives_the_same(tmp_path: Path) -> None:
    table = pa.table({"n": pa.array([7, None]), 's "ö"': pa.array([None, "ab"])})

    def column(*streams: bytes) -> str:
        return hashlib.sha256(b"".join(hashlib.sha256(item).digest() for item in streams)).hexdigest()

    number = column(b"\1\0", struct.pack("<q", 7))
    text = column(b"\0\1", struct.pack("<q", 2), b"ab")
    lines = f'cf1 2\n"n" integer {number}\n"s \\"ö\\"" text {text}'
    assert of_file(table, tmp_path) == f"cf1-{hashlib.sha256(lines.encode()).hexdigest()}"


def test_how_it_is_packed_and_cut_makes_no_difference(tmp_path: Path) -> None:
    whole = commonfield.fingerprint(TABLE).value
    assert of_file(TABLE, tmp_path) == whole
    assert of_file(TABLE, tmp_path, row_group_size=1, compression="gzip", use_dictionary=False) == whole
    assert of_batches(TABLE.slice(n, 1).to_batches()[0] for n in range(3)).value == whole
    parts = []
    for n in range(3):
        parts.append(tmp_path / f"{n}.parquet")
        pq.write_table(TABLE.slice(n, 1), parts[-1])
    assert fingerprint(parts)["value"] == commonfield.fingerprint(parts).value == whole


def test_the_width_of_a_type_makes_no_difference(tmp_path: Path) -> None:
    wide = TABLE.select(["whole", "text", "exact", "moment"])
    narrow = wide
    for place, kind in enumerate([pa.int64(), pa.large_string(), pa.decimal128(38, 2), pa.timestamp("ns")]):
        narrow = narrow.set_column(place, wide.schema[place].name, narrow.column(place).cast(kind))
    packed = wide.set_column(1, "text", wide.column("text").dictionary_encode())
    assert of_file(wide, tmp_path) == of_file(narrow, tmp_path) == of_file(packed, tmp_path)


def test_names_with_dots_and_many_columns_and_durations(tmp_path: Path) -> None:
    dotted = pa.table({"a": [{"b": 1}, {"b": 2}], "a.b": [3, None], "a.b.c": ["x", "y"], "b": [0.5, 1.5]})
    assert of_file(dotted, tmp_path) == commonfield.fingerprint(dotted).value
    many = pa.table({f"c{n}": pa.array([n, None], pa.int64()) for n in range(200)})
    assert of_file(many, tmp_path) == commonfield.fingerprint(many).value
    lasting = pa.table({"x": pa.array([1, None], pa.duration("us"))})
    assert of_file(lasting, tmp_path) == commonfield.fingerprint(lasting).value


CHANGES: dict[str, pa.Table] = {
    "a value": TABLE.set_column(0, "whole", pa.array([1, None, -2], pa.int32())),
    "a null": TABLE.set_column(0, "whole", pa.array([1, 0, -3], pa.int32())),
    "where a null is": TABLE.set_column(0, "whole", pa.array([None, 1, -3], pa.int32())),
    "a type": TABLE.set_column(0, "whole", pa.array([1.0, None, -3.0])),
    "where a text ends": TABLE.set_column(2, "text", pa.array(["aü", None, "\n"])),
    "nothing and empty": TABLE.set_column(2, "text", pa.array(["a", "", "ü\n"])),
    "a scale": TABLE.set_column(5, "exact", TABLE.column("exact").cast(pa.decimal128(12, 3))),
    "a zone": TABLE.set_column(8, "moment", TABLE.column("instant")),
    "within a list": TABLE.set_column(12, "list", pa.array([[1], None, [None]], pa.list_(pa.int64()))),
    "within a struct": TABLE.set_column(13, "named", pa.array([{"a": 1, "b": ["x"]}, {"a": None, "b": None}, None])),
    "a name": TABLE.rename_columns(["Whole", *TABLE.column_names[1:]]),
    "the order of columns": TABLE.select(list(reversed(TABLE.column_names))),
    "the order of rows": TABLE.take([1, 0, 2]),
    "a row more": pa.concat_tables([TABLE, TABLE.slice(0, 1)]),
    "no row": TABLE.slice(0, 0),
    "a column less": TABLE.drop(["map"]),
}


def test_each_change_gives_another(tmp_path: Path) -> None:
    found = {name: of_file(table, tmp_path) for name, table in CHANGES.items()}
    found["none"] = of_file(TABLE, tmp_path)
    assert len(set(found.values())) == len(found), found


def test_what_lies_under_a_null_does_not_count(tmp_path: Path) -> None:
    plain = pa.array([1, None], pa.int64())
    dirty = pa.Array.from_buffers(pa.int64(), 2, [pa.py_buffer(b"\1"), pa.py_buffer(struct.pack("<qq", 1, 99))])
    assert dirty.equals(plain)
    parent = pa.StructArray.from_arrays([pa.array([5, 6])], names=["a"], mask=pa.array([False, True]))
    clean = pa.array([{"a": 5}, None], parent.type)
    assert commonfield.fingerprint(pa.table({"x": dirty, "y": parent})) == commonfield.fingerprint(
        pa.table({"x": plain, "y": clean})
    )


def test_zeros_and_what_is_no_number_are_one(tmp_path: Path) -> None:
    (odd,) = struct.unpack("<d", struct.pack("<Q", 0xFFF8000000000001))
    assert commonfield.fingerprint(pa.table({"x": [0.0, float("nan")]})) == commonfield.fingerprint(
        pa.table({"x": [-0.0, odd]})
    )


def test_frames_have_it_too() -> None:
    table = pa.table({"n": [1, 2], "t": ["a", "b"], "x": [0.5, 1.0]})
    value = commonfield.fingerprint(table).value
    assert commonfield.fingerprint(pl.from_arrow(table)).value == value
    assert commonfield.fingerprint(pd.DataFrame({"n": [1, 2], "t": ["a", "b"], "x": [0.5, 1.0]})).value == value


@pytest.mark.parametrize(
    "wrong", [3, pa.table({"x": pa.array([2**63], pa.uint64())}), pa.table({"x": pa.array([1], pa.timestamp("ns"))})]
)
def test_what_has_none_is_told(wrong: Any) -> None:
    with pytest.raises(commonfield.BadArgument):
        commonfield.fingerprint(wrong)


def test_the_command_compares(tmp_path: Path) -> None:
    path = str(tmp_path / "t.parquet")
    pq.write_table(TABLE, path)
    value = commonfield.fingerprint(TABLE).value
    assert CliRunner().invoke(cli, ["fingerprint", path]).output.strip() == value
    assert CliRunner().invoke(cli, ["fingerprint", path, "--is", value]).exit_code == 0
    refused = CliRunner().invoke(cli, ["fingerprint", path, "--is", "cf1-0"])
    assert refused.exit_code == 7


def test_a_real_file_has_one_in_both_ways() -> None:
    path = DATA / "nycflights13_weather.parquet"
    found = fingerprint([path], threads=2)
    assert found["value"] == commonfield.fingerprint(path).value
    assert found["value"] == commonfield.fingerprint(pq.read_table(path)).value
    assert len(found["columns"]) == len(pq.read_schema(path).names)


CELLS = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
TEXTS = st.one_of(st.none(), st.text(max_size=4))


@settings(max_examples=examples(30))
@given(st.lists(st.tuples(CELLS, TEXTS), max_size=12), st.integers(1, 5))
def test_any_cut_gives_the_same(rows: list[tuple[int | None, str | None]], size: int) -> None:
    table = pa.table(
        {"n": pa.array([row[0] for row in rows], pa.int64()), "t": pa.array([row[1] for row in rows], pa.string())}
    )
    empty = pa.RecordBatch.from_pylist([], schema=table.schema)
    assert of_batches([empty, *table.to_batches(max_chunksize=size)]) == commonfield.fingerprint(table)
