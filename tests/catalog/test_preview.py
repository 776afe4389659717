"""The data preview against pyarrow's own reading of the same files: no page may differ from it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalog import keys, storage
from catalog.actor import ANONYMOUS
from catalog.errors import Forbidden, Invalid, NotFound
from catalog.rows.cells import CELL_LIMIT
from catalog.rows.preview import PartRows, Table, read_page
from catalog.rows.query import Filter, QueryInvalid, RowQuery, Sort, parse_filters, parse_sort, written_sort
from catalog.services.delivering.rows import read_row, read_rows
from catalog.sql import quoted
from catalog.transport.object_cache import CachedObject
from tests.fixtures.datasets import add_table, make_dataset, make_published
from tests.fixtures.effort import examples
from tests.fixtures.people import Cast

ROWS = 1_000


pytestmark = pytest.mark.usefixtures("preview_cache")


def stored(table: pa.Table, folder: Path, *, group: int = 100) -> PartRows:
    path = folder / "part"
    pq.write_table(table, path, row_group_size=group)
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    key = keys.parquet(1, sha256)
    storage.put_file(key, path, content_type="application/octet-stream")
    return PartRows(CachedObject(key, sha256, len(data)), table.num_rows)


def table_of(folder: Path, *tables: pa.Table) -> Table:
    return Table([stored(item, folder) for item in tables], tables[0].column_names)


def people(count: int = ROWS, start: int = 0) -> pa.Table:
    numbers = range(start, start + count)
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()),
            "group": pa.array([f"g{n * 7919 % 13}" if n % 11 else None for n in numbers], pa.string()),
            "score": pa.array([(n * 7919 % 997) / 8 if n % 17 else None for n in numbers], pa.float64()),
            "flag": pa.array([n % 3 == 0 if n % 5 else None for n in numbers], pa.bool_()),
            "day": pa.array([dt.date(2020, 1, 1) + dt.timedelta(days=n % 400) for n in numbers], pa.date32()),
            "at": pa.array(
                [dt.datetime(2020, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=n) for n in numbers],
                pa.timestamp("us", "UTC"),
            ),
        }
    )


def told(value: Any) -> Any:
    """pyarrow's value as the page's JSON says it."""
    if isinstance(value, dt.datetime):
        text = value.replace(tzinfo=None).isoformat(sep="T")
        return f"{text}Z" if value.tzinfo else text
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def truth(rows: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(told(value) for value in row.values()) for row in rows]


# ---------------------------------------------------------------- pages
@pytest.mark.parametrize("offset", [0, 1, 49, 50, 99, 100, 101, 399, 400, 401, 950, 999, 1000, 5000])
def test_a_page_of_several_parts_is_what_pyarrow_reads(tmp_path: Path, offset: int) -> None:
    parts = [people(400), people(1, 400), people(599, 401)]
    page = read_page(table_of(tmp_path, *parts), offset=offset, limit=50)
    rows = pa.concat_tables(parts).slice(offset, 50).to_pylist()
    assert list(page.rows) == truth(rows)
    assert list(page.numbers) == list(range(offset, offset + len(rows)))
    assert page.total == ROWS


@hypothesis_settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    offset=st.integers(0, 700),
    limit=st.integers(0, 120),
    column=st.sampled_from(["id", "group", "score", "flag", "day", "at"]),
    descending=st.booleans(),
    low=st.one_of(st.none(), st.integers(-5, 130)),
    group=st.one_of(st.none(), st.sampled_from(["g1", "g2", "none of them"])),
)
def test_sorted_and_filtered_pages_are_what_python_says(
    tmp_path: Path, offset: int, limit: int, column: str, descending: bool, low: int | None, group: str | None
) -> None:
    source = people(600)
    filters = []
    rows = [{"r": n, **row} for n, row in enumerate(source.to_pylist())]
    if low is not None:
        filters.append(Filter("score", "min", str(low)))
        rows = [row for row in rows if row["score"] is not None and row["score"] >= low]
    if group is not None:
        filters.append(Filter("group", "is", group))
        rows = [row for row in rows if row["group"] == group]
    there = [row for row in rows if row[column] is not None]
    there.sort(key=lambda row: row[column], reverse=descending)
    wanted = [*there, *(row for row in rows if row[column] is None)][offset : offset + limit]
    query = RowQuery(tuple(filters), Sort(column, descending=descending))
    page = read_page(table_of(tmp_path, source), offset=offset, limit=limit, query=query)
    assert list(page.numbers) == [row["r"] for row in wanted]
    assert list(page.rows) == truth([{k: v for k, v in row.items() if k != "r"} for row in wanted])
    assert page.total == len(rows)


def test_a_plain_page_fetches_only_the_part_that_holds_it(tmp_path: Path, preview_cache: Path) -> None:
    table = table_of(tmp_path, people(400), people(400, 400))
    read_page(table, offset=450, limit=50)
    assert [path.stem for path in preview_cache.glob("*.parquet")] == [table.parts[1].item.sha256]


def test_chosen_columns_come_in_the_order_asked_for(tmp_path: Path) -> None:
    page = read_page(table_of(tmp_path, people(3)), offset=0, limit=2, names=["flag", "id"])
    assert [column.name for column in page.columns] == ["flag", "id"]
    assert page.rows == ((None, 0), (False, 1))


def test_a_table_without_rows_still_has_columns(tmp_path: Path) -> None:
    page = read_page(table_of(tmp_path, people(0)), offset=0, limit=50)
    assert ([column.name for column in page.columns], page.rows, page.total) == (
        people(0).column_names,
        (),
        0,
    )


def test_every_value_is_json_and_nothing_is_rounded(tmp_path: Path) -> None:
    source = pa.table(
        {
            "big": pa.array([2**63 - 1], pa.int64()),
            "exact": pa.array([Decimal("12345678901234567.89")], pa.decimal128(19, 2)),
            "nan": pa.array([float("nan")]),
            "inf": pa.array([float("-inf")]),
            "bytes": pa.array([b"\x00\xff"]),
            "list": pa.array([[1.0, None, float("nan")]]),
            "struct": pa.array([{"a": [dt.date(2020, 2, 29)], "b": 'x"y'}]),
            "local": pa.array([dt.datetime.fromisoformat("0001-01-01T00:00:00.000005")], pa.timestamp("us")),
            "instant": pa.array([dt.datetime(2020, 1, 1, 23, tzinfo=dt.UTC)], pa.timestamp("us", "Asia/Shanghai")),
            "time": pa.array([dt.time(1, 2, 3)], pa.time64("us")),
            "nothing": pa.nulls(1),
            "empty": pa.array([""]),
        }
    )
    page = read_page(table_of(tmp_path, source), offset=0, limit=1)
    assert dict(zip(source.column_names, page.rows[0], strict=True)) == {
        "big": 2**63 - 1,
        "exact": "12345678901234567.89",
        "nan": "NaN",
        "inf": "-Infinity",
        "bytes": "AP8=",
        "list": [1.0, None, "NaN"],
        "struct": {"a": ["2020-02-29"], "b": 'x"y'},
        "local": "0001-01-01T00:00:00.000005",
        "instant": "2020-01-01T23:00:00Z",
        "time": "01:02:03",
        "nothing": None,
        "empty": "",
    }
    assert json.loads(json.dumps(page.rows, allow_nan=False))


def test_a_cell_of_megabytes_is_cut_and_says_so(tmp_path: Path) -> None:
    source = pa.table({"id": [1, 2], "text": ["x" * 3_000_000, "y" * CELL_LIMIT]})
    page = read_page(table_of(tmp_path, source), offset=0, limit=2)
    assert [len(row[1]) for row in page.rows] == [CELL_LIMIT, CELL_LIMIT]
    assert page.clipped == frozenset({(0, 1)})


# ---------------------------------------------------------------- hostile names and values
HOSTILE = [
    "<script>alert(1)</script>",
    '"; DROP TABLE x; --',
    "a",
    "A",
    "file_row_number",
    "r",
    "c0",
    "select",
    "列 😀",
    "x" * 255,
    "it's",
    "-minus",
    "is:colon=and&amp",
    " ",
]


def test_hostile_column_names_are_only_names(tmp_path: Path) -> None:
    source = pa.table([pa.array([n * 2 + 1, n * 2]) for n in range(len(HOSTILE))], names=HOSTILE)
    table = table_of(tmp_path, source)
    for place, name in enumerate(HOSTILE):
        page = read_page(table, offset=0, limit=9, names=[name])
        assert page.rows == ((place * 2 + 1,), (place * 2,))
        sort = parse_sort(written_sort(Sort(name)))
        assert sort == Sort(name)
        assert read_page(table, offset=0, limit=9, query=RowQuery(sort=sort)).numbers == (1, 0)
        filters = parse_filters([(f"is:{name}", str(place * 2))])
        assert read_page(table, offset=0, limit=9, query=RowQuery(filters)).numbers == (1,)


def test_a_table_that_has_a_column_called_file_row_number_is_paged_right(tmp_path: Path) -> None:
    parts = [people(n).append_column("File_Row_Number", pa.array(["x"] * n)) for n in (5, 300)]
    page = read_page(table_of(tmp_path, *parts), offset=250, limit=3, names=["id"])
    assert (page.numbers, page.rows) == ((250, 251, 252), ((245,), (246,), (247,)))


@pytest.mark.parametrize(
    "value",
    ["' OR 1=1 --", '"', "g1' UNION SELECT 1 --", "\\", "%", "_", "?", "$1", "x--6.3", "{", "\u202e", "g1;"],
)
@pytest.mark.parametrize("operator", ["is", "has"])
def test_a_hostile_value_is_only_a_value(tmp_path: Path, operator: Any, value: str) -> None:
    source = pa.table({"text": ["g1", f"<{value}>", value, None]})
    page = read_page(table_of(tmp_path, source), offset=0, limit=9, query=RowQuery((Filter("text", operator, value),)))
    expected = [2] if operator == "is" else [1, 2]
    assert list(page.numbers) == expected


@pytest.mark.parametrize(
    ("column", "operator", "value"),
    [
        ("nobody", "is", "1"),
        ("id", "has", "1"),
        ("id", "min", "1; DROP"),
        ("id", "min", "nan"),
        ("score", "max", "high"),
        ("flag", "is", "maybe"),
        ("day", "min", "2020-02-30"),
        ("at", "min", "yesterday"),
        ("group", "min", "a"),
        ("group", "missing", "perhaps"),
        ("group", "is", "x" * 1001),
    ],
)
def test_a_filter_that_cant_be_answered_is_refused_in_words(
    tmp_path: Path, column: str, operator: Any, value: str
) -> None:
    query = RowQuery((Filter(column, operator, value),))
    with pytest.raises(QueryInvalid) as refused:
        read_page(table_of(tmp_path, people(5)), offset=0, limit=1, query=query)
    assert refused.value.sentence


@pytest.mark.parametrize(
    ("operator", "value", "numbers"),
    [
        ("is", "7", [7]),
        ("is", "7.0", [7]),
        ("is", "7.5", []),
        ("is", "1e400", []),
        ("min", "7.2", [8, 9]),
        ("max", "1.9", [0, 1]),
        ("below", "2", [0, 1]),
        ("min", "99999999999999999999999999999999999999999", []),
        ("max", "-1e300", []),
        ("missing", "only", []),
        ("missing", "none", list(range(10))),
    ],
)
def test_bounds_of_whole_numbers(tmp_path: Path, operator: Any, value: str, numbers: list[int]) -> None:
    query = RowQuery((Filter("id", operator, value),))
    assert list(read_page(table_of(tmp_path, people(10)), offset=0, limit=50, query=query).numbers) == numbers


@pytest.mark.parametrize(
    ("column", "operator", "value", "count"),
    [
        ("day", "is", "2020-01-02", 3),
        ("day", "max", "2020-01-02", 6),
        ("at", "max", "2020-01-01", 1000),
        ("at", "min", "2020-01-01T16:38", 2),
        ("at", "below", "2020-01-01T08:01+08:00", 1),
        ("flag", "is", "TRUE", 267),
        ("flag", "missing", "only", 200),
        ("group", "has", "G1", 279),
    ],
)
def test_filters_of_every_kind(tmp_path: Path, column: str, operator: Any, value: str, count: int) -> None:
    query = RowQuery((Filter(column, operator, value),))
    page = read_page(table_of(tmp_path, people()), offset=0, limit=1, query=query)
    source = people().to_pylist()
    expected = {
        "day": lambda v: v <= dt.date(2020, 1, 2) if operator == "max" else v == dt.date(2020, 1, 2),
        "at": {
            "max": lambda v: v.date() <= dt.date(2020, 1, 1),
            "min": lambda v: v >= dt.datetime(2020, 1, 1, 16, 38, tzinfo=dt.UTC),
            "below": lambda v: v < dt.datetime(2020, 1, 1, 0, 1, tzinfo=dt.UTC),
        }.get(operator),
        "flag": lambda v: v is (None if operator == "missing" else True),
        "group": lambda v: v is not None and "g1" in v,
    }[column]
    assert page.total == sum(bool(expected(row[column])) for row in source)
    assert page.total == count


def test_several_values_of_one_column_mean_any_of_them(tmp_path: Path) -> None:
    query = RowQuery(parse_filters([("is:id", "3"), ("is:id", "5"), ("page", "2"), ("is:flag", "")]))
    assert read_page(table_of(tmp_path, people(10)), offset=0, limit=9, query=query).numbers == (3, 5)


def test_too_many_filters_are_refused() -> None:
    with pytest.raises(QueryInvalid):
        parse_filters([("is:a", str(n)) for n in range(21)])


def test_an_identifier_is_quoted_whatever_is_in_it() -> None:
    name = 'a"b""c'
    assert duckdb.sql(f"SELECT 1 AS {quoted(name)}").columns == [name]


# ---------------------------------------------------------------- who may
def test_rows_are_for_those_who_may_have_the_bytes(cast: Cast) -> None:
    dataset = make_dataset(cast, access="restricted")
    version = make_published(cast, dataset)
    resource = version.resources.get()
    resource.version = version
    page = read_rows(actor=cast.contributor, resource=resource, offset=98, limit=50)
    assert (page.columns, page.rows, page.total) == (
        ("id", "name", "amount"),
        ((98, "n98", "147.0"), (99, "n99", "148.5")),
        100,
    )
    for actor in (cast.stranger, ANONYMOUS):
        with pytest.raises(Forbidden):
            read_rows(actor=actor, resource=resource)
        with pytest.raises(Forbidden):
            read_row(actor=actor, resource=resource, number=0)


def test_a_draft_is_nobody_elses(cast: Cast) -> None:
    resource = add_table(cast.contributor, make_dataset(cast))
    with pytest.raises(NotFound):
        read_rows(actor=cast.stranger, resource=resource)


def test_one_row_and_the_row_after_the_last(cast: Cast) -> None:
    resource = add_table(cast.contributor, make_dataset(cast))
    assert read_row(actor=cast.contributor, resource=resource, number=99).numbers == (99,)
    with pytest.raises(NotFound, match="no row 101"):
        read_row(actor=cast.contributor, resource=resource, number=100)


@pytest.mark.parametrize(("offset", "limit"), [(0, 1001), (-1, 5), (0, -1), (2**62, 1)])
def test_pages_that_make_no_sense_are_refused(cast: Cast, offset: int, limit: int) -> None:
    resource = add_table(cast.contributor, make_dataset(cast))
    with pytest.raises(Invalid):
        read_rows(actor=cast.contributor, resource=resource, offset=offset, limit=limit)
