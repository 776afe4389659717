"""What no process will come back to: messages that were lost, uploads that were abandoned, staged copies left over."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import valkey

from tests.recovery.crash_site import CrashSite, wait_for

pytestmark = [pytest.mark.recovery, pytest.mark.slow]

EXPIRE = "ingest.expire_uploads"


def test_a_lost_message_is_found_by_the_sweep(
    crash_site: CrashSite, small_csv: Path, tell: Callable[[str, str], None]
) -> None:
    upload = crash_site.send_parts(crash_site.register("lost-message"), small_csv)
    with crash_site.no_worker(), valkey.from_url(crash_site.environment["BROKER_URL"]) as broker:
        crash_site.complete(upload)
        assert any(upload.encode() in message for message in broker.lrange("small", 0, -1))
        broker.delete("small")
        assert crash_site.upload(upload)["state"] == "received"
    began = time.monotonic()
    crash_site.wait_stored(upload)
    tell(
        "recovery",
        f"message lost: the sweep found it and it was stored {time.monotonic() - began:.1f} s after a worker came",
    )


def test_an_abandoned_upload_expires_and_its_parts_go(crash_site: CrashSite, small_csv: Path) -> None:
    dataset = crash_site.register("abandoned")
    abandoned, recent = (crash_site.send_parts(dataset, small_csv) for _ in range(2))
    multiparts = dict(crash_site.rows("SELECT id::text, multipart_id FROM ingest_upload WHERE state = 'pending'"))
    open_before = open_multiparts(crash_site)
    assert {abandoned, recent} <= open_before
    crash_site.run_sql("UPDATE ingest_upload SET active_at = now() - interval '8 days' WHERE id = %s", abandoned)
    crash_site.send_task(EXPIRE)
    wait_for("the expiry", lambda: crash_site.upload(abandoned)["state"] == "expired")
    wait_for("the parts' end", lambda: abandoned not in open_multiparts(crash_site))
    with pytest.raises(crash_site.s3.exceptions.ClientError):
        crash_site.s3.list_parts(Bucket=crash_site.bucket, Key=f"uploads/{abandoned}", UploadId=multiparts[abandoned])
    assert crash_site.upload(recent)["state"] == "pending"
    assert recent in open_multiparts(crash_site)
    for call in ("parts", "complete"):
        answer = crash_site.api.post(f"/uploads/{abandoned}/{call}", json={"parts": [{"number": 1, "md5": "x"}]})
        assert (answer.status_code, answer.json()["code"]) == (409, "upload-not-open")
    crash_site.api.delete(f"/uploads/{recent}").raise_for_status()


def test_a_staged_copy_that_nobody_needs_is_swept(crash_site: CrashSite, small_csv: Path) -> None:
    """A worker that is killed right after its commit leaves the staged copy of an upload that is stored."""
    dataset = crash_site.register("left-over")
    stored = crash_site.begin(dataset, small_csv)
    crash_site.wait_checked(stored)
    wait_for("the staged copy's end", lambda: f"uploads/{stored}" not in crash_site.keys("uploads/"))
    joined = crash_site.send_parts(dataset, small_csv)
    for upload in (stored, joined):
        crash_site.s3.put_object(Bucket=crash_site.bucket, Key=f"uploads/{upload}", Body=b"left")
    crash_site.send_task(EXPIRE)
    wait_for("the sweep", lambda: f"uploads/{stored}" not in crash_site.keys("uploads/"))
    # The other one was joined in the store, and the web server was killed before it said so: completing goes on.
    assert f"uploads/{joined}" in crash_site.keys("uploads/")
    crash_site.api.delete(f"/uploads/{joined}").raise_for_status()
    crash_site.send_task(EXPIRE)
    wait_for("the sweep", lambda: f"uploads/{joined}" not in crash_site.keys("uploads/"))


def open_multiparts(crash: CrashSite) -> set[str]:
    """Ids of the uploads that have parts in the store."""
    listed = crash.s3.list_multipart_uploads(Bucket=crash.bucket, Prefix="uploads/")
    return {item["Key"].removeprefix("uploads/") for item in listed.get("Uploads", [])}
