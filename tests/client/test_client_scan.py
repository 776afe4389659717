"""Tables read where they lie: what a query needs is fetched, and nothing else."""

from __future__ import annotations

import io
import re

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from commonfield import BadArgument, Client, NotFound
from tests.client.local_site import LocalSite

ROWS = 200_000
WIDE = pa.table(
    {
        "n": pa.array(range(ROWS), pa.int64()),
        **{f"x{k}": pc.random(ROWS, initializer=k) for k in range(8)},
    }
)


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=20_000, compression="none")
    return sink.getvalue()


DATA = parquet(WIDE)


@pytest.fixture
def remote(local: LocalSite, owner: Client) -> Client:
    half = ROWS // 2
    local.publish("org/wide", "1.0.0", {"wide.parquet": DATA})
    local.publish(
        "org/parts", "1.0.0", {"t/0.parquet": parquet(WIDE.slice(0, half)), "t/1.parquet": parquet(WIDE.slice(half))}
    )
    local.publish("org/two", "1.0.0", {"a.parquet": DATA, "b.parquet": DATA})
    return owner


def fetched(local: LocalSite) -> int:
    """Bytes that the store was asked for."""
    total = 0
    for seen in local.store_requests():
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", seen.headers.get("range", seen.headers.get("Range", "")))
        total += int(match[2]) - int(match[1]) + 1 if match else len(DATA)
    return total


def test_duckdb_reads_the_columns_and_groups_of_a_query(local: LocalSite, remote: Client) -> None:
    relation = remote.scan("org/wide")
    found = relation.filter("n >= 190000").aggregate("count(*) AS c, sum(x3) AS s").fetchone()
    want = WIDE.filter(pc.greater_equal(WIDE["n"], 190_000))
    assert found[0] == want.num_rows
    assert found[1] == pytest.approx(pc.sum(want["x3"]).as_py())
    assert fetched(local) < len(DATA) / 6


def test_polars_scans_lazily(local: LocalSite, remote: Client) -> None:
    frame = remote.scan("org/wide", as_="polars")
    assert isinstance(frame, pl.LazyFrame)
    found = frame.filter(pl.col("n") < 10).select("n", "x0").collect()
    assert found.equals(pl.from_arrow(WIDE.slice(0, 10).select(["n", "x0"])))
    assert fetched(local) < len(DATA) / 6


def test_arrow_gives_the_dataset_with_nothing_read_but_its_end(local: LocalSite, remote: Client) -> None:
    dataset = remote.scan("org/wide", as_="arrow")
    assert dataset.schema.equals(WIDE.schema)
    assert fetched(local) <= 256 << 10
    assert dataset.to_table().equals(WIDE)


def test_several_parts_are_one_table_in_order(remote: Client) -> None:
    assert remote.scan("org/parts", as_="arrow").to_table().equals(WIDE)


def test_links_that_ran_out_are_renewed(local: LocalSite, remote: Client) -> None:
    relation = remote.scan("org/wide")
    local.expire_links()
    assert relation.aggregate("max(n)").fetchone() == (ROWS - 1,)


def test_what_is_in_the_cache_is_not_fetched_again(local: LocalSite, remote: Client) -> None:
    remote.load("org/wide", as_="arrow")
    before = len(local.store_requests())
    assert remote.scan("org/wide").aggregate("sum(n)").fetchone() == (ROWS * (ROWS - 1) // 2,)
    assert len(local.store_requests()) == before


def test_a_store_that_has_lost_it_is_told(local: LocalSite, remote: Client) -> None:
    relation = remote.scan("org/wide")
    local.blobs.clear()
    with pytest.raises(Exception, match=r"wide\.parquet could not be fetched to its end"):
        relation.aggregate("max(n)").fetchone()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"as_": "pandas"}, BadArgument),
        ({"resource": "c"}, BadArgument),
        ({"version": "9.0.0"}, NotFound),
        ({}, BadArgument),
    ],
)
def test_what_can_not_be_scanned_is_told(remote: Client, arguments: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        remote.scan("org/two", **arguments)  # type: ignore[arg-type]


def test_reading_and_seeking_are_a_files(remote: Client) -> None:
    from commonfield.listing import find_listing
    from commonfield.models import DatasetId
    from commonfield.scanning import RemoteFile

    listing, links = find_listing(remote._transport, remote.cache, DatasetId.parse("org/wide"), "1.0.0")
    file = RemoteFile(remote._transport, links, listing.files[0])
    assert file.size() == len(DATA)
    assert file.read(4) == b"PAR1"
    assert file.tell() == 4
    file.seek(-4, io.SEEK_END)
    assert (file.read(), file.read(1)) == (b"PAR1", b"")
    file.seek(1_000)
    file.seek(500, io.SEEK_CUR)
    target = bytearray(100)
    assert file.readinto(target) == 100
    assert bytes(target) == DATA[1_500:1_600]
    file.seek(0)
    assert file.read() == DATA
