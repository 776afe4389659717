from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.fixtures.site import start_site, stop_site
from tests.recovery.crash_site import Calm, CrashSite, what_is_left
from tests.recovery.gate import Gate

BIRDS = """
SELECT range AS id, ['Adelie', 'Gentoo', 'Chinstrap'][1 + range % 3] AS species,
       round(sin(range) * 1000, 3) AS mass, DATE '2001-01-01' + CAST(range % 9000 AS INTEGER) AS seen,
       'station ' || (range % 977) || ' of the northern coast' AS station, range % 2 = 0 AS tagged,
       CASE WHEN range % 11 = 0 THEN NULL ELSE range * 7 END AS ring
FROM range({rows})
"""


def write_csv(path: Path, sql: str) -> Path:
    duckdb.sql(f"COPY ({sql}) TO '{path}' (FORMAT csv, HEADER)")
    return path


@pytest.fixture(scope="session")
def recovery_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recovery-data")


@pytest.fixture(scope="session")
def big_csv(recovery_data: Path) -> Path:
    """120,000 rows and 9 MB: each stage lasts long enough to be met, and no kill costs more than it has to."""
    return write_csv(recovery_data / "birds.csv", BIRDS.format(rows=120_000))


@pytest.fixture(scope="session")
def small_csv(recovery_data: Path) -> Path:
    return write_csv(recovery_data / "few.csv", BIRDS.format(rows=2_000))


@pytest.fixture(scope="session")
def wide_csv(recovery_data: Path) -> Path:
    """40 columns: its head takes long to read (and its checks take longer still, at each of its runs)."""
    columns = ", ".join(f"(range * {n + 3}) % 10007 AS c{n}" for n in range(40))
    return write_csv(recovery_data / "wide.csv", f"SELECT {columns} FROM range(3000)")


@pytest.fixture(scope="session")
def gate() -> Iterator[Gate]:
    """Between the site's programs and the store."""
    found = Gate(os.environ["S3_ENDPOINT_URL"])
    yield found
    found.close()


@pytest.fixture(scope="session")
def crash_site(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[CrashSite]:
    """A site whose tables are cut into parts of a megabyte, so that each kill may fall between two of them."""
    settings = {
        "S3_ENDPOINT_URL": gate.url,
        "S3_PUBLIC_ENDPOINT_URL": os.environ["S3_ENDPOINT_URL"],
        "PART_BYTES": "1000000",
        # As long as it takes to kill and start what should carry a decision out.
        "DECISION_GRACE": "20",
    }
    site = start_site(tmp_path_factory.mktemp("recovery-site"), name="site_recovery", broker=2, **settings)
    crash = CrashSite(site)
    yield crash
    crash.close()
    stop_site(site)


@pytest.fixture(scope="session")
def calm_of(crash_site: CrashSite, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Calm]:
    """The undisturbed run of a file, proved equal to it: what every disturbed run is compared with."""

    @functools.cache
    def run(path: Path) -> Calm:
        upload = crash_site.send_parts(crash_site.register(f"calm-{path.stem}"), path)
        began = time.monotonic()
        crash_site.complete(upload)
        crash_site.wait_checked(upload)
        calm = Calm(what_is_left(crash_site, upload).parts, time.monotonic() - began)
        folder = tmp_path_factory.mktemp("calm")
        [[dataset]] = crash_site.rows("SELECT dataset_id FROM ingest_upload WHERE id = %s", upload)
        for sha256, _ in calm.parts:
            data = crash_site.read(f"datasets/{dataset}/parquet/{sha256}.parquet")
            (folder / f"{sha256}.parquet").write_bytes(data)
        source, stored = f"SELECT * FROM '{path}'", f"SELECT * FROM read_parquet('{folder}/*.parquet')"
        for one, other in ((source, stored), (stored, source)):
            assert duckdb.sql(f"({one}) EXCEPT ALL ({other})").fetchall() == []
        return calm

    return run
