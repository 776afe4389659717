"""How far an upload is, checks included, as one line for people and programs."""

from __future__ import annotations

from typing import TypedDict

from catalog.models import VerdictStatus
from ingest.models import Upload, UploadState
from ingest.selectors.uploads import tables_of


class ProgressShape(TypedDict):
    """``bytes`` of ``total_bytes`` are read; ``percent`` is of the conversion alone."""

    stage: str
    bytes: int
    total_bytes: int
    rows: int
    percent: int


def progress_of(upload: Upload) -> ProgressShape:
    """The stage that the upload is in. After storing, that of the checks of its tables: profile, validate, done."""
    written = upload.progress or {}
    done, total = int(written.get("bytes", 0)), int(written.get("total_bytes", upload.size)) or 1
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
        "percent": min(100, 100 * done // total),
    }


def _check_stage(upload: Upload) -> str:
    waiting = tables_of(upload).filter(verdict=VerdictStatus.PENDING)
    stages = set(waiting.values_list("check_stage", flat=True))
    if not stages:
        return "done"
    return "validate" if stages == {"validate"} else "profile"
