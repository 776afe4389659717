from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.fixtures.site import start_site, stop_site
from tests.recovery.crash_site import CrashSite, what_is_left

ROWS = 250_000
SQL = f"""
SELECT range AS id, ['Adelie', 'Gentoo', 'Chinstrap'][1 + range % 3] AS species,
       round(sin(range) * 1000, 3) AS mass, DATE '2001-01-01' + CAST(range % 9000 AS INTEGER) AS seen,
       'station ' || (range % 977) || ' of the northern coast' AS station, range % 2 = 0 AS tagged,
       CASE WHEN range % 11 = 0 THEN NULL ELSE range * 7 END AS ring
FROM range({ROWS})
"""


@dataclass(frozen=True)
class Calm:
    """A run of the same file that nobody disturbed."""

    parts: list[tuple[str, int]]
    seconds: float


@pytest.fixture(scope="session")
def big_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """250,000 rows and 18 MB: long enough at each stage to be killed there."""
    path = tmp_path_factory.mktemp("recovery-data") / "birds.csv"
    duckdb.sql(f"COPY ({SQL}) TO '{path}' (FORMAT csv, HEADER)")
    return path


@pytest.fixture(scope="session")
def small_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recovery-data") / "few.csv"
    duckdb.sql(f"COPY (SELECT * FROM ({SQL}) LIMIT 2000) TO '{path}' (FORMAT csv, HEADER)")
    return path


@pytest.fixture(scope="session")
def crash_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashSite]:
    site = start_site(tmp_path_factory.mktemp("recovery-site"), name="site_recovery", broker=2)
    crash = CrashSite(site)
    yield crash
    crash.close()
    stop_site(site)


@pytest.fixture(scope="session")
def calm(crash_site: CrashSite, big_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    """The undisturbed run, proved equal to its source: what every disturbed run is compared with."""
    began = time.monotonic()
    upload = crash_site.begin(crash_site.register("calm"), big_csv)
    crash_site.wait_checked(upload)
    seconds = time.monotonic() - began
    left = what_is_left(crash_site, upload)
    folder = tmp_path_factory.mktemp("calm")
    [[dataset]] = crash_site.rows("SELECT dataset_id FROM ingest_upload WHERE id = %s", upload)
    for sha256, _ in left.parts:
        (folder / f"{sha256}.parquet").write_bytes(crash_site.read(f"datasets/{dataset}/parquet/{sha256}.parquet"))
    there = f"SELECT * FROM read_parquet('{folder}/*.parquet')"
    for one, other in ((SQL, there), (there, SQL)):
        assert duckdb.sql(f"({one}) EXCEPT ALL ({other})").fetchall() == []
    return Calm(left.parts, seconds)
