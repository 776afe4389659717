"""kill -9 at every stage of an upload, first to the worker's child and then to the whole worker: done once all the same."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from tests.recovery.conftest import ROWS, Calm
from tests.recovery.crash_site import CrashSite, what_is_left, wait_for

pytestmark = [pytest.mark.recovery, pytest.mark.slow]


def assert_done_once(crash: CrashSite, upload: str, calm: Calm) -> None:
    """One table, its rows and bytes those of the undisturbed run; one event, one report, nothing left over."""
    left = wait_for(
        "an empty workspace", lambda: found if not (found := what_is_left(crash, upload)).folders else None
    )
    assert left.parts == calm.parts
    assert sum(rows for _, rows in left.parts) == ROWS
    assert (left.audit["upload.stored"], left.audit["resource.stored"]) == (1, 1)
    assert "upload.failed" not in left.audit
    assert left.reports == 1
    wait_for("the staged copy's end", lambda: not what_is_left(crash, upload).staged)
    [[dataset]] = crash.rows("SELECT dataset_id FROM ingest_upload WHERE id = %s", upload)
    for sha256, _ in left.parts:
        data = crash.read(f"datasets/{dataset}/parquet/{sha256}.parquet")
        assert hashlib.sha256(data).hexdigest() == sha256


@pytest.mark.parametrize("stage", ["verify", "read", "convert", "store"])
def test_killed_while_an_upload_is_processed(
    crash_site: CrashSite, big_csv: Path, calm: Calm, stage: str, record_property: pytest.RecordProperty
) -> None:
    upload = crash_site.begin(crash_site.register(f"killed-{stage}"), big_csv)
    crash_site.wait_stage(upload, stage)
    crash_site.kill_child()
    killed = time.monotonic()
    crash_site.wait_attempts(upload, 2)
    resumed = time.monotonic() - killed
    crash_site.wait_stage(upload, stage, attempt=2)
    crash_site.kill_worker()
    killed = time.monotonic()
    crash_site.start_worker()
    assert crash_site.wait_checked(upload)["attempts"] == 3
    record_property("child", f"taken up again after {resumed:.1f} s")
    record_property("worker", f"done {time.monotonic() - killed:.1f} s after the kill (calm: {calm.seconds:.1f} s)")
    print(f"{stage}: taken up {resumed:.1f} s after the child's death, done "
          f"{time.monotonic() - killed:.1f} s after the worker's (a calm run takes {calm.seconds:.1f} s)")
    assert_done_once(crash_site, upload, calm)


def test_killed_after_the_store_and_before_the_commit(crash_site: CrashSite, big_csv: Path, calm: Calm) -> None:
    dataset = crash_site.register("killed-commit")
    crash_site.api.post(f"/datasets/{dataset}/versions", json={}).raise_for_status()
    upload = crash_site.send_parts(dataset, big_csv)
    [[number]] = crash_site.rows("SELECT dataset_id FROM ingest_upload WHERE id = %s", upload)
    for attempt, kill in enumerate((crash_site.kill_child, crash_site.kill_worker), 1):
        # Whoever wants to commit a table to the draft waits for us.
        with crash_site.draft_locked(dataset):
            if attempt == 1:
                crash_site.complete(upload)
            wait_for("a worker that wants to commit", crash_site.waits_for_a_lock)
            assert crash_site.keys(f"datasets/{number}/parquet/"), "the bytes come before the row"
            assert (crash_site.upload(upload)["state"], crash_site.upload(upload)["attempts"]) == ("processing", attempt)
            kill()
    killed = time.monotonic()
    crash_site.start_worker()
    assert crash_site.wait_checked(upload)["attempts"] == 3
    print(f"commit: done {time.monotonic() - killed:.1f} s after the worker's death")
    assert_done_once(crash_site, upload, calm)


@pytest.mark.parametrize("stage", ["profile", "validate"])
def test_killed_while_a_table_is_checked(crash_site: CrashSite, big_csv: Path, calm: Calm, stage: str) -> None:
    upload = crash_site.begin(crash_site.register(f"killed-{stage}"), big_csv)
    wait_check_stage(crash_site, upload, stage, attempt=1)
    crash_site.kill_child()
    wait_check_stage(crash_site, upload, stage, attempt=2)
    crash_site.kill_worker()
    killed = time.monotonic()
    crash_site.start_worker()
    crash_site.wait_checked(upload)
    print(f"{stage}: done {time.monotonic() - killed:.1f} s after the worker's death")
    runs = crash_site.rows(
        """SELECT c.state, c.attempts FROM quality_checkrun c JOIN catalog_resource r ON r.id = c.resource_id
           WHERE r.upload_id = %s""",
        upload,
    )
    assert runs == [("done", 3)]
    assert_done_once(crash_site, upload, calm)


def wait_check_stage(crash: CrashSite, upload: str, stage: str, *, attempt: int) -> None:
    """Until the API shows the stage of that attempt; a killed attempt's stage is shown until the next one begins."""
    sql = """SELECT c.attempts, c.heartbeat_at FROM quality_checkrun c JOIN catalog_resource r ON r.id = c.resource_id
             WHERE r.upload_id = %s AND c.attempts >= %s"""
    wait_for(f"attempt {attempt} of the check", lambda: crash.rows(sql, upload, attempt))
    if stage == "validate":
        wait_for("the check's profile", lambda: crash.upload(upload)["progress"]["stage"] == "profile")
    wait_for(f"the check's {stage}", lambda: crash.upload(upload)["progress"]["stage"] == stage)
