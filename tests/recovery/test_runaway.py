"""Files that are more than a worker can take, and many at once: on a running site, with real processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ingest.sandbox.parse import LOAD
from tests.fixtures.figures import Tell
from tests.fixtures.site import start_site, stop_site
from tests.ingest.tls_servers import Authority, Server, lead_to, reply
from tests.recovery.conftest import BIRDS, write_csv
from tests.recovery.crash_site import PATIENT_SECONDS, CrashSite, children_of, wait_for

pytestmark = [pytest.mark.recovery, pytest.mark.slow]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def source(authority: Authority) -> Iterator[Server]:
    server = Server(authority.context("localhost"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def crash(tmp_path_factory: pytest.TempPathFactory, authority: Authority, source: Server) -> Iterator[CrashSite]:
    """A site with narrow limits: small is up to 1 MB, large above 5 MB; a parse has 256 MB and two seconds."""
    settings = {
        "SMALL_FILE_BYTES": "1000000",
        "LARGE_FILE_BYTES": "5000000",
        "INGEST_MEMORY_BYTES": "256000000",
        "INGEST_SECONDS": "20",
        "INGEST_SECONDS_PER_GB": "0",
        "IMPORT_NETWORKS": "127.0.0.1/32,::1/128",
        "IMPORT_PORTS": str(source.port),
        "IMPORT_CA_FILE": str(authority.file),
    }
    site = start_site(tmp_path_factory.mktemp("runaway-site"), name="site_runaway", broker=3, **settings)
    own = CrashSite(site)
    yield own
    own.close()
    stop_site(site)


def cells_of(crash: CrashSite) -> list[psutil.Process]:
    """The processes that read a file now: children of wardens."""
    found = []
    for process in children_of(crash.worker):
        try:
            if LOAD in process.cmdline() and LOAD in process.parent().cmdline():
                found.append(process)
        except (psutil.Error, AttributeError):
            continue
    return found


def wait_ended(crash: CrashSite, upload: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        now = crash.upload(upload)
        return now if now["state"] in {"stored", "rejected"} else None

    found: dict[str, Any] = wait_for("the upload's end", ended, every=PATIENT_SECONDS)
    return found


def test_a_cell_that_is_killed_costs_nothing(crash: CrashSite, big_csv: Path) -> None:
    upload = crash.begin(crash.register("killed-cell"), big_csv)
    [cell] = wait_for("a cell", lambda: cells_of(crash))
    cell.kill()
    found = crash.wait_stored(upload)
    assert found["attempts"] == 1
    assert crash.log_lines(crash.worker, "is tried again", "killed")


def test_a_killed_worker_leaves_no_process(crash: CrashSite, big_csv: Path) -> None:
    upload = crash.begin(crash.register("killed-worker"), big_csv)
    wait_for("a cell", lambda: cells_of(crash))
    family = children_of(crash.worker)
    assert crash.worker.process is not None
    workers = [process for process in family if "catalog.sandbox.warden" not in process.cmdline()]
    # Only the processes that forked wardens, and their parent: what they started has to end by itself.
    for process in [*workers, psutil.Process(crash.worker.process.pid)]:
        process.kill()
    psutil.wait_procs(family, timeout=10)
    assert [process for process in family if process.is_running()] == []
    crash.worker.process.finish(deadline=time.monotonic() + 10)
    crash.worker.process = None
    crash.start_worker()
    assert crash.wait_stored(upload)["attempts"] == 2


@pytest.fixture(scope="module")
def swelling_json(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One tree of 60 MB: an array of arrays that can't be read piece by piece."""
    path = tmp_path_factory.mktemp("swelling") / "tree.json"
    row = "[" + ",".join(f'{{"a{n}": [{n}, [{n}]]}}' for n in range(40)) + "]"
    path.write_text('{"deep": {"er": [' + ",\n".join([row] * 60_000) + "]}}")
    return path


def test_a_file_that_swells_is_rejected_and_told_why(crash: CrashSite, swelling_json: Path, small_csv: Path) -> None:
    dataset = crash.register("swelling")
    upload = crash.begin(dataset, swelling_json, resource="swollen")
    found = wait_ended(crash, upload)
    assert found["state"] == "rejected"
    assert found["attempts"] == 1
    [group] = found["findings"]
    assert group["code"] == "too-much-memory", group
    assert "512000000 bytes of memory" in group["sentence"]
    # The worker is as it was.
    crash.wait_stored(crash.begin(dataset, small_csv))


