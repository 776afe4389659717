"""pandas, Polars, DuckDB and pyarrow with fsspec read published tables by their plain address, as their users do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError

import duckdb
import duckdb_extension_httpfs
import fsspec
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.clients.shelf import ROWS, Shelf, same

pytestmark = [pytest.mark.clients, pytest.mark.slow]

Read = Callable[[str, str], pa.Table]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def with_token(url: str, token: str) -> str:
    return f"{url}?token={token}" if token else url


def pandas_header(url: str, token: str) -> pa.Table:
    return pa.Table.from_pandas(pd.read_parquet(url, storage_options=bearer(token)), preserve_index=False)


def pandas_query(url: str, token: str) -> pa.Table:
    return pa.Table.from_pandas(pd.read_parquet(with_token(url, token)), preserve_index=False)


def polars_read(url: str, token: str) -> pa.Table:
    return pl.read_parquet(with_token(url, token)).to_arrow()


def polars_scan(url: str, token: str) -> pa.Table:
    lazy = pl.scan_parquet(with_token(url, token))
    counted = lazy.filter(pl.col("id") < 100).select(pl.len()).collect().item()
    assert counted == 100
    return lazy.collect().to_arrow()


def connect_duckdb() -> duckdb.DuckDBPyConnection:
    """DuckDB with httpfs out of the wheel: nothing is downloaded."""
    [extension] = Path(duckdb_extension_httpfs.__file__).parent.rglob(f"v{duckdb.__version__}/httpfs.duckdb_extension")
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'")
    return connection


def duckdb_secret(url: str, token: str) -> pa.Table:
    with connect_duckdb() as connection:
        if token:
            connection.execute(f"CREATE SECRET (TYPE http, BEARER_TOKEN '{token}')")
        return connection.sql(f"SELECT * FROM read_parquet('{url}')").to_arrow_table()


def duckdb_query(url: str, token: str) -> pa.Table:
    with connect_duckdb() as connection:
        return connection.sql(f"SELECT * FROM read_parquet('{with_token(url, token)}')").to_arrow_table()


def pyarrow_header(url: str, token: str) -> pa.Table:
    filesystem = fsspec.filesystem("http", headers=bearer(token), skip_instance_cache=True)
    with filesystem.open(url, "rb") as file:
        return pq.read_table(file)


def pyarrow_query(url: str, token: str) -> pa.Table:
    with fsspec.open(with_token(url, token), "rb") as file:
        return pq.read_table(file)


CLIENTS: dict[str, Read] = {
    "pandas, Authorization": pandas_header,
    "pandas, ?token=": pandas_query,
    "Polars read, ?token=": polars_read,
    "Polars scan, ?token=": polars_scan,
    "DuckDB, http secret": duckdb_secret,
    "DuckDB, ?token=": duckdb_query,
    "pyarrow + fsspec, headers": pyarrow_header,
    "pyarrow + fsspec, ?token=": pyarrow_query,
}
OPEN = [("public", "nobody"), ("public", "stranger"), ("restricted", "owner"), ("private", "owner")]
# DuckDB asks again with GET when HEAD is refused, and then says "HTTP 0" of whatever is neither 2xx nor 404.
SILENT = {"DuckDB, http secret", "DuckDB, ?token="}
CLOSED = [
    ("restricted", "stranger", 403),
    ("restricted", "nobody", 401),
    ("private", "stranger", 404),
    ("private", "nobody", 404),
]


@pytest.fixture(scope="module")
def table(tell: Callable[[str, str], None]) -> Iterator[dict[tuple[str, str], str]]:
    """What each client got in each case, shown at the end of the run."""
    cells: dict[tuple[str, str], str] = {}
    yield cells
    cases = [f"{access}/{who}" for access, who, *_ in [*OPEN, *CLOSED]]
    tell("clients by access", " ".join([f"{'':26}", *(f"{case:>19}" for case in cases)]))
    for name in CLIENTS:
        tell("clients by access", " ".join([f"{name:26}", *(f"{cells.get((name, case), '-'):>19}" for case in cases)]))


@pytest.mark.parametrize(("access", "who"), OPEN)
@pytest.mark.parametrize("name", CLIENTS)
def test_whoever_may_reads_the_source_s_very_cells(
    shelf: Shelf, table: dict[tuple[str, str], str], name: str, access: str, who: str
) -> None:
    before = len(shelf.downloads(access))
    found = CLIENTS[name](shelf.url(access), shelf.token(who))
    assert same(found, shelf.source)
    events = shelf.downloads(access)[: len(shelf.downloads(access)) - before]
    assert events, "a read that is not on the audit trail"
    for event in events:
        assert event["detail"]["version"] == shelf.versions[access]
        assert event["detail"]["kind"] == "parquet"
        assert len(event["detail"]["sha256"]) == 64
    table[name, f"{access}/{who}"] = f"{ROWS:,} rows"


@pytest.mark.parametrize(("access", "who", "status"), CLOSED)
@pytest.mark.parametrize("name", CLIENTS)
def test_whoever_may_not_is_told_by_status(
    shelf: Shelf, table: dict[tuple[str, str], str], name: str, access: str, who: str, status: int
) -> None:
    before = len(shelf.downloads(access))
    with pytest.raises(Exception) as refused:  # noqa: PT011 -- each client has a class of its own for it.
        CLIENTS[name](shelf.url(access), shelf.token(who))
    told = status_of(refused.value)
    assert told == status or (told == 0 and name in SILENT and status != 404), repr(refused.value)
    assert len(shelf.downloads(access)) == before
    table[name, f"{access}/{who}"] = str(told or "refused")


def status_of(error: BaseException | None) -> int:
    """The HTTP status that a client's error, or the one behind it, carries as a number or in its words; 0 for none."""
    if isinstance(error, HTTPError):
        # pandas leaves it open, and the warning about that would fall upon a later test.
        error.close()
        return error.code
    if error is None:
        return 0
    if isinstance(value := getattr(error, "status", None), int):
        return value
    words = [number for number in (401, 403, 404) if re.search(rf"\b{number}\b", str(error))]
    return words[0] if words else status_of(error.__cause__)
