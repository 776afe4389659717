"""kill -9 to PostgreSQL, to the object store and to the broker while an upload is processed.

The site has three servers of its own here. What is asked: the API says that it is unavailable (503) and never breaks
(500), the worker survives, the upload ends stored, and the next upload works like any other.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from deploy.embedded.ports import Ports
from deploy.embedded.server import Server
from deploy.embedded.stack import Stack
from tests.embedded_servers import URLS
from tests.fixtures.figures import Tell
from tests.fixtures.site import start_site, stop_site
from tests.recovery.crash_site import CrashSite, wait_for, what_is_left

pytestmark = [pytest.mark.recovery, pytest.mark.slow]


class OwnServers:
    """A stack that starts nothing again by itself, so that a test decides how long a server is away."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(folder, ports=Ports.free(), given={}, durable=True)
        self.environment = self.stack.start()
        self.stack.release()

    def named(self, name: str) -> Server:
        return next(server for server in self.stack.servers if server.name == name)

    @contextmanager
    def killed(self, name: str) -> Iterator[float]:
        """The server is killed and away until the block ends; then it is started and answers. Yields when it died."""
        server = self.named(name)
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGKILL)
        wait_for(f"the end of {name}", lambda: server.exit_code is not None)
        try:
            yield time.monotonic()
        finally:
            server.stop()
            server.start()
            server.wait_ready()


@pytest.fixture(scope="module")
def servers() -> Iterator[OwnServers]:
    # Not under pytest's own folder, which every session closes to others: PostgreSQL's user must pass through.
    with TemporaryDirectory(prefix="commonfield-recovery-") as folder:
        Path(folder).chmod(0o711)
        own = OwnServers(Path(folder) / "servers")
        yield own
        own.stack.stop()


@pytest.fixture(scope="module")
def crash(servers: OwnServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashSite]:
    with pytest.MonkeyPatch.context() as patcher:
        for name, value in servers.environment.items():
            patcher.setenv(name, value)
        site = start_site(tmp_path_factory.mktemp("recovery-servers-site"), name="site_servers", broker=1)
        for name in URLS:
            assert site.environment[name].rpartition("/")[0] in servers.environment[name] + "/"
        found = CrashSite(site)
        yield found
        found.close()
        stop_site(site)


def assert_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503, (answer.status_code, answer.text[:300])
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] in {"unavailable", "storage-unavailable"}
    assert problem["remedy"]
    assert "Traceback" not in answer.text


def assert_stored_once(crash: CrashSite, upload: str, path: Path) -> None:
    crash.wait_checked(upload)
    left = wait_for("an empty workspace", lambda: found if not (found := what_is_left(crash, upload)).folders else None)
    assert sum(rows for _, rows in left.parts) == path.read_bytes().count(b"\n") - 1
    assert (left.audit["upload.stored"], left.audit["resource.stored"], left.reports) == (1, 1, 1)


def worker_pid(crash: CrashSite) -> int:
    assert crash.worker.exit_code is None, "the worker ended"
    assert crash.worker.process is not None
    return crash.worker.process.pid


def assert_all_well(crash: CrashSite, slug: str, small_csv: Path, pid: int) -> None:
    """The same worker takes new work, and takes it from its message: well before a sweep would find it."""
    upload = crash.begin(crash.register(slug), small_csv)
    crash.wait_checked(upload)
    assert worker_pid(crash) == pid
    statuses = [crash.api.get("/me").status_code for _ in range(20)]
    assert statuses == [200] * 20


