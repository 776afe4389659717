"""A check that ends while its table is changed: neither a verdict on what is no more, nor a deadlock."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recovery.crash_site import CrashSite, wait_for

pytestmark = [pytest.mark.recovery, pytest.mark.slow]


def test_a_change_whose_message_was_lost_is_checked_all_the_same(crash_site: CrashSite, big_csv: Path) -> None:
    """The schema changes while the check runs, and nobody tells: the verdict waits for a run that saw the change."""
    dataset = crash_site.register("changed")
    upload = crash_site.begin(dataset, big_csv)
    # The run writes its stage when it has read the schema; what an upload's progress says comes earlier.
    wait_for("the check that has read its table", lambda: stage(crash_site, upload) != "")
    assert runs(crash_site, upload) == [("running",)]
    crash_site.run_sql(
        "UPDATE catalog_resource SET schema = jsonb_set(schema, '{fields,0,title}', '\"Number\"') WHERE upload_id = %s",
        upload,
    )
    crash_site.wait_checked(upload)
    assert runs(crash_site, upload) == [("done",), ("done",)]


def test_a_check_waits_for_the_version_before_it_locks_its_run(crash_site: CrashSite, big_csv: Path) -> None:
    """Whoever replaces the table holds the version and then deletes the run; the other way round is a deadlock."""
    dataset = crash_site.register("locked")
    upload = crash_site.begin(dataset, big_csv)
    crash_site.wait_stored(upload)
    with crash_site.draft_locked(dataset):
        wait_for("a check that wants to commit", crash_site.waits_for_a_lock)
        free = crash_site.rows(
            """SELECT 1 FROM quality_checkrun c JOIN catalog_resource r ON r.id = c.resource_id
               WHERE r.upload_id = %s FOR UPDATE OF c SKIP LOCKED""",
            upload,
        )
        assert free == [(1,)]
    crash_site.wait_checked(upload)


def stage(crash: CrashSite, upload: str) -> str:
    found = crash.rows("SELECT check_stage FROM catalog_resource WHERE upload_id = %s", upload)
    return found[0][0] if found else ""


def runs(crash: CrashSite, upload: str) -> list[tuple[str, ...]]:
    return crash.rows(
        """SELECT c.state FROM quality_checkrun c JOIN catalog_resource r ON r.id = c.resource_id
           WHERE r.upload_id = %s ORDER BY c.id""",
        upload,
    )
