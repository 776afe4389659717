"""The bytes of an upload on a worker's disk: from the store, the first time from an address, or made of corrections."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

from django.db import transaction
from django.utils import timezone

from catalog import keys, storage
from catalog.actor import system
from catalog.errors import Invalid
from catalog.events import raise_event
from catalog.findings import Finding
from catalog.hashes import sha256_of_file
from catalog.jobs.lanes import Lane, lane_of
from catalog.jobs.leases import NO_LEASE, Lease, lock_fenced
from catalog.jobs.workspace import fetch
from catalog.transitions import move
from ingest.events import UploadReceived
from ingest.files.media_types import media_type_of, suffix_of
from ingest.models import Upload, UploadState
from ingest.outcome import RejectionError, Stored
from ingest.remote.address import name_in
from ingest.remote.fetching import Fetched, Remote
from ingest.remote.policy import ImportRefusedError
from ingest.services.corrections_file import write_corrections
from ingest.services.importing import policy_of_site
from ingest.services.storing import source_key
from ingest.services.uploads import clean_name

PAUSES = (2.0, 10.0)
"""Seconds before the second and the third try at a server that was only busy."""


class PutBackError(Exception):
    """The upload waits again, in the lane of its size."""


def obtain(upload: Upload, lease: Lease, folder: Path, progress: Callable[[int], None]) -> tuple[Path, str]:
    """The file and its sha256. ``progress`` is told the bytes so far.

    Raises RejectionError when the address gives no file or no correction fits, PutBackError, LeaseLost, ObjectMissing,
    StorageUnavailable.
    """
    path = folder / "source"
    if upload.corrections is not None:
        return path, _make(upload, lease, folder)
    if upload.source_url and upload.fetched is None:
        return path, _import(upload, lease, path, progress)
    digest = hashlib.sha256()
    fetch(source_key(upload), path, progress=progress, seen=digest.update)
    return path, digest.hexdigest()


def _make(upload: Upload, lease: Lease, folder: Path) -> str:
    """The file of corrections, made of the table as it is now: at each attempt, since the table may have changed."""
    path, said = write_corrections(upload, folder, lease.check)
    storage.replace_file(keys.staged_upload(upload.pk), path, content_type=upload.media_type)
    changes = {"size": path.stat().st_size, "corrections": said}
    lease.extend(**changes)
    for field, value in changes.items():
        setattr(upload, field, value)
    return sha256_of_file(path)


def with_provenance(upload: Upload, outcome: Stored) -> Stored:
    """The outcome whose tables say whence their file was imported."""
    if not upload.fetched:
        return outcome
    said = {name: value for name, value in upload.fetched.items() if value}
    tables = tuple(replace(table, source={**table.source, **said}) for table in outcome.resources)
    return replace(outcome, resources=tables)


def _import(upload: Upload, lease: Lease, path: Path, progress: Callable[[int], None]) -> str:
    for pause in (*PAUSES, None):
        try:
            return _import_once(upload, lease, path, progress)
        except ImportRefusedError as refusal:
            if pause is None or not refusal.passing:
                raise RejectionError(refusal.finding) from None
        _wait(pause, lease)
    raise AssertionError("the last try returns or raises")


def _wait(seconds: float, lease: Lease) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        lease.check()
        time.sleep(0.1)


def _import_once(upload: Upload, lease: Lease, path: Path, progress: Callable[[int], None]) -> str:
    with Remote(upload.source_url, policy_of_site()) as remote:
        lane = Lane.MEDIUM if remote.length is None else lane_of(remote.length)
        if upload.lane == Lane.SMALL and lane is not Lane.SMALL:
            # A slow or endless answer must not hold what is kept free for small files.
            _put_back(upload, lease, lane)
        name = _name(upload, remote)
        # For the progress only: the row learns the size when all has come.
        upload.size = remote.length or 0
        found = remote.save(path, progress=progress)
    if not found.size:
        raise RejectionError(Finding("empty-file"))
    storage.replace_file(keys.staged_upload(upload.pk), path, content_type=media_type_of(name))
    changes = {"filename": name, "media_type": media_type_of(name), "size": found.size, "fetched": _said(found)}
    lease.extend(**changes)
    for field, value in changes.items():
        setattr(upload, field, value)
    return found.sha256


def _said(found: Fetched) -> dict[str, str]:
    return {
        "url": found.url,
        "fetched_at": timezone.now().isoformat(timespec="seconds"),
        "etag": found.etag,
        "last_modified": found.last_modified,
    }


def _name(upload: Upload, remote: Remote) -> str:
    """As its owner called it, else the server, else the address; with a suffix by the server's media type."""
    name = upload.filename
    if name == clean_name(name_in(upload.source_url) or name):
        try:
            name = clean_name(remote.filename or name)
        except Invalid:
            name = upload.filename
    suffix = suffix_of(remote.media_type)
    return name + suffix if suffix and not PurePath(name).suffix else name


def _put_back(upload: Upload, lease: Lease, lane: Lane) -> None:
    with transaction.atomic():
        row = lock_fenced(Upload, upload.pk, lease.token)
        move(
            row,
            to=UploadState.RECEIVED,
            actor=system(),
            dataset_id=row.dataset_id,
            lane=lane,
            attempts=row.attempts - 1,
            queued_at=timezone.now(),
            **NO_LEASE,
        )
        raise_event(UploadReceived(upload_id=row.pk, lane=lane))
    raise PutBackError
