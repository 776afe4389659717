"""Rows and cells of two versions against a slow oracle, and the cases that break naive ways of comparing."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.table_schema import TableSchema
from quality.difference.difference import TableDifference, difference
from quality.difference.session import Limits
from quality.difference.side import PartFile, Side
from tests.fixtures.effort import examples
from tests.quality import difference_oracle as oracle

# Moments without a zone, as tables have them.
MIDNIGHT = datetime.fromisoformat("2024-01-01T00:00:00")
HOSTILE = 'a"); DROP TABLE x; --'
COLUMNS: dict[str, pa.DataType] = {
    "id": pa.int64(),
    "file_row_number": pa.string(),
    HOSTILE: pa.float64(),
    "ID ": pa.decimal128(12, 2),
    "när": pa.timestamp("us", tz="Europe/Stockholm"),
    "标签": pa.list_(pa.float64()),
    "ok": pa.bool_(),
}
SCHEMA = pa.schema(list(COLUMNS.items()))

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.one_of(st.none(), st.integers(0, 12)),
            "file_row_number": st.one_of(st.none(), st.sampled_from(["", "x", "'; --", "\x00", "名", "x" * 20])),
            HOSTILE: st.one_of(st.none(), st.sampled_from([0.0, -0.0, float("nan"), float("inf"), 1e308, 0.1])),
            "ID ": st.one_of(st.none(), st.sampled_from([Decimal("1.10"), Decimal("-0.01"), Decimal("9999999999.99")])),
            "när": st.one_of(st.none(), st.sampled_from([datetime(2024, 3, 31, h, tzinfo=UTC) for h in (0, 1, 2)])),
            "标签": st.one_of(st.none(), st.lists(st.sampled_from([1.0, float("nan"), 0.0]), max_size=2)),
            "ok": st.one_of(st.none(), st.booleans()),
        }
    ),
    max_size=14,
)


def side(
    folder: Path,
    rows: Sequence[Mapping[str, Any]] | pa.Table,
    *,
    key: Sequence[str] = ("id",),
    cuts: Sequence[int] = (),
    schema: pa.Schema = SCHEMA,
    proved: bool = False,
) -> Side:
    """A version of a table in as many parts as there are cuts and one more, named by their content."""
    table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=schema)
    folder.mkdir(parents=True, exist_ok=True)
    ends = [0, *sorted(min(cut, table.num_rows) for cut in cuts), table.num_rows]
    parts = []
    for place, (start, end) in enumerate(pairwise(ends)):
        path = folder / f"part-{place}.parquet"
        pq.write_table(table.slice(start, end - start), path, row_group_size=3 if table.num_rows < 1_000 else 50_000)
        parts.append(PartFile(path, hashlib.sha256(path.read_bytes()).hexdigest()))
    fields = {"fields": [{"name": name} for name in table.column_names], "primaryKey": list(key)}
    return Side(parts, TableSchema.from_descriptor(fields), key_is_proved=proved)


def compare(folder: Path, before: Side, after: Side, **options: Any) -> tuple[TableDifference, list[dict[str, Any]]]:
    """The difference, and what its file of all changes says."""
    changes = folder / "changes.parquet"
    changes.unlink(missing_ok=True)
    found = difference(before=before, after=after, workdir=folder, changes=changes, **options)
    records = pq.read_table(changes).to_pylist() if changes.exists() else []
    assert found.records == len(records)
    return found, records


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(ROWS, ROWS, st.lists(st.integers(0, 14), max_size=2), st.data())
def test_rows_and_cells_are_what_a_dict_by_key_finds(
    before: list[dict[str, Any]], fresh: list[dict[str, Any]], cuts: list[int], data: st.DataObject
) -> None:
    # The newer table shares its beginning with the older one, so that some parts are the same object.
    kept = data.draw(st.integers(0, len(before)))
    after = before[:kept] + fresh
    expected = oracle.by_key(before, after, ["id"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old = side(folder / "old", before, cuts=[kept, *cuts])
        new = side(folder / "new", after, cuts=[kept, *cuts])
        found, records = compare(folder, old, new)
    rows, cells = found.rows, found.cells
    assert cells is not None
    assert rows.keyed
    assert (rows.before, rows.after) == (len(before), len(after))
    unusable = rows.unusable
    assert (unusable.null_rows_before, unusable.null_rows_after) == expected.null_rows
    assert unusable.repeated_keys == expected.repeated_keys
    assert (unusable.repeated_rows_before, unusable.repeated_rows_after) == expected.repeated_rows
    assert (rows.added, rows.removed, rows.changed) == (
        len(expected.added),
        len(expected.removed),
        len(expected.changed),
    )
    assert rows.retyped == 0
    told = [rows.added, rows.changed, rows.unchanged, unusable.null_rows_after, unusable.repeated_rows_after]
    assert sum(count or 0 for count in told) == len(after)
    assert {column.name: column.changed for column in cells.columns} == {
        name: len(pairs) for name, pairs in expected.cells.items()
    }
    assert sorted(item["row_after"] for item in records if item["kind"] == "added") == expected.added
    assert sorted(item["row_before"] for item in records if item["kind"] == "removed") == expected.removed
    for name, pairs in expected.cells.items():
        of_column = [item for item in records if item["kind"] == "changed" and item["column"] == name]
        assert sorted((item["row_before"], item["row_after"]) for item in of_column) == sorted(pairs)


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, ROWS, st.data())
def test_without_a_key_whole_rows_are_counted(
    before: list[dict[str, Any]], fresh: list[dict[str, Any]], data: st.DataObject
) -> None:
    kept = data.draw(st.integers(0, len(before)))
    after = [*before[:kept], *fresh]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        old = side(folder / "old", before, key=(), cuts=[kept])
        new = side(folder / "new", after, key=(), cuts=[kept])
        found, records = compare(folder, old, new)
    assert not found.rows.keyed
    assert found.rows.unkeyed == "no-key"
    assert found.cells is None
    names = [{name: row[name] for name in COLUMNS} for row in before], [{n: row[n] for n in COLUMNS} for row in after]
    new_rows, gone = oracle.whole_rows(*names) if before and after else (len(after), len(before))
    assert (found.rows.added, found.rows.removed, found.rows.changed) == (new_rows, gone, None)
    assert found.rows.unchanged == len(after) - new_rows
    assert Counter(item["kind"] for item in records) == Counter({"added": new_rows} if new_rows else {}) + Counter(
        {"removed": gone} if gone else {}
    )


def table_of(**columns: Any) -> pa.Table:
    return pa.table(columns)


def test_a_changed_cell_is_told_with_key_values_rows_and_by_how_much(tmp_path: Path) -> None:
    before = table_of(id=[1, 2, 3, 4, 5], n=[10, None, 30, 40, None], t=["a", "b", "c", "d", "e"])
    after = table_of(id=[2, 1, 4, 3, 5], n=[20, 15, None, 30, 7], t=["b", "a", "d", "c", "e"])
    found, _ = compare(tmp_path, side(tmp_path / "o", before), side(tmp_path / "n", after))
    assert found.cells is not None
    (column,) = found.cells.columns
    assert (column.name, column.changed, column.filled, column.emptied) == ("n", 4, 2, 1)
    assert column.moved is not None
    assert (column.moved.cells, column.moved.mean) == (1, 5.0)
    assert [dict(example) for example in column.examples] == [
        {"key": {"id": 2}, "row_before": 2, "row_after": 1, "before": None, "after": 20},
        {"key": {"id": 1}, "row_before": 1, "row_after": 2, "before": 10, "after": 15, "moved": 5.0},
        {"key": {"id": 4}, "row_before": 4, "row_after": 3, "before": 40, "after": None},
        {"key": {"id": 5}, "row_before": 5, "row_after": 5, "before": None, "after": 7},
    ]


def test_a_recoded_category_is_told_as_what_became_what(tmp_path: Path) -> None:
    before = table_of(id=range(100), wind=["ne", "sw"] * 50)
    after = table_of(id=range(100), wind=["NE", "sw"] * 50)
    found, _ = compare(tmp_path, side(tmp_path / "o", before), side(tmp_path / "n", after))
    assert found.cells is not None
    assert [dict(item) for item in found.cells.columns[0].recodings] == [{"before": "ne", "after": "NE", "count": 50}]


def test_examples_are_cut_and_the_file_is_not(tmp_path: Path) -> None:
    before = table_of(id=range(500), x=range(500))
    after = table_of(id=range(500), x=range(1, 501))
    limits = Limits(examples=3)
    found, records = compare(tmp_path, side(tmp_path / "o", before), side(tmp_path / "n", after), limits=limits)
    assert found.cells is not None
    assert len(found.cells.columns[0].examples) == 3
    assert len(records) == 500
    assert records[7] == {
        "kind": "changed",
        "key_id": 7,
        "row_before": 8,
        "row_after": 8,
        "column": "x",
        "before": "7",
        "after": "8",
    }


# before type and values, after type and values; how many cells changed, how many can't be compared.
RETYPED = [
    ("text to whole numbers", pa.array(["1", "2", "x", None, ""]), pa.array([1, 3, 5, 6, None]), 3, 1),
    ("beyond a double's reach", pa.array([2**53 + 1, 7]), pa.array([float(2**53), 7.0]), 0, 1),
    ("a dot too many", pa.array(["12.7", "13"]), pa.array([13, 13]), 1, 0),
    ("wider integers", pa.array([1, 2], pa.int32()), pa.array([1, 3], pa.int64()), 1, 0),
    ("decimals of another scale", pa.array([Decimal("1.5")]), pa.array([Decimal("1.500")]), 0, 0),
    ("single and double", pa.array([0.1, 2.0], pa.float32()), pa.array([0.1, 2.5]), 1, 0),
    ("text to dates", pa.array(["2024-01-31", "31/01/2024"]), pa.array([date(2024, 1, 31)] * 2), 0, 1),
    ("an instant keeps its offset", pa.array(["2024-01-01T02:00:00+02:00"]), pa.array([MIDNIGHT]), 0, 0),
    ("dates to moments", pa.array([date(2024, 1, 1)] * 2), pa.array([MIDNIGHT, MIDNIGHT.replace(hour=5)]), 1, 0),
    ("truth as numbers", pa.array([True, False]), pa.array([1, 2]), 1, 0),
]


@pytest.mark.parametrize(("old", "new", "changed", "uncompared"), [r[1:] for r in RETYPED], ids=[r[0] for r in RETYPED])
def test_retyped_columns_are_compared_by_value_where_that_is_sound(
    tmp_path: Path, old: pa.Array, new: pa.Array, changed: int, uncompared: int
) -> None:
    before, after = table_of(id=range(len(old)), x=old), table_of(id=range(len(new)), x=new)
    found, _ = compare(tmp_path, side(tmp_path / "o", before), side(tmp_path / "n", after))
    assert found.cells is not None
    assert found.cells.changed == changed
    assert sum(column.uncompared for column in found.cells.columns) == uncompared
    assert (found.rows.changed, found.rows.retyped) == (changed, uncompared)


def test_what_can_not_be_compared_at_all_is_left_out(tmp_path: Path) -> None:
    before = table_of(id=[1, 2], x=[[1], [2]])
    after = table_of(id=[1, 2], x=["1", "2"])
    found, _ = compare(tmp_path, side(tmp_path / "o", before), side(tmp_path / "n", after))
    assert found.rows.compared == ("id",)
    assert (found.rows.changed, found.rows.unchanged) == (0, 2)


@pytest.mark.parametrize(
    ("old", "new", "key", "why"),
    [
        (table_of(id=[1], x=[1]), table_of(x=[1]), ["id"], "key-missing"),
        (table_of(id=[1]), table_of(id=["1"]), ["id"], "key-unsuited"),
        (table_of(id=[[1]]), table_of(id=[[1]]), ["id"], "key-unsuited"),
        (table_of(id=[1]), table_of(id=[1]), [], "no-key"),
    ],
)
def test_why_rows_are_not_matched_is_said(
    tmp_path: Path, old: pa.Table, new: pa.Table, key: list[str], why: str
) -> None:
    found, _ = compare(tmp_path, side(tmp_path / "o", old, key=[]), side(tmp_path / "n", new, key=[]), key=key)
    assert (found.rows.keyed, found.rows.unkeyed) == (False, why)


def test_no_column_in_common_means_that_nothing_is_compared(tmp_path: Path) -> None:
    old, new = side(tmp_path / "o", table_of(a=[1, 2]), key=()), side(tmp_path / "n", table_of(b=["x"]), key=())
    found, records = compare(tmp_path, old, new)
    assert (found.rows.compared, found.rows.added, found.rows.unchanged) == ((), None, None)
    assert records == []


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0), (0, 0)])
def test_an_empty_side(tmp_path: Path, sizes: tuple[int, int]) -> None:
    old, new = (pa.table({"id": pa.array(range(size), pa.int64())}) for size in sizes)
    found, _ = compare(tmp_path, side(tmp_path / "o", old), side(tmp_path / "n", new))
    assert (found.rows.removed, found.rows.added) == sizes


def test_a_composite_key_with_a_missing_and_a_repeated_part(tmp_path: Path) -> None:
    before = table_of(a=[1, 1, 2, None], b=["x", "y", "x", "x"], v=[1, 2, 3, 4])
    after = table_of(a=[1, 1, 2, 2], b=["x", "y", "x", "x"], v=[1, 9, 3, 3])
    key = ["a", "b"]
    found, _ = compare(tmp_path, side(tmp_path / "o", before, key=key), side(tmp_path / "n", after, key=key))
    rows = found.rows
    assert (rows.added, rows.removed, rows.changed, rows.unchanged) == (0, 0, 1, 1)
    assert rows.unusable.to_json() == {
        "null_rows_before": 1,
        "null_rows_after": 0,
        "repeated_keys": 1,
        "repeated_rows_before": 1,
        "repeated_rows_after": 2,
        "examples": [{"key": {"a": 2, "b": "x"}, "before": 1, "after": 2}],
    }


def test_of_an_appended_table_only_the_new_part_is_read(tmp_path: Path) -> None:
    before = table_of(id=range(100), x=range(100))
    after = table_of(id=range(150), x=range(150))
    old = side(tmp_path / "o", before, proved=True)
    new = side(tmp_path / "n", after, cuts=[100], proved=True)
    assert old.parts[0].sha256 == new.parts[0].sha256
    # A key that was proved, and a part that both have: its file is not needed at all.
    for part in (old.parts[0], new.parts[0]):
        pq.write_table(before.slice(0, 0), part.path)
    empty = pa.table({"id": pa.array([], pa.int64()), "x": pa.array([], pa.int64())})
    assert pq.read_table(old.parts[0].path).equals(empty)
    found, _ = compare(tmp_path, old, new)
    assert (found.rows.added, found.rows.removed, found.rows.changed) == (50, 0, 0)


@pytest.mark.parametrize("proved", [True, False])
def test_a_key_that_a_check_has_proved_is_not_looked_through(tmp_path: Path, proved: bool) -> None:
    # The proof is a lie here, so that it shows whether it is believed.
    twice = table_of(id=[1, 1, 2], x=[1, 1, 2])
    old, new = (side(tmp_path / name, twice, proved=proved) for name in ("o", "n"))
    found, _ = compare(tmp_path, old, new)
    assert found.rows.unusable.repeated_keys == (0 if proved else 1)


def test_a_part_that_comes_a_second_time_is_new(tmp_path: Path) -> None:
    part = table_of(x=[1, 2, 3])
    old = side(tmp_path / "o", part, key=())
    new = side(tmp_path / "n", pa.concat_tables([part, part]), key=(), cuts=[3])
    assert len({item.sha256 for item in (*old.parts, *new.parts)}) == 1
    found, _ = compare(tmp_path, old, new)
    assert (found.rows.added, found.rows.removed, found.rows.skipped) == (3, 0, 3)


def test_a_key_of_a_shared_part_that_comes_again_is_a_repeated_one(tmp_path: Path) -> None:
    before = table_of(id=[1, 2, 3], x=[1, 2, 3])
    after = table_of(id=[1, 2, 3, 2, 4], x=[1, 2, 3, 9, 4])
    found, _ = compare(tmp_path, side(tmp_path / "o", before), side(tmp_path / "n", after, cuts=[3]))
    rows = found.rows
    assert rows.skipped == 3
    assert (rows.added, rows.changed, rows.unchanged) == (1, 0, 2)
    assert (rows.unusable.repeated_keys, rows.unusable.repeated_rows_before, rows.unusable.repeated_rows_after) == (
        1,
        1,
        2,
    )


def test_of_rows_that_are_alike_the_last_ones_are_new(tmp_path: Path) -> None:
    before, after = table_of(x=["a", "a", "b"]), table_of(x=["a", "c", "a", "a"])
    found, records = compare(tmp_path, side(tmp_path / "o", before, key=()), side(tmp_path / "n", after, key=()))
    assert (found.rows.added, found.rows.removed, found.rows.unchanged) == (2, 1, 2)
    assert [(item["kind"], item["row_before"], item["row_after"]) for item in records] == [
        ("added", None, 2),
        ("added", None, 4),
        ("removed", 3, None),
    ]


@pytest.mark.parametrize("key", [("id",), ()])
def test_nothing_an_empty_list_and_a_list_of_nothing_are_three_values(tmp_path: Path, key: tuple[str, ...]) -> None:
    kind = pa.list_(pa.int64())
    before = pa.table({"id": [1, 2, 3, 4], "x": pa.array([None, [], [None], [1]], kind)})
    after = pa.table({"id": [1, 2, 3, 4], "x": pa.array([[], [None], None, [1]], kind)})
    found, _ = compare(tmp_path, side(tmp_path / "o", before, key=key), side(tmp_path / "n", after, key=key))
    assert (found.rows.changed if key else found.rows.added) == 3


def test_names_that_differ_in_case_only_are_two_columns(tmp_path: Path) -> None:
    before = pa.table([pa.array([1, 2]), pa.array([5, 5]), pa.array([6, 6])], names=["id", "a", "A"])
    after = pa.table([pa.array([1, 2]), pa.array([6, 7]), pa.array([5, 5])], names=["id", "A", "a"])
    found, _ = compare(tmp_path, side(tmp_path / "o", before), side(tmp_path / "n", after))
    assert found.cells is not None
    assert {column.name: column.changed for column in found.cells.columns} == {"A": 1}


def test_little_memory_is_enough(tmp_path: Path) -> None:
    count = 200_000
    old = pa.table({"id": range(count), "x": [f"value {n}" for n in range(count)]})
    new = pa.table({"id": range(count), "x": [f"value {n + 1}" for n in range(count)]})
    limits = Limits(memory="64MB", threads=1)
    found, records = compare(tmp_path, side(tmp_path / "o", old), side(tmp_path / "n", new), limits=limits)
    assert found.rows.changed == len(records) == count
    assert not list((tmp_path / "difference").glob("*.duckdb"))
