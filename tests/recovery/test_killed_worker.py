"""kill -9 at every stage of an upload, to the worker's child and then to the whole worker: done once all the same."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.figures import Tell
from tests.recovery.crash_site import Calm, CrashSite, wait_for, what_is_left

pytestmark = [pytest.mark.recovery, pytest.mark.slow]

TOLD = (
    "{}: taken up {:.1f} s after the child's death; after the worker's, another was ready in {:.1f} s"
    " and all was done {:.1f} s later (a calm run takes {:.1f} s)"
)


def assert_done_once(crash: CrashSite, upload: str, calm: Calm) -> None:
    """One table, its rows and bytes those of the undisturbed run; one event, one report, nothing left over."""
    left = wait_for("an empty workspace", lambda: found if not (found := what_is_left(crash, upload)).folders else None)
    assert left.parts == calm.parts
    assert (left.audit["upload.stored"], left.audit["resource.stored"]) == (1, 1)
    assert "upload.failed" not in left.audit
    assert left.reports == 1
    wait_for("the staged copy's end", lambda: not what_is_left(crash, upload).staged)
    [[dataset]] = crash.rows("SELECT dataset_id FROM ingest_upload WHERE id = %s", upload)
    for sha256, _ in left.parts:
        data = crash.read(f"datasets/{dataset}/parquet/{sha256}.parquet")
        assert hashlib.sha256(data).hexdigest() == sha256


# A worker that is gone with all its processes is the same to every stage: it is killed in two of them.
@pytest.mark.parametrize(
    ("stage", "with_worker"), [("verify", False), ("read", True), ("convert", False), ("store", True)]
)
def test_killed_while_an_upload_is_processed(
    crash_site: CrashSite,
    calm_of: Callable[[Path], Calm],
    big_csv: Path,
    wide_csv: Path,
    stage: str,
    with_worker: bool,
    tell: Tell,
) -> None:
    # Reading the head takes longer the more columns there are; the other stages, the more rows there are.
    path = wide_csv if stage == "read" else big_csv
    calm = calm_of(path)
    upload = crash_site.begin(crash_site.register(f"killed-{stage}"), path)
    crash_site.wait_stage(upload, stage)
    crash_site.kill_child()
    killed = time.monotonic()
    crash_site.forget_stage(upload)
    crash_site.wait_attempts(upload, 2)
    resumed = time.monotonic() - killed
    if with_worker:
        crash_site.wait_stage(upload, stage, attempt=2)
        crash_site.kill_worker()
        killed = time.monotonic()
        crash_site.start_worker()
        started = time.monotonic()
        assert crash_site.wait_checked(upload)["attempts"] == 3
        done = time.monotonic() - started
        tell("recovery", TOLD.format(stage, resumed, started - killed, done, calm.seconds))
    else:
        assert crash_site.wait_checked(upload)["attempts"] == 2
        tell("recovery", f"{stage}: taken up {resumed:.1f} s after the child's death")
    assert_done_once(crash_site, upload, calm)


def test_killed_after_the_store_and_before_the_commit(
    crash_site: CrashSite, calm_of: Callable[[Path], Calm], big_csv: Path, tell: Tell
) -> None:
    calm = calm_of(big_csv)
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
            now = crash_site.upload(upload)
            assert (now["state"], now["attempts"]) == ("processing", attempt)
            kill()
    crash_site.start_worker()
    started = time.monotonic()
    assert crash_site.wait_checked(upload)["attempts"] == 3
    done = time.monotonic() - started
    tell("recovery", f"stored, not committed: done {done:.1f} s after another worker was ready")
    assert_done_once(crash_site, upload, calm)


@pytest.mark.parametrize("stage", ["profile", "validate"])
def test_killed_while_a_table_is_checked(
    crash_site: CrashSite, calm_of: Callable[[Path], Calm], big_csv: Path, stage: str, tell: Tell
) -> None:
    calm = calm_of(big_csv)
    upload = crash_site.begin(crash_site.register(f"killed-{stage}"), big_csv)
    wait_check_stage(crash_site, upload, stage, attempt=1)
    crash_site.kill_child()
    killed = time.monotonic()
    crash_site.forget_stage(upload)
    wait_for("a second attempt", lambda: attempts_of_checks(crash_site, upload) == [("running", 2)])
    resumed = time.monotonic() - killed
    wait_check_stage(crash_site, upload, stage, attempt=2)
    crash_site.kill_worker()
    killed = time.monotonic()
    crash_site.start_worker()
    started = time.monotonic()
    crash_site.wait_checked(upload)
    done = time.monotonic() - started
    tell("recovery", TOLD.format(stage, resumed, started - killed, done, calm.seconds))
    assert attempts_of_checks(crash_site, upload) == [("done", 3)]
    assert_done_once(crash_site, upload, calm)


def attempts_of_checks(crash: CrashSite, upload: str) -> list[tuple[Any, ...]]:
    return crash.rows(
        """SELECT c.state, c.attempts FROM quality_checkrun c JOIN catalog_resource r ON r.id = c.resource_id
           WHERE r.upload_id = %s""",
        upload,
    )


def wait_check_stage(crash: CrashSite, upload: str, stage: str, *, attempt: int) -> None:
    """Until that attempt at the check says that it is in the stage, and the API says so too."""
    sql = """SELECT 1 FROM quality_checkrun c JOIN catalog_resource r ON r.id = c.resource_id
             WHERE r.upload_id = %s AND c.attempts = %s AND c.state = 'running' AND r.check_stage = %s"""
    wait_for(f"{stage} in attempt {attempt}", lambda: crash.rows(sql, upload, attempt, stage))
    assert crash.upload(upload)["progress"]["stage"] == stage
