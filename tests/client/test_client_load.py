from __future__ import annotations

import datetime as dt
import decimal
import importlib
import io
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonfield import BadArgument, Client, MissingExtra, NotFound, frames
from tests.client.local_site import LocalSite

BEYOND = 2**53 + 1

TABLE = pa.table(
    {
        "name": pa.array(["a", None, "ü"]),
        "count": pa.array([1, 2, 3], pa.int64()),
        "big": pa.array([BEYOND, None, -BEYOND], pa.int64()),
        "flag": pa.array([True, None, False]),
        "share": pa.array([0.5, None, 1.5]),
        "price": pa.array([decimal.Decimal("1.10"), None, decimal.Decimal("2.20")], pa.decimal128(8, 2)),
        "day": pa.array([dt.date(1677, 1, 1), None, dt.date(2026, 1, 2)]),
        "at": pa.array([0, None, 1_700_000_000_000_000], pa.timestamp("us", tz="UTC")),
    }
)


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


@pytest.fixture
def loaded(local: LocalSite, owner: Client) -> Client:
    local.publish("org/t", "1.0.0", {"t.parquet": parquet(TABLE), "t.csv": b"x"})
    local.publish("org/t", "1.1.0", {"t/0.parquet": parquet(TABLE), "t/1.parquet": parquet(TABLE.slice(0, 1))})
    local.publish("org/two", "1.0.0", {"a.parquet": parquet(TABLE), "b.parquet": parquet(TABLE)})
    return owner


def test_arrow_is_the_published_table(loaded: Client) -> None:
    table = loaded.load("org/t", version="1.0.0", as_="arrow")
    assert table.equals(TABLE)
    assert table.schema.metadata[b"commonfield.version"] == b"1.0.0"


def test_pandas_is_the_default_and_loses_no_value(loaded: Client) -> None:
    frame = loaded.load("org/t", version="1.0.0")
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == TABLE.column_names
    assert str(frame["count"].dtype) == "int64"
    assert str(frame["big"].dtype) == "Int64"
    assert str(frame["flag"].dtype) == "boolean"
    assert str(frame["share"].dtype) == "float64"
    assert frame["big"].tolist() == [BEYOND, pd.NA, -BEYOND]
    assert frame["price"].tolist() == TABLE["price"].to_pylist()
    assert frame["day"].iloc[0] == pd.Timestamp("1677-01-01")
    assert str(frame["at"].dt.tz) == "UTC"
    assert pa.Table.from_pandas(frame, schema=TABLE.schema, preserve_index=False).equals(TABLE)


def test_numpy_dtypes_would_have_lost_one(loaded: Client) -> None:
    frame = loaded.load("org/t", version="1.0.0", dtypes="numpy")
    assert int(frame["big"].iloc[0]) != BEYOND


def test_other_dtypes(loaded: Client) -> None:
    nullable = loaded.load("org/t", version="1.0.0", dtypes="nullable")
    assert str(nullable["count"].dtype) == "Int64"
    arrow = loaded.load("org/t", version="1.0.0", dtypes="arrow")
    assert str(arrow["price"].dtype) == "decimal128(8, 2)[pyarrow]"
    with pytest.raises(BadArgument, match="'lossless'"):
        loaded.load("org/t", dtypes="best")  # type: ignore[call-overload]


def test_polars(loaded: Client) -> None:
    frame = loaded.load("org/t", version="1.0.0", as_="polars")
    assert isinstance(frame, pl.DataFrame)
    assert frame["big"].to_list() == TABLE["big"].to_pylist()


def test_duckdb_with_and_without_a_connection(loaded: Client) -> None:
    relation = loaded.load("org/t", version="1.0.0", as_="duckdb")
    assert relation.aggregate("max(big)").fetchone() == (BEYOND,)
    connection = duckdb.connect()
    mine = loaded.load("org/t", version="1.0.0", as_="duckdb", columns=["name", "big"], connection=connection)
    assert mine.columns == ["name", "big"]
    assert connection.sql("SELECT count(*) FROM mine").fetchone() == (3,)
    connection.close()


