"""kill -9 between the parts of one table: while they are written, while they are stored, while files are combined."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.recovery.conftest import write_csv
from tests.recovery.crash_site import Calm, CrashSite, wait_for
from tests.recovery.gate import Gate
from tests.recovery.test_killed_worker import assert_done_once

pytestmark = [pytest.mark.recovery, pytest.mark.slow]

EXPIRE = "ingest.expire_uploads"
ROWS = 150_000


def noise(path: Path, *, start: int = 0, step: int = 1, salt: int, rows: int = ROWS) -> Path:
    """Numbers that no codec makes small, so that few rows make several parts."""
    columns = ", ".join(f"hash(range * {n + 1} + {salt}) / 1e19 AS {name}" for n, name in enumerate("abcd"))
    return write_csv(path, f"SELECT (range + {start}) * {step} AS id, {columns} FROM range({rows})")


PARTS = """SELECT p.sha256, p.rows FROM catalog_part p JOIN catalog_resource r ON r.id = p.resource_id
           JOIN catalog_version v ON v.id = r.version_id WHERE v.dataset_id = %s ORDER BY p.position"""
SOURCES = """SELECT s.position, s.mode, s.sha256, s.counts FROM catalog_resourcesource s
             JOIN catalog_resource r ON r.id = s.resource_id JOIN catalog_version v ON v.id = r.version_id
             WHERE v.dataset_id = %s ORDER BY s.position"""
REPORTS = """SELECT q.expectations_sha256 FROM catalog_qualityreport q JOIN catalog_resource r ON r.id = q.resource_id
             JOIN catalog_version v ON v.id = r.version_id WHERE v.dataset_id = %s"""


def test_killed_between_the_parts_of_a_conversion(
    crash_site: CrashSite, gate: Gate, calm_of: Callable[[Path], Calm], tmp_path: Path
) -> None:
    path = noise(tmp_path / "noise.csv", salt=1)
    calm = calm_of(path)
    assert len(calm.parts) >= 3
    dataset = crash_site.register("killed-parts")
    number = number_of(crash_site, dataset)
    stored = f"datasets/{number}/parquet/"
    with gate.holding(stored, after=1):
        upload = crash_site.begin(dataset, path)
        wait_for("the second part's begin", lambda: parts_on_disk(crash_site, upload) >= 2)
        crash_site.kill_child()
        assert parts_on_disk(crash_site, upload) < len(calm.parts), "the last part was begun before the kill"
        assert crash_site.keys(stored) == set()
        crash_site.wait_attempts(upload, 2)
        wait_for("one part in the store and one before it", lambda: gate.held)
        assert len(crash_site.keys(stored)) == 1
        crash_site.kill_child()
    with gate.holding(stored, after=1):
        wait_for("two parts in the store and one before it", lambda: gate.held)
        assert crash_site.upload(upload)["attempts"] == 3
        assert len(crash_site.keys(stored)) == 2
        crash_site.kill_worker()
    crash_site.start_worker()
    assert crash_site.wait_checked(upload)["attempts"] == 4
    assert_done_once(crash_site, upload, calm)
    # Each part crossed the line once: what a killed attempt had stored was not sent again.
    assert sorted(passed(gate, number)) == sorted(f"{stored}{sha256}.parquet" for sha256, _ in calm.parts)
    sweep(crash_site, upload)
    assert keys_of(crash_site, number) == named_by_rows(crash_site, number)


def test_killed_while_files_are_combined(crash_site: CrashSite, gate: Gate, tmp_path: Path) -> None:
    """Two files at once, one that is appended and one that replaces rows by key: calmly, and with a kill of each."""
    base = noise(tmp_path / "base.csv", salt=1)
    more = noise(tmp_path / "more.csv", start=ROWS, salt=2)
    # Every third row is changed, so that each part has to be written anew, and some rows are new.
    changed = noise(tmp_path / "changed.csv", step=3, salt=3, rows=ROWS // 3 + 2_000)
    purposes: list[tuple[Path, dict[str, Any]]] = [
        (more, {"mode": "append"}),
        (changed, {"mode": "upsert", "key": ["id"]}),
    ]
    calm, torn = ([crash_site.register(f"{run}-{what}") for what in ("grown", "kept")] for run in ("calm", "torn"))
    for upload in [crash_site.begin(dataset, base) for dataset in (*calm, *torn)]:
        crash_site.wait_stored(upload)
    uploads = [begin_again(crash_site, *pair) for pair in zip(calm, purposes, strict=True)]
    assert [crash_site.wait_stored(upload)["attempts"] for upload in uploads] == [1, 1]
    wanted = [state_of(crash_site, dataset) for dataset in calm]
    before = [state_of(crash_site, dataset) for dataset in torn]
    numbers = [number_of(crash_site, dataset) for dataset in torn]
    stored = [f"datasets/{number}/parquet/" for number in numbers]
    there = [len(crash_site.keys(prefix)) for prefix in stored]
    with gate.holding(*stored, after=1):
        uploads = [begin_again(crash_site, *pair) for pair in zip(torn, purposes, strict=True)]
        wait_for("a part of each file in the store and one before it", lambda: len(gate.held) == 2)
        assert [len(crash_site.keys(prefix)) for prefix in stored] == [count + 1 for count in there]
        assert [state_of(crash_site, dataset) for dataset in torn] == before, "nothing is said before all is there"
        crash_site.kill_child()
    assert [crash_site.wait_stored(upload)["attempts"] for upload in uploads] == [2, 2]
    assert [state_of(crash_site, dataset) for dataset in torn] == wanted
    for upload, one, other in zip(uploads, torn, calm, strict=True):
        number = number_of(crash_site, one)
        assert len(passed(gate, number)) == len(set(passed(gate, number))), "a stored part was sent again"
        assert ends_of(crash_site, upload) == [("upload.stored", 1)]
        sweep(crash_site, upload)
        # What is left of parts that were written anew is what the calm run left of them too.
        assert parquet_of(crash_site, one) == parquet_of(crash_site, other)


def begin_again(crash: CrashSite, dataset: str, purpose: tuple[Path, dict[str, Any]]) -> str:
    path, options = purpose
    return crash.begin(dataset, path, **options)


# ------------------------------------------------------------------------------------------- looked at
def number_of(crash: CrashSite, dataset: str) -> int:
    [[number]] = crash.rows("SELECT id FROM catalog_dataset WHERE slug = %s", dataset.partition("/")[2])
    return int(number)


def parts_on_disk(crash: CrashSite, upload: str) -> int:
    """Parts that the newest attempt has begun to write."""
    return len(list((crash.folder / "work" / "uploads").glob(f"{upload}-*/parse/try-1/resources/*/part-*.parquet")))


def passed(gate: Gate, number: int) -> list[str]:
    return [key for key in gate.passed if key.startswith(f"datasets/{number}/")]


def keys_of(crash: CrashSite, number: int) -> set[str]:
    prefix = f"datasets/{number}/"
    listed = crash.s3.list_multipart_uploads(Bucket=crash.bucket, Prefix=prefix)
    assert not listed.get("Uploads"), "parts of an object that never became one"
    return {key.removeprefix(prefix) for key in crash.keys(prefix)}


def parquet_of(crash: CrashSite, dataset: str) -> set[str]:
    """Keys of parts; what the checks write comes when it comes."""
    return {key for key in keys_of(crash, number_of(crash, dataset)) if key.startswith("parquet/")}


def named_by_rows(crash: CrashSite, number: int) -> set[str]:
    """Keys within the dataset that some row speaks of."""
    originals = crash.rows("SELECT sha256 FROM ingest_upload WHERE dataset_id = %s", number)
    return {
        *(f"parquet/{sha256}.parquet" for sha256, _ in crash.rows(PARTS, number)),
        *(f"original/{sha256}" for (sha256,) in originals),
        *(f"expectations/{sha256}.json" for (sha256,) in crash.rows(REPORTS, number)),
    }


def state_of(crash: CrashSite, dataset: str) -> tuple[list[Any], list[Any]]:
    """The draft's table: its parts, and the files that made it, both in order."""
    number = number_of(crash, dataset)
    return crash.rows(PARTS, number), crash.rows(SOURCES, number)


def ends_of(crash: CrashSite, upload: str) -> list[tuple[Any, ...]]:
    return crash.rows(
        """SELECT action, count(*) FROM catalog_auditevent WHERE object_type = 'upload' AND object_id = %s
           AND action IN ('upload.stored', 'upload.failed', 'upload.rejected') GROUP BY action""",
        upload,
    )


def sweep(crash: CrashSite, upload: str) -> None:
    """The hourly task now; afterwards nothing of the upload is left, in the store or on disk."""
    crash.send_task(EXPIRE)
    wait_for("the staged copy's end", lambda: not crash.keys(f"uploads/{upload}"))
    work = crash.folder / "work" / "uploads"
    wait_for("an empty workspace", lambda: not list(work.glob(f"{upload}-*")))
