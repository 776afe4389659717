"""Rows added, updated and deleted against an oracle, over tables that hypothesis makes; millions in little memory."""

from __future__ import annotations

import ast
import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.combining.combine import append, delete, upsert
from ingest.combining.footers import schema_from
from ingest.combining.result import Combined, Workbench
from ingest.limits import Limits
from ingest.outcome import ConvertedPart, RejectionError
from ingest.parquet_writer import PartWriter
from tests.fixtures.effort import examples
from tests.fixtures.figures import Tell

UTC = dt.UTC
SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("day", pa.date32()),
        ("amount", pa.decimal128(12, 3)),
        ("share", pa.float64()),
        ("at", pa.timestamp("us", "UTC")),
        ("note", pa.string()),
        ("flag", pa.bool_()),
        ("tags", pa.list_(pa.string())),
        ("spot", pa.struct([("x", pa.int64()), ("y", pa.string())])),
        ("file_row_number", pa.int64()),
    ]
)
PLAIN = pa.schema(list(SCHEMA)[:-1])
KEY = ("code", "day")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
keys = st.tuples(
    st.sampled_from(["a", "b", "é", "日本", " a", "A", "", "'"]), st.dates(dt.date(2020, 1, 1), dt.date(2020, 1, 4))
)


def _instant(microseconds: int) -> dt.datetime:
    return dt.datetime(2000, 1, 1, tzinfo=UTC) + dt.timedelta(microseconds=microseconds)


cells = st.fixed_dictionaries(
    {
        "amount": st.none() | st.decimals(-(10**6), 10**6, places=3),
        "share": st.none() | st.floats(allow_nan=False),
        "at": st.none() | st.integers(-(10**15), 10**15).map(_instant),
        "note": st.none() | texts,
        "flag": st.none() | st.booleans(),
        "tags": st.none() | st.lists(st.none() | texts, max_size=2),
        "spot": st.none() | st.fixed_dictionaries({"x": st.none() | st.integers(-5, 5), "y": st.none() | texts}),
        "file_row_number": st.none() | st.integers(0, 3),
    }
)
Row = dict[str, Any]


@st.composite
def rows_with_keys(draw: st.DrawFn, *, least: int = 0) -> list[Row]:
    chosen = draw(st.lists(keys, unique=True, min_size=least, max_size=12))
    return [{"code": code, "day": day, **draw(cells)} for code, day in chosen]


def written(rows: list[Row], folder: Path, schema: Any, per_part: int = 1 << 30) -> list[ConvertedPart]:
    parts = []
    for number, at in enumerate(range(0, max(len(rows), 1), per_part)):
        place = folder / f"{number}"
        place.mkdir(parents=True)
        writer = PartWriter(place, schema, Limits())
        chosen = [{name: row.get(name) for name in schema.names} for row in rows[at : at + per_part]]
        writer.write(pa.RecordBatch.from_pylist(chosen, schema=schema))
        parts += writer.finish()
    return parts


def result(done: Combined, old: list[ConvertedPart]) -> list[Row]:
    paths = [old[item].path if isinstance(item, int) else item.path for item in done.old]
    return [row for path in (*paths, *(part.path for part in done.new)) for row in pq.read_table(path).to_pylist()]


def bench(folder: Path) -> Workbench:
    folder.mkdir(exist_ok=True)
    return Workbench(folder=folder, limits=Limits(), memory_limit="256MB")


