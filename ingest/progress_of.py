"""How far an upload is, checks included, as one line for people and programs."""

from __future__ import annotations

from typing import TypedDict

from catalog.models import VerdictStatus
from ingest.models import Upload, UploadState
from ingest.selectors.uploads import tables_of


class ProgressShape(TypedDict):
    """``bytes`` of ``total_bytes`` are fetched or read, each stage for itself; ``percent`` is of the stage.

    ``total_bytes`` is 0 while nobody knows it: the server of an imported file need not say its size.
    """

    stage: str
    bytes: int
    total_bytes: int
    rows: int
    percent: int


def progress_of(upload: Upload) -> ProgressShape:
    """The stage that the upload is in. After storing, that of the checks of its tables: profile, validate, done."""
    written = upload.progress or {}
    done, total = int(written.get("bytes", 0)), int(written.get("total_bytes", upload.size))
    stage = str(written.get("stage", "queued"))
    if upload.state == UploadState.STORED:
        stage, done = _check_stage(upload), total
    elif upload.state in {UploadState.REJECTED, UploadState.CANCELLED, UploadState.EXPIRED}:
        stage = "done"
    elif upload.state in {UploadState.PENDING, UploadState.RECEIVED}:
        stage = "queued"
    return {
        "stage": stage,
        "bytes": done,
        "total_bytes": total,
        "rows": int(written.get("rows", 0)),
        "percent": min(100, 100 * done // total) if total else 0,
    }


def _check_stage(upload: Upload) -> str:
    waiting = tables_of(upload).filter(verdict=VerdictStatus.PENDING)
    stages = set(waiting.values_list("check_stage", flat=True))
    if not stages:
        return "done"
    return "validate" if stages == {"validate"} else "profile"