def test_small_files_overtake_a_giant(crash: CrashSite, tmp_path: Path, small_csv: Path, tell: Tell) -> None:
    giants = [write_csv(tmp_path / f"giant{n}.csv", BIRDS.format(rows=600_000)) for n in range(2)]
    assert giants[0].stat().st_size > 40e6
    dataset = crash.register("giants")
    large = [crash.send_parts(dataset, giant, resource=giant.stem) for giant in giants]
    small = [crash.send_parts(dataset, small_csv, resource=f"small-{n}") for n in range(5)]
    began = time.monotonic()
    for upload in [*large, *small]:
        crash.complete(upload)
    for upload in small:
        crash.wait_stored(upload)
    took = time.monotonic() - began
    states = [crash.upload(upload)["state"] for upload in large]
    assert set(states) != {"stored"}, "a giant is still at work or waits"
    assert states.count("processing") <= 1, "one process is kept for small files"
    for upload in large:
        crash.wait_stored(upload)
    tell("recovery", f"5 small files among 2 of 44 MB: done in {took:.1f} s, all in {time.monotonic() - began:.1f} s")


def test_one_file_does_not_wait_behind_a_dozen_of_another(crash: CrashSite, small_csv: Path, tell: Tell) -> None:
    crash.api.post("/organizations", json={"slug": "other", "title": "Other"}).raise_for_status()
    body = {"organization": "other", "slug": "single", "title": "Single", "license": "CC0-1.0", "access": "public"}
    crash.api.post("/datasets", json=body).raise_for_status()
    many = crash.register("many")
    dozen = [crash.send_parts(many, small_csv, resource=f"table-{n}") for n in range(12)]
    single = crash.send_parts("other/single", small_csv)
    with crash.no_worker():
        for upload in [*dozen, single]:
            crash.complete(upload)
    for upload in [*dozen, single]:
        crash.wait_stored(upload)
    order = crash.rows("SELECT id::text FROM ingest_upload WHERE id = ANY(%s) ORDER BY finished_at", [*dozen, single])
    place = [row[0] for row in order].index(single)
    tell("recovery", f"one file sent after 12 of another organization was done as number {place + 1}")
    assert place <= 3


def test_a_file_is_imported_from_an_address(crash: CrashSite, source: Server, small_csv: Path) -> None:
    data = small_csv.read_bytes()
    source.answers["/go"] = lead_to("/files/few.csv?token=abc")
    source.answers["/files/few.csv"] = reply(data, ETag='"v7"', Content_Type="text/csv")
    dataset = crash.register("imported")
    body = {"dataset": dataset, "url": f"https://localhost:{source.port}/go", "resource": "few"}
    answer = crash.api.post("/uploads", json=body)
    assert answer.status_code == 201, answer.text
    found = crash.wait_stored(answer.json()["id"])
    assert (found["filename"], found["size"], found["state"]) == ("few.csv", len(data), "stored")
    table = crash.api.get(f"/datasets/{dataset}/versions/draft/resources/few").json()
    assert table["rows"] == 2_000
    [[said]] = crash.rows("SELECT source FROM catalog_resource WHERE upload_id = %s", found["id"])
    assert said["url"] == f"https://localhost:{source.port}/files/few.csv?token=***"
    assert (said["etag"], said["format"]) == ('"v7"', "csv")
    assert said["fetched_at"]
    original = crash.api.get(f"/datasets/{dataset}/versions/draft/resources/few/original?stream=1")
    assert original.content == data


def test_a_large_import_waits_in_its_own_lane(crash: CrashSite, source: Server, big_csv: Path) -> None:
    source.answers["/birds.csv"] = reply(big_csv.read_bytes())
    dataset = crash.register("imported-large")
    body = {"dataset": dataset, "url": f"https://localhost:{source.port}/birds.csv"}
    upload = crash.api.post("/uploads", json=body).raise_for_status().json()["id"]
    found = crash.wait_stored(upload)
    assert found["attempts"] == 1
    assert crash.rows("SELECT lane, size FROM ingest_upload WHERE id = %s", upload) == [
        ("large", big_csv.stat().st_size)
    ]


@pytest.mark.parametrize(
    ("path", "code"), [("/moved", "import-not-allowed"), ("/none", "import-failed"), ("/empty", "empty-file")]
)
def test_an_import_that_can_not_be_is_rejected_and_told_why(
    crash: CrashSite, source: Server, path: str, code: str
) -> None:
    source.answers["/moved"] = lead_to("https://169.254.169.254/latest/meta-data")
    source.answers["/none"] = reply(status="404 Not Found")
    source.answers["/empty"] = reply(b"")
    dataset = crash.register(f"refused{path.replace('/', '-')}")
    body = {"dataset": dataset, "url": f"https://localhost:{source.port}{path}"}
    upload = crash.api.post("/uploads", json=body).raise_for_status().json()["id"]
    found = wait_ended(crash, upload)
    assert found["state"] == "rejected"
    assert [group["code"] for group in found["findings"]] == [code]


@pytest.mark.parametrize(
    "body",
    [
        {"url": "http://localhost/a.csv"},
        {"url": "https://user@localhost/a.csv"},
        {"url": "https://localhost/a.csv", "size": 3},
        {"url": "https://localhost/a.pdf"},
        {"url": ""},
        {},
    ],
)
def test_an_address_that_is_none_is_refused_at_once(crash: CrashSite, body: dict[str, Any]) -> None:
    answer = crash.api.post("/uploads", json={"dataset": "institute/imported", **body})
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]