@pytest.mark.parametrize("as_", ["pandas", "polars", "arrow", "duckdb"])
def test_several_parts_in_order_and_the_columns_as_asked(loaded: Client, as_: Any) -> None:
    found = loaded.load("org/t", version="1.1.0", as_=as_, columns=["share", "name"])
    if as_ == "duckdb":
        assert found.fetchall() == [(0.5, "a"), (None, None), (1.5, "ü"), (0.5, "a")]
    else:
        assert list(getattr(found, "column_names", None) or found.columns) == ["share", "name"]
        names = found["name"]
        assert (names.to_pylist() if as_ == "arrow" else list(names))[2:] == ["ü", "a"]


@pytest.mark.parametrize("as_", ["pandas", "polars", "arrow", "duckdb"])
def test_an_unknown_column_names_the_known_ones(loaded: Client, as_: Any) -> None:
    with pytest.raises(BadArgument, match=r"no column 'nmae'.*The columns are: name, count"):
        loaded.load("org/t", version="1.0.0", as_=as_, columns=["name", "nmae"])
    with pytest.raises(BadArgument, match="one word"):
        loaded.load("org/t", version="1.0.0", as_=as_, columns="name")


def test_where_a_frame_came_from(loaded: Client, local: LocalSite) -> None:
    assert loaded.load("org/t").attrs == {
        "commonfield.url": local.url,
        "commonfield.dataset": "org/t",
        "commonfield.version": "1.1.0",
        "commonfield.resource": "t",
        "commonfield.manifest_sha256": "m" * 64,
    }


def test_several_resources_have_to_be_chosen_from(loaded: Client) -> None:
    with pytest.raises(BadArgument, match=r"2 resources.*a, b"):
        loaded.load("org/two")
    assert len(loaded.load("org/two", resource="b")) == 3


def test_open_gives_verified_bytes(loaded: Client) -> None:
    with loaded.open("org/t", version="1.0.0", original=True) as handle:
        assert handle.read() == b"x"
    with loaded.open("org/t", version="1.1.0", part=1) as handle:
        assert pq.read_table(handle).num_rows == 1
    with pytest.raises(BadArgument, match="consists of 2 files"):
        loaded.open("org/t", version="1.1.0")
    with pytest.raises(BadArgument, match="Its parts are 0 to 1"):
        loaded.open("org/t", version="1.1.0", part=2)
    with pytest.raises(NotFound, match="no original files"):
        loaded.open("org/t", version="1.1.0", original=True)


@pytest.mark.parametrize("given", ["penguins", "a/b/c", "A/b", "", "../x"])
def test_what_is_no_id(loaded: Client, given: str) -> None:
    with pytest.raises(BadArgument, match="Write owner/dataset"):
        loaded.load(given)


@pytest.mark.parametrize("version", ["1", "v1.0.0", "newest", "../1.0.0"])
def test_what_is_no_version(loaded: Client, version: str) -> None:
    with pytest.raises(BadArgument, match="is not a version"):
        loaded.load("org/t", version=version)


@pytest.mark.parametrize(("as_", "module"), [("pandas", "pandas"), ("polars", "polars"), ("arrow", "pyarrow")])
def test_a_missing_extra_says_what_to_install(
    loaded: Client, monkeypatch: pytest.MonkeyPatch, as_: Any, module: str
) -> None:
    real = importlib.import_module

    def without(name: str, package: str | None = None) -> Any:
        if name == module:
            raise ImportError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(MissingExtra, match=rf"pip install 'commonfield\[{module}\]'"):
        loaded.load("org/t", as_=as_)


# ---------------------------------------------------------------- and back into files
@pytest.mark.parametrize(
    "make",
    [
        lambda: pd.DataFrame({"x": [1, 2]}),
        lambda: pl.DataFrame({"x": [1, 2]}),
        lambda: pa.table({"x": [1, 2]}),
        lambda: duckdb.sql("SELECT unnest([1, 2]) AS x"),
    ],
)
def test_frames_of_all_kinds_become_parquet(tmp_path: Path, make: Any) -> None:
    frame = make()
    assert frames.is_frame(frame)
    frames.write_parquet(frame, tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet")["x"].to_pylist() == [1, 2]


def test_an_index_is_kept_or_asked_about(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"], name="key"))
    frames.write_parquet(frame, tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet").column_names == ["key", "x"]
    frame.index.name = None
    with pytest.raises(BadArgument, match="reset_index"):
        frames.write_parquet(frame, tmp_path / "y.parquet")
