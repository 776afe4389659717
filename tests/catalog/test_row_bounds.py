"""Sorted pages behind a bound of the footers are the pages without one, and are read from fewer row groups."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.querying.messages import Question
from catalog.rows import bounds, preview
from catalog.rows.preview import PartRows, Table, opened, read_page
from catalog.rows.query import Filter, RowQuery, Sort
from catalog.rows.sql import table_sql
from catalog.services.delivering.answers import collect
from catalog.services.delivering.rows import files_of
from catalog.transport.object_cache import CachedObject, cache_folder

COUNT = 3_000
GROUP = 100


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = tmp_path
    preview._connection.cache_clear()
    monkeypatch.setattr(bounds, "WORTH_ROWS", 0)
    monkeypatch.setattr(bounds, "SPARE_ROWS", 2 * GROUP)


def held_table(*parts: pa.Table) -> Table:
    """A table whose files are on this disk already."""
    found = []
    for part in parts:
        path = cache_folder() / "part"
        pq.write_table(part, path, row_group_size=GROUP)
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        path.rename(path.with_name(f"{sha256}.parquet"))
        found.append(PartRows(CachedObject("none", sha256, len(data)), part.num_rows))
    return Table(found, parts[0].column_names)


def grown(count: int = COUNT, start: int = 0) -> pa.Table:
    """Rows in the order of most columns; ``last`` falls, ``mixed`` has no order, ``share`` has what is no number."""
    numbers = range(start, start + count)
    begin = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return pa.table(
        {
            "id": pa.array([n if n % 50 else None for n in numbers], pa.int64()),
            "twice": pa.array([n // 7 for n in numbers], pa.int32()),
            "name": pa.array([f"{n:05d} ü'" for n in numbers]),
            "price": pa.array([Decimal(n) / 100 for n in numbers], pa.decimal128(9, 2)),
            "at": pa.array([begin + dt.timedelta(minutes=n) for n in numbers], pa.timestamp("us", "UTC")),
            "day": pa.array([(begin + dt.timedelta(days=n)).date() for n in numbers], pa.date32()),
            "last": pa.array([-n for n in numbers], pa.int64()),
            "mixed": pa.array([n * 7919 % 997 for n in numbers], pa.int64()),
            "share": pa.array([float("nan") if n == 5 else float(n) for n in numbers], pa.float64()),
        }
    )


def bounded(table: Table, sort: Sort, *, wanted: int = 50) -> str:
    with opened(table) as files:
        column = next(column for column in files.columns if column.name == sort.column)
        return bounds.bound(
            lambda sql: preview.fetch(files.cursor, sql),
            files.files,
            column,
            sort=sort,
            rows=table.rows,
            wanted=wanted,
        )


@pytest.mark.parametrize("column", ["id", "twice", "name", "price", "at", "day", "last"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_column_that_grows_has_a_bound(column: str, descending: bool) -> None:
    assert bounded(held_table(grown()), Sort(column, descending=descending)).startswith("c")


@pytest.mark.parametrize(("column", "wanted"), [("mixed", 50), ("share", 50), ("id", COUNT // 2), ("id", COUNT)])
def test_there_is_none_where_it_would_not_help(column: str, wanted: int) -> None:
    assert bounded(held_table(grown()), Sort(column, descending=True), wanted=wanted) == ""


FILTERS: Sequence[tuple[Filter, ...]] = (
    (),
    (Filter("mixed", "max", "20"),),
    # Far from where the bound is: what is behind it is not enough.
    (Filter("last", "max", "-2900"),),
    (Filter("last", "min", "-60"),),
    (Filter("id", "missing", "only"),),
)


@pytest.mark.parametrize("column", ["id", "twice", "name", "at", "mixed", "share"])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_are_the_same_with_it_and_without(column: str, descending: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    table = held_table(grown(1_000), grown(1_700, 1_000), grown(300, 2_700))
    for filters in FILTERS:
        query = RowQuery(filters, Sort(column, descending=descending))
        for offset in (0, 2_950):
            found = []
            for worth in (0, 10**9):
                monkeypatch.setattr(bounds, "WORTH_ROWS", worth)
                page = read_page(table, offset=offset, limit=40, query=query)
                pages = [page]
                if page.last is not None:
                    more = read_page(table, offset=0, limit=40, query=query, after=page.last, total=page.total)
                    pages.append(more)
                found.append([(item.numbers, item.rows, item.total, item.last) for item in pages])
            assert found[0] == found[1], (filters, offset)


@pytest.mark.parametrize("extra", [None, "File_Row_Number"])
@pytest.mark.parametrize(
    ("sort", "offset", "limit", "expected"),
    [
        (None, 0, None, [n for n in range(600) if n * 7919 % 997 <= 500]),
        (None, 7, 90, [n for n in range(600) if n * 7919 % 997 <= 500][7:97]),
        (Sort("last"), 3, 5, [n for n in reversed(range(600)) if n * 7919 % 997 <= 500][3:8]),
    ],
)
def test_rows_of_several_parts_leave_a_cell_in_their_order(
    extra: str | None, sort: Sort | None, offset: int, limit: int | None, expected: list[int]
) -> None:
    """A table's own order is not asked for, and is kept."""
    parts = [grown(count, start) for count, start in ((250, 0), (1, 250), (349, 251))]
    if extra:
        parts = [part.append_column(extra, pa.array(["x"] * part.num_rows)) for part in parts]
    table = held_table(*parts)
    query = RowQuery((Filter("mixed", "max", "500"),), sort)
    with opened(table) as files:
        known = {column.name: column for column in files.columns}
    sql = table_sql("t", known, [known["last"]], query=query, offset=offset, limit=limit)
    answer = collect(Question(sql=sql, format="csv", names=("n",)), [files_of(table)])
    with answer.file as file:
        assert file.read().decode().split() == ["n", *(str(-number) for number in expected)]
