"""A running site whose processes are killed: uploads by hand, progress over the API, and what is left behind.

The API tells what users see; the database, the bucket and the disk are looked at to prove that nothing is doubled
or left over. Waiting is always for a state, with a deadline that a loaded machine keeps.
"""

from __future__ import annotations

import base64
import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import httpx
import psutil
import psycopg
from botocore.config import Config
from celery import Celery

from deploy.embedded.server import Place
from deploy.programs import Program, Worker
from tests.fixtures.site import Site

DEADLINE_SECONDS = 180.0
POLL_SECONDS = 0.02
"""For what passes quickly, such as a stage."""
PATIENT_SECONDS = 0.1
"""For ends: whoever asks the web all the time takes the processor from the worker that is waited for."""
ENDED = {"stored", "rejected", "cancelled", "expired"}
STAGES = ("queued", "verify", "detect", "read", "convert", "store")
Json = dict[str, Any]


def wait_for(
    what: str, ask: Callable[[], Any], *, seconds: float = DEADLINE_SECONDS, every: float = POLL_SECONDS
) -> Any:
    """The first true answer of ``ask``; fails, with the last answer, after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what} (last: {answer!r})"
        time.sleep(every)


def kill_group(program: Program) -> None:
    """SIGKILL to the program and to every process that it started, by pid."""
    assert program.process is not None
    for process in [*children_of(program), psutil.Process(program.process.pid)]:
        process.kill()
    program.process.finish(deadline=time.monotonic() + 10)
    program.process = None


def children_of(program: Program) -> list[psutil.Process]:
    assert program.process is not None
    return psutil.Process(program.process.pid).children(recursive=True)


@dataclass
class CrashSite:
    """A site of the tests, with hands on its processes, database, bucket and broker."""

    site: Site
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.api: httpx.Client = self.site.api(self.site.owner_token)
        self.environment = self.site.environment
        self.folder = Path(self.environment["VAR_DIR"])
        self.bucket = self.environment["S3_BUCKET"]
        self.s3 = boto3.client(
            "s3",
            endpoint_url=self.environment["S3_ENDPOINT_URL"],
            aws_access_key_id=self.environment["S3_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["S3_SECRET_ACCESS_KEY"],
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1, "mode": "standard"}),
        )
        self.broker = Celery(broker=self.environment["BROKER_URL"])
        self._connection: psycopg.Connection[Any] | None = None

    def close(self) -> None:
        for worker in self.workers:
            worker.stop()
        self.api.close()
        self.s3.close()
        self.broker.close()
        if self._connection is not None:
            self._connection.close()

    # ------------------------------------------------------------ processes
    @property
    def worker(self) -> Worker:
        worker = self.site.programs["worker"]
        assert isinstance(worker, Worker)
        return worker

    def kill_child(self) -> None:
        """SIGKILL to what the worker forked: the process at work, and its idle sibling. The parent forks anew."""
        for child in children_of(self.worker):
            child.kill()

    def kill_worker(self) -> None:
        kill_group(self.worker)

    def kill_parent(self) -> list[psutil.Process]:
        """SIGKILL to the worker's main process only; returns the children that it leaves."""
        assert self.worker.process is not None
        orphans = children_of(self.worker)
        os.kill(self.worker.process.pid, signal.SIGKILL)
        wait_for("the main process' end", lambda: self.worker.exit_code is not None)
        # Not stopped by the Program: that would end the whole group, and the orphans are what is looked at.
        self.worker.place.pid_file.unlink(missing_ok=True)
        self.worker.process = None
        return orphans

    def start_worker(self) -> None:
        self.worker.start()
        self.worker.wait_ready()

    def second_worker(self) -> Worker:
        """Another worker beside the site's, with a log of its own."""
        name = f"worker-{len(self.workers) + 2}"
        worker = Worker(place=Place.under(self.folder, name), environment=self.environment, processes=1)
        self.workers.append(worker)
        worker.start()
        worker.wait_ready()
        return worker

    def retire(self, worker: Worker) -> None:
        self.workers.remove(worker)
        worker.stop()

    @contextmanager
    def no_worker(self) -> Iterator[None]:
        """The time in which a message lies in the broker and nobody takes it."""
        self.kill_worker()
        try:
            yield
        finally:
            self.start_worker()

    def send_task(self, name: str, *arguments: Any) -> None:
        self.broker.send_task(name, args=list(arguments), queue="default")

    # ------------------------------------------------------------ uploads
    def register(self, slug: str) -> str:
        """A new dataset; its id in addresses."""
        body = {"organization": "institute", "slug": slug, "title": slug, "license": "CC0-1.0", "access": "public"}
        self.api.post("/datasets", json=body).raise_for_status()
        return f"institute/{slug}"

    def begin(self, dataset: str, path: Path, *, resource: str = "table", **purpose: Any) -> str:
        """Send a whole file, and say that it is complete; returns the upload's id."""
        upload = self.send_parts(dataset, path, resource=resource, **purpose)
        self.complete(upload)
        return upload

    def send_parts(self, dataset: str, path: Path, *, resource: str = "table", **purpose: Any) -> str:
        """Send a whole file; ``purpose`` is what it is to do to the table (mode, key). Returns the upload's id."""
        body = {"dataset": dataset, "filename": path.name, "size": path.stat().st_size, "resource": resource}
        answer = self.api.post("/uploads", json={**body, **purpose}).raise_for_status().json()
        with path.open("rb") as file:
            for number in range(1, answer["part_count"] + 1):
                data = file.read(answer["part_size"])
                md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
                wanted = {"parts": [{"number": number, "md5": md5}]}
                signed = self.api.post(f"/uploads/{answer['id']}/parts", json=wanted).raise_for_status().json()
                [part] = signed["parts"]
                httpx.put(part["url"], content=data, headers=part["headers"], timeout=120).raise_for_status()
        return str(answer["id"])

    def complete(self, upload: str) -> None:
        self.api.post(f"/uploads/{upload}/complete", json={}).raise_for_status()

    def upload(self, upload: str) -> Json:
        return dict(self.api.get(f"/uploads/{upload}").raise_for_status().json())

    def wait_stage(self, upload: str, stage: str, *, attempt: int = 1) -> None:
        """Until it is in that stage, in that attempt (``forget_stage`` removes what a killed one wrote).

        The row is asked, which costs the worker nothing, and then the API whether it shows what the row says.
        """
        sql = "SELECT state, progress ->> 'stage', attempts FROM ingest_upload WHERE id = %s"

        def reached() -> bool:
            [(state, now, attempts)] = self.rows(sql, upload)
            assert state not in ENDED, f"it was {state} before {stage} was seen"
            return bool(now == stage and attempts >= attempt)

        wait_for(f"stage {stage} in attempt {attempt}", reached)
        shown = self.upload(upload)
        assert shown["attempts"] >= attempt
        # It may have gone on meanwhile, or have begun to read again.
        assert shown["progress"]["stage"] not in {*STAGES[: STAGES.index(stage)]} - {"read", "convert"}, shown

    def forget_stage(self, upload: str) -> None:
        """A killed attempt's stage stands there until the next one writes its own, and can't be told from that."""
        self.run_sql("""UPDATE ingest_upload SET progress = '{"stage": "killed"}' WHERE id = %s""", upload)
        self.run_sql("UPDATE catalog_resource SET check_stage = 'killed' WHERE upload_id = %s", upload)

    def wait_attempts(self, upload: str, attempt: int) -> None:
        wait_for(f"attempt {attempt}", lambda: self.upload(upload)["attempts"] >= attempt, every=PATIENT_SECONDS / 2)

    def wait_stored(self, upload: str) -> Json:
        def ended() -> Json | None:
            now = self.upload(upload)
            return now if now["state"] in ENDED else None

        found: Json = wait_for("the upload's end", ended, every=PATIENT_SECONDS)
        assert found["state"] == "stored", found
        return found

    def wait_checked(self, upload: str) -> Json:
        """Until the checks are done as well."""
        self.wait_stored(upload)
        return dict(wait_for("the checks", lambda: self._checked(upload), every=PATIENT_SECONDS))

    def _checked(self, upload: str) -> Json | None:
        now = self.upload(upload)
        return now if now["progress"]["stage"] == "done" else None

    # ------------------------------------------------------------ behind the API
    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._execute(sql, values).fetchall()

    def run_sql(self, sql: str, *values: Any) -> None:
        self._execute(sql, values)

    def _execute(self, sql: str, values: Sequence[Any]) -> psycopg.Cursor[Any]:
        """On one connection, made anew if it is lost: whoever connects 50 times a second takes half a processor."""
        if self._connection is not None:
            with suppress(psycopg.OperationalError):
                return self._connection.execute(sql, values)
            self._connection.close()
        self._connection = psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)
        return self._connection.execute(sql, values)

    @contextmanager
    def draft_locked(self, dataset: str) -> Iterator[None]:
        """The dataset's draft is locked, so that a worker that wants to commit a table to it has to wait."""
        sql = """SELECT v.id FROM catalog_version v JOIN catalog_dataset d ON d.id = v.dataset_id
                 WHERE d.slug = %s AND v.state = 'draft' FOR UPDATE OF v"""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            assert connection.execute(sql, [dataset.partition("/")[2]]).fetchone() is not None
            yield
            connection.rollback()

    def waits_for_a_lock(self) -> bool:
        [[count]] = self.rows(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            " AND query LIKE '%%catalog_version%%'"
        )
        return bool(count)

    def keys(self, prefix: str = "") -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}

    def read(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def log_lines(self, program: Program, words: str, about: str = "") -> list[str]:
        text = program.place.log.read_text(errors="replace")
        return [line for line in text.splitlines() if words in line and about in line]


@dataclass(frozen=True)
class Calm:
    """A run of the same file that nobody disturbed: its parts as (sha256, rows)."""

    parts: list[tuple[str, int]]
    seconds: float


@dataclass(frozen=True)
class Left:
    """What an upload left behind, wherever it can leave something."""

    parts: list[tuple[str, int]]
    audit: dict[str, int]
    reports: int
    folders: list[str]
    staged: bool


def what_is_left(crash: CrashSite, upload: str) -> Left:
    """Parts as (sha256, rows), events on the audit trail by action, reports, work folders and the staged copy."""
    resources = crash.rows("SELECT id FROM catalog_resource WHERE upload_id = %s", upload)
    assert len(resources) == 1, f"{len(resources)} tables came of one upload"
    [[resource]] = resources
    parts = crash.rows("SELECT sha256, rows FROM catalog_part WHERE resource_id = %s ORDER BY position", resource)
    events = crash.rows(
        """SELECT action, count(*) FROM catalog_auditevent WHERE (object_type, object_id) IN
           (('upload', %s), ('resource', %s)) GROUP BY action""",
        upload,
        str(resource),
    )
    [[reports]] = crash.rows("SELECT count(*) FROM catalog_qualityreport WHERE resource_id = %s", resource)
    checks = [f"{row[0]}" for row in crash.rows("SELECT id FROM quality_checkrun WHERE resource_id = %s", resource)]
    work = crash.folder / "work"
    folders = [*work.glob(f"uploads/{upload}-*"), *(left for run in checks for left in work.glob(f"checks/{run}-*"))]
    return Left(
        parts=[(str(sha256), int(rows)) for sha256, rows in parts],
        audit={str(action): int(count) for action, count in events},
        reports=int(reports),
        folders=[folder.name for folder in folders],
        staged=f"uploads/{upload}" in crash.keys(f"uploads/{upload}"),
    )


def pause(program: Program) -> list[psutil.Process]:
    """SIGSTOP the program and its children; returns them, for ``resume``."""
    assert program.process is not None
    found = [psutil.Process(program.process.pid), *children_of(program)]
    for process in found:
        process.suspend()
    return found


def resume(processes: list[psutil.Process]) -> None:
    for process in processes:
        os.kill(process.pid, signal.SIGCONT)