def key_of(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def same(got: list[Row], expected: list[Row]) -> bool:
    """NaN is not among the values, so that equality is equality; -0.0 and 0.0 are told apart."""
    return _shown(got) == _shown(expected)


def _shown(rows: list[Row]) -> list[str]:
    """Python's UTC and the zone that Arrow gives are the same instant with two names."""
    return [repr([(name, _plain(row[name])) for name in sorted(row)]) for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted(value.items())
    return value.isoformat() if isinstance(value, dt.datetime) else value


@pytest.mark.parametrize("schema", [PLAIN, SCHEMA], ids=["plain", "with a column that hides DuckDB's"])
@settings(max_examples=examples(20))
@given(old=rows_with_keys(least=1), new=rows_with_keys(least=1), per_part=st.integers(1, 5), lacking=st.booleans())
def test_an_update_is_what_a_dictionary_would_do(
    schema: Any, old: list[Row], new: list[Row], per_part: int, lacking: bool
) -> None:
    absent = {"note", "spot"} if lacking else set[str]()
    old = [{name: row[name] for name in schema.names} for row in old]
    new = [{name: None if name in absent else row[name] for name in schema.names} for row in new]
    expected = {key_of(row): row for row in old}
    changed = same_already = 0
    for row in new:
        before = expected.get(key_of(row))
        after = {**row, **{name: before[name] for name in absent}} if before else row
        if before is not None:
            same_already += _equal(before, after)
            changed += not _equal(before, after)
            after = before if _equal(before, after) else after
        expected[key_of(row)] = after
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        parts = written(old, at / "old", schema, per_part)
        done = upsert(
            [part.path for part in parts],
            written(new, at / "new", schema),
            key=KEY,
            absent=absent,
            new_columns="refuse",
            first_row=2,
            bench=bench(at / "bench"),
        )
        assert same(result(done, parts), list(expected.values()))
        total = len(expected) - len(old)
        assert done.counts == {"inserted": total, "updated": changed, "unchanged": same_already}
        # A part is written anew if and only if a row in it changes.
        for place, item in enumerate(done.old):
            mine = old[place * per_part : (place + 1) * per_part]
            touched = any(not _equal(row, expected[key_of(row)]) for row in mine)
            assert isinstance(item, int) is not touched


def _equal(one: Row, other: Row) -> bool:
    """As values: 0.0 is -0.0, as DuckDB and IEEE 754 say."""
    return one == other


@settings(max_examples=examples(15))
@given(old=rows_with_keys(least=1), gone=st.lists(keys, max_size=12), per_part=st.integers(1, 5))
def test_a_deletion_is_what_a_filter_would_do(old: list[Row], gone: list[Any], per_part: int) -> None:
    listed = [{"code": code, "day": day} for code, day in gone]
    expected = [row for row in old if key_of(row) not in set(gone)]
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        parts = written(old, at / "old", SCHEMA, per_part)
        arguments = {"key": KEY, "first_row": 2, "bench": bench(at / "bench")}
        paths = [part.path for part in parts]
        file = written(listed, at / "new", pa.schema([SCHEMA.field(name) for name in KEY]))
        if not expected:
            with pytest.raises(RejectionError) as refusal:
                delete(paths, file, **arguments)
            assert refusal.value.findings[0].code == "no-row-left"
            return
        done = delete(paths, file, **arguments)
        assert same(result(done, parts), expected)
        untouched = {
            place
            for place in range(len(parts))
            if all(row in expected for row in old[place * per_part : (place + 1) * per_part])
        }
        assert {item for item in done.old if isinstance(item, int)} == untouched
        known = {key_of(row) for row in old}
        assert done.counts == {"deleted": len(old) - len(expected), "unknown": len(set(gone) - known)}


@settings(max_examples=examples(12))
@given(old=rows_with_keys(least=1), new=rows_with_keys(least=1))
def test_appending_new_columns_rewrites_the_old_rows_and_changes_none(old: list[Row], new: list[Row]) -> None:
    narrow = pa.schema(list(SCHEMA)[:5])
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        parts = written(old, at / "old", narrow, 4)
        done = append(
            narrow,
            written(new, at / "new", SCHEMA),
            new_columns="add",
            bench=bench(at / "bench"),
            old=[part.path for part in parts],
        )
        lacking = dict.fromkeys(SCHEMA.names[5:])
        expected = [{**{name: row[name] for name in narrow.names}, **lacking} for row in old]
        assert same(result(done, parts), [*expected, *({name: row[name] for name in SCHEMA.names} for row in new)])
        assert done.added == tuple(lacking)


@settings(max_examples=examples(12))
@given(old=rows_with_keys(least=1), new=rows_with_keys(least=1))
def test_the_same_files_give_the_same_bytes(old: list[Row], new: list[Row]) -> None:
    hashes = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            at = Path(folder)
            parts = written(old, at / "old", SCHEMA, 3)
            paths = [part.path for part in parts]
            file = written(new, at / "new", SCHEMA)
            done = upsert(
                paths, file, key=KEY, absent=(), new_columns="refuse", first_row=None, bench=bench(at / "bench")
            )
            hashes.append([item if isinstance(item, int) else item.sha256 for item in (*done.old, *done.new)])
    assert hashes[0] == hashes[1]


def test_types_that_are_alike_are_fitted_and_others_refused(tmp_path: Path) -> None:
    table = pa.schema([("id", pa.int64()), ("mass", pa.float64())])
    fits = pa.schema([("id", pa.int32()), ("mass", pa.float32())])
    done = append(
        table,
        written([{"id": 1, "mass": 1.5}], tmp_path / "a", fits),
        new_columns="refuse",
        bench=bench(tmp_path / "b"),
    )
    assert pq.read_table(done.new[0].path).schema.equals(table)
    differs = pa.schema([("id", pa.string()), ("mass", pa.float64())])
    with pytest.raises(RejectionError) as refusal:
        append(
            table, written([{"id": "x"}], tmp_path / "c", differs), new_columns="refuse", bench=bench(tmp_path / "d")
        )
    finding = refusal.value.findings[0]
    assert (finding.code, finding.column, finding.params["to"]) == ("column-type-differs", "id", "int64")


@pytest.mark.parametrize("kind", [pa.list_(pa.int64()), pa.struct([("x", pa.int64())])], ids=["list", "object"])
def test_a_key_that_cannot_tell_rows_apart_is_refused(tmp_path: Path, kind: Any) -> None:
    schema = pa.schema([("id", kind)])
    parts = written([{"id": None}], tmp_path / "a", schema)
    with pytest.raises(RejectionError) as refusal:
        upsert(
            [parts[0].path],
            parts,
            key=("id",),
            absent=(),
            new_columns="refuse",
            first_row=2,
            bench=bench(tmp_path / "b"),
        )
    assert refusal.value.findings[0].code == "key-column-unsuited"


@pytest.mark.parametrize("columns", [3, 3_000], ids=["a short footer", "one longer than the first read"])
def test_a_schema_is_read_off_the_end_of_a_file(tmp_path: Path, columns: int) -> None:
    schema = pa.schema([(f"column {n}", pa.int64()) for n in range(columns)])
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table([[1]] * columns, schema=schema), path)
    asked: list[tuple[int, int]] = []

    def read(start: int, length: int) -> bytes:
        asked.append((start, length))
        return path.read_bytes()[start : start + length]

    assert schema_from(read, path.stat().st_size).equals(schema)
    assert len(asked) == (1 if columns == 3 else 2)


ROOT = Path(__file__).parents[2]
MILLION = """
import sys, time
from pathlib import Path
from ingest.combining.combine import upsert
from ingest.combining.result import Workbench
from ingest.limits import Limits
from ingest.outcome import ConvertedPart
folder = Path(sys.argv[1])
old = sorted(folder.glob("old-*.parquet"))
new = folder / "new.parquet"
def peak():
    # The kernel's own high-water mark of this process: getrusage would count the one that it was forked from.
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
before = peak()
(folder / "bench").mkdir()
began = time.perf_counter()
done = upsert(
    old, [ConvertedPart(new, int(sys.argv[2]), new.stat().st_size, "")], key=("id",), absent=(), new_columns="refuse",
    first_row=2, bench=Workbench(folder / "bench", Limits(), memory_limit="256MB", threads=2),
)
seconds = time.perf_counter() - began
print(before, peak(), round(seconds, 2), done.counts)
"""


@pytest.mark.slow
@pytest.mark.parametrize("rows", [400_000, 1_000_000])
def test_a_million_rows_are_updated_in_bounded_memory(tmp_path: Path, rows: int, tell: Tell) -> None:
    """As many rows in the file as in the table: half of them change, half are new. 14 columns of all kinds."""
    import duckdb

    sql = """SELECT range * 3 AS id, hash(range) % 1000 AS a, range * 1.5 AS b, 'name ' || (hash(range) % 99991) AS c,
        TIMESTAMPTZ '2020-01-01' + INTERVAL (range) SECOND AS d, DATE '2001-01-01' + CAST(range % 9000 AS INTEGER) AS e,
        CAST(hash(range) % 100000 AS DECIMAL(12, 2)) AS f, md5(range::VARCHAR) AS g, range % 2 = 0 AS h,
        'Some text of a length that texts have, ' || range AS i, {} AS j, sin(range) AS k,
        NULL::VARCHAR AS l, range AS m
        FROM range({}, {})"""
    half = rows // 2
    for part in range(2):
        path = tmp_path / f"old-{part}.parquet"
        duckdb.sql(f"COPY ({sql.format(1, part * half, (part + 1) * half)} ) TO '{path}' (ROW_GROUP_SIZE 122880)")
    shuffled = f"SELECT * FROM ({sql.format(2, half, half + rows)}) ORDER BY g"
    duckdb.sql(f"COPY ({shuffled}) TO '{tmp_path}/new.parquet' (ROW_GROUP_SIZE 122880)")
    script = tmp_path / "million.py"
    script.write_text(MILLION)
    command = [sys.executable, str(script), str(tmp_path), str(rows)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    before, peak, seconds, *counts = done.stdout.split(maxsplit=3)
    assert ast.literal_eval(counts[0]) == {"inserted": half, "updated": half, "unchanged": 0}
    tell(
        "update by key",
        f"{rows:,} rows into {rows:,}: {seconds} s, peak {int(peak) >> 10} MB (before: {int(before) >> 10})",
    )
    assert int(peak) < 900 << 10
