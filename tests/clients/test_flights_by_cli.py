"""A real table of 336,776 flights: pushed by the command line, approved, pulled, and the same to the last cell."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from commonfield import Client
from tests.clients.shelf import approve
from tests.fixtures.site import Site

pytestmark = [pytest.mark.clients, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
FLIGHTS = ROOT.parent / "shared" / "data" / "nycflights13_flights.csv.gz"
ROWS = 336_776
DATASET = "institute/flights"
TEXTS = {"carrier", "tailnum", "origin", "dest"}


def made_flights(folder: Path) -> Path:
    """As many flights with the same columns, for a checkout that has not the real ones beside it."""
    path = folder / "nycflights13_flights.csv.gz"

    def maybe(value: str, every: int) -> str:
        return f"CASE WHEN range % {every} = 0 THEN NULL ELSE {value} END"

    hour = "TIMESTAMP '2013-01-01 10:00:00' + INTERVAL (range // 40) HOUR"
    columns = {
        "year": "2013",
        "month": "1 + range % 12",
        "day": "1 + range % 28",
        "dep_time": maybe("500 + range % 1800", 41),
        "sched_dep_time": "500 + range % 1790",
        "dep_delay": maybe("range % 90 - 20", 41),
        "arr_time": maybe("600 + range % 1700", 37),
        "sched_arr_time": "600 + range % 1710",
        "arr_delay": maybe("range % 80 - 40", 37),
        "carrier": "['UA', 'AA', 'B6', 'DL'][1 + range % 4]",
        "flight": "1 + range % 8500",
        "tailnum": maybe("'N' || (10000 + range % 4000)", 130),
        "origin": "['EWR', 'LGA', 'JFK'][1 + range % 3]",
        "dest": "['IAH', 'MIA', 'BQN'][1 + range % 3]",
        "air_time": maybe("20 + range % 670", 37),
        "distance": "80 + range % 4900",
        "hour": "5 + range % 19",
        "minute": "range % 60",
        "time_hour": f"strftime({hour}, '%Y-%m-%dT%H:%M:%SZ')",
    }
    sql = f"SELECT {', '.join(f'{value} AS {name}' for name, value in columns.items())} FROM range({ROWS})"
    duckdb.sql(f"COPY ({sql}) TO '{path}' (FORMAT csv, HEADER, COMPRESSION gzip)")
    return path


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return FLIGHTS if FLIGHTS.exists() else made_flights(tmp_path_factory.mktemp("flights"))


@pytest.fixture(scope="module")
def commonfield(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Runs ``python -m commonfield … --json`` as the owner, in a home of its own."""
    home = tmp_path_factory.mktemp("cli-home")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(ROOT / "client" / "src"),
        "COMMONFIELD_URL": site.url,
        "COMMONFIELD_TOKEN": site.owner_token,
        "COMMONFIELD_CACHE": str(home / "cache"),
    }

    def run(*arguments: str) -> Any:
        command = [sys.executable, "-m", "commonfield", *arguments, "--json"]
        done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_flights_go_in_and_come_out_the_same(
    site: Site, commonfield: Callable[..., Any], flights: Path, tmp_path: Path, tell: Callable[[str, str], None]
) -> None:
    began = time.monotonic()
    words = ["--note", "All of 2013.", "--license", "CC0-1.0", "--access", "public"]
    pushed = commonfield("push", str(flights), DATASET, *words)
    pushed_after = time.monotonic() - began
    assert pushed["submitted"]
    with site.api(site.owner_token) as api:
        version = api.get(f"/datasets/{DATASET}/versions/draft").raise_for_status().json()
        approve(site, version)
        files = api.get(f"/datasets/{DATASET}/versions/latest/files.json").raise_for_status().json()["files"]

    began = time.monotonic()
    with Client(site.url, cache_dir=tmp_path / "cache") as anyone:
        frame = anyone.load(DATASET)
        pulled_after = time.monotonic() - began
        [path] = anyone.download(DATASET, to=tmp_path / "parquet")
        [original] = anyone.download(DATASET, to=tmp_path / "original", original=True)

    listed = {file["kind"]: file for file in files}
    assert original.read_bytes() == flights.read_bytes()
    for kind, here in (("original", flights), ("parquet", path)):
        assert listed[kind]["sha256"] == hashlib.sha256(here.read_bytes()).hexdigest()
        assert listed[kind]["bytes"] == here.stat().st_size

    source = pd.read_csv(flights)
    assert len(frame) == len(source) == ROWS
    assert_types(path, source)
    assert_same_frame(frame, source)
    sizes = [flights.stat().st_size, len(gzip.decompress(flights.read_bytes())), path.stat().st_size]
    packed, unpacked, parquet = (size / 1e6 for size in sizes)
    tell("flights", f"{ROWS:,} rows: {packed:.1f} MB of gzip, {unpacked:.1f} MB of CSV, {parquet:.1f} MB of Parquet")
    tell("flights", f"pushed, converted, checked and submitted in {pushed_after:.1f} s")
    tell("flights", f"pulled and verified as a DataFrame in {pulled_after:.1f} s")


def assert_types(path: Path, source: pd.DataFrame) -> None:
    """Whole numbers stay whole also where cells are missing; the time carries its zone."""
    schema = pq.read_schema(path)
    assert schema.names == list(source.columns)
    for name in schema.names:
        wanted = "string" if name in TEXTS else "timestamp[us, tz=UTC]" if name == "time_hour" else "int64"
        assert str(schema.field(name).type) == wanted, name


def assert_same_frame(frame: pd.DataFrame, source: pd.DataFrame) -> None:
    source = source.assign(time_hour=pd.to_datetime(source["time_hour"], utc=True))
    for name in source.columns:
        ours, theirs = frame[name], source[name]
        assert ours.isna().to_numpy().tolist() == theirs.isna().to_numpy().tolist(), name
        there = ~theirs.isna().to_numpy()
        assert np.array_equal(ours[there].astype(theirs.dtype).to_numpy(), theirs[there].to_numpy()), name