def test_postgresql_is_killed(
    crash: CrashSite, servers: OwnServers, big_csv: Path, small_csv: Path, tell: Tell
) -> None:
    pid = worker_pid(crash)
    dataset = crash.register("no-database")
    upload = crash.begin(dataset, big_csv)
    crash.wait_stage(upload, "convert")
    with servers.killed("postgres") as died:
        for path in (f"/uploads/{upload}", "/me", f"/datasets/{dataset}", "/search?q=birds"):
            assert_unavailable(crash.api.get(path))
        assert_unavailable(crash.api.post("/uploads", json={"dataset": dataset, "filename": "a.csv", "size": 1}))
        ready = httpx.get(f"{crash.site.url}/readyz", timeout=60)
        assert ready.status_code == 503
        assert ready.json()["checks"]["database"] != "ok"
        assert httpx.get(f"{crash.site.url}/healthz", timeout=60).status_code == 200
        away = time.monotonic() - died
    back = time.monotonic()
    # Each web process has sessions of before; none of them may be handed to a caller.
    assert [crash.api.get("/me").status_code for _ in range(20)] == [200] * 20
    answered = time.monotonic() - back
    assert_stored_once(crash, upload, big_csv)
    stored = time.monotonic() - back
    tell(
        "recovery",
        f"PostgreSQL killed, away {away:.1f} s: 20 answers in {answered:.1f} s, all done in {stored:.1f} s",
    )
    assert_all_well(crash, "after-database", small_csv, pid)


def test_the_object_store_is_killed(
    crash: CrashSite, servers: OwnServers, big_csv: Path, small_csv: Path, tell: Tell
) -> None:
    pid = worker_pid(crash)
    dataset = crash.register("no-store")
    earlier = crash.begin(dataset, small_csv, resource="earlier")
    crash.wait_checked(earlier)
    upload = crash.begin(dataset, big_csv)
    crash.wait_stage(upload, "convert")
    bytes_of = f"/datasets/{dataset}/versions/draft/resources/earlier.parquet"
    with servers.killed("seaweedfs") as died:
        assert_unavailable(crash.api.get(bytes_of))
        assert_unavailable(crash.api.post("/uploads", json={"dataset": dataset, "filename": "a.csv", "size": 1}))
        assert crash.api.get(f"/datasets/{dataset}").status_code == 200
        # So long that an upload which counted these tries would have used them up.
        wait_for("four vain attempts", lambda: vain_attempts(crash, upload) >= 4)
        assert crash.upload(upload)["state"] in {"failed", "received", "processing"}
        away = time.monotonic() - died
    back = time.monotonic()
    assert_stored_once(crash, upload, big_csv)
    vain = vain_attempts(crash, upload)
    stored = time.monotonic() - back
    tell(
        "recovery",
        f"object store killed, away {away:.1f} s: {vain} vain attempts, stored and checked after {stored:.1f} s",
    )
    assert crash.api.get(bytes_of).status_code == 200
    assert_all_well(crash, "after-store", small_csv, pid)


def vain_attempts(crash: CrashSite, upload: str) -> int:
    sql = "SELECT count(*) FROM catalog_auditevent WHERE action = 'upload.failed' AND object_id = %s"
    return int(crash.rows(sql, upload)[0][0])


def test_the_broker_is_killed(
    crash: CrashSite, servers: OwnServers, big_csv: Path, small_csv: Path, tell: Tell
) -> None:
    pid = worker_pid(crash)
    dataset = crash.register("no-broker")
    upload = crash.begin(dataset, big_csv)
    crash.wait_stage(upload, "convert")
    with servers.killed("valkey") as died:
        # Messages are only wake-ups: nothing that a caller wants depends on the broker.
        began = time.monotonic()
        second = crash.begin(dataset, small_csv, resource="second")
        took = time.monotonic() - began
        assert crash.upload(second)["state"] == "received"
        away = time.monotonic() - died
    back = time.monotonic()
    assert_stored_once(crash, upload, big_csv)
    assert_stored_once(crash, second, small_csv)
    stored = time.monotonic() - back
    tell(
        "recovery",
        f"broker killed, away {away:.1f} s: a new upload taken in {took:.1f} s, both done in {stored:.1f} s",
    )
    assert_all_well(crash, "after-broker", small_csv, pid)
