"""Several workers at one job: duplicate messages, a worker that was frozen past its lease, one that lost its parent."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.recovery.crash_site import Calm, CrashSite, pause, resume, wait_for, what_is_left
from tests.recovery.test_killed_worker import assert_done_once

pytestmark = [pytest.mark.recovery, pytest.mark.slow]

STALE = "another worker has it"


def test_a_message_that_comes_five_times_is_one_job(
    crash_site: CrashSite, calm_of: Callable[[Path], Calm], big_csv: Path
) -> None:
    calm = calm_of(big_csv)
    upload = crash_site.send_parts(crash_site.register("duplicates"), big_csv)
    with crash_site.no_worker():
        crash_site.complete(upload)
        for _ in range(4):
            crash_site.send_task("ingest.process_upload", upload)
        other = crash_site.second_worker()
    try:
        assert crash_site.wait_checked(upload)["attempts"] == 1
        assert_done_once(crash_site, upload, calm)
        begun = [
            line
            for program in (crash_site.worker, other)
            for line in crash_site.log_lines(program, "processing", upload)
        ]
        assert len(begun) == 1, begun
        # A copy that comes when all is done changes nothing either.
        before = what_is_left(crash_site, upload)
        crash_site.send_task("ingest.process_upload", upload)
        received = len(crash_site.log_lines(crash_site.worker, "process_upload"))
        wait_for("some sweeps", lambda: len(crash_site.log_lines(crash_site.worker, "succeeded")) > received)
        assert what_is_left(crash_site, upload) == before
    finally:
        crash_site.retire(other)


def test_a_worker_frozen_past_its_lease_writes_nothing(
    crash_site: CrashSite, calm_of: Callable[[Path], Calm], big_csv: Path
) -> None:
    calm = calm_of(big_csv)
    upload = crash_site.begin(crash_site.register("frozen"), big_csv)
    crash_site.wait_stage(upload, "convert")
    frozen = freeze(crash_site, upload)
    thawed = False
    try:
        other = crash_site.second_worker()
        done = crash_site.wait_checked(upload)
        assert done["attempts"] == 2
        assert crash_site.log_lines(other, "processing", upload)
        before = state_of(crash_site, upload)
        resume(frozen)
        thawed = True
        wait_for("the frozen worker's own word", lambda: crash_site.log_lines(crash_site.worker, STALE, upload))
        assert state_of(crash_site, upload) == before
        assert_done_once(crash_site, upload, calm)
    finally:
        if not thawed:
            resume(frozen)
    crash_site.retire(other)


def freeze(crash: CrashSite, upload: str) -> list[psutil.Process]:
    """Stop the worker while it holds the lease and no lock: a frozen transaction would keep its row from everybody."""
    while True:
        frozen = pause(crash.worker)
        free = crash.rows("SELECT 1 FROM ingest_upload WHERE id = %s FOR UPDATE SKIP LOCKED", upload)
        if free:
            return frozen
        resume(frozen)
        time.sleep(0.05)


def state_of(crash: CrashSite, upload: str) -> list[Any]:
    """All that a late writer could have changed."""
    return [
        crash.rows("SELECT * FROM ingest_upload WHERE id = %s", upload),
        crash.rows("SELECT * FROM catalog_resource WHERE upload_id = %s", upload),
        crash.rows("SELECT max(id) FROM catalog_auditevent WHERE object_id = %s", upload),
        crash.keys(),
    ]


def test_a_child_that_lost_its_parent_finishes_once(
    crash_site: CrashSite, calm_of: Callable[[Path], Calm], big_csv: Path
) -> None:
    calm = calm_of(big_csv)
    """Only the worker's main process is killed: its child works on, keeps its lease, and nobody else begins."""
    upload = crash_site.begin(crash_site.register("orphan"), big_csv)
    crash_site.wait_stage(upload, "convert")
    orphans = crash_site.kill_parent()
    try:
        crash_site.start_worker()
        assert crash_site.wait_checked(upload)["attempts"] in {1, 2}
        assert_done_once(crash_site, upload, calm)
    finally:
        for process in orphans:
            if process.is_running():
                process.kill()
