"""Uploads on the operators' board of jobs."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.jobs.board import JobBoard, JobWords
from catalog.jobs.leases import MAX_TRIES
from ingest.models import Upload, UploadState
from ingest.services.sweeping import UPLOADS


def _tell(upload: Upload) -> JobWords:
    error: dict[str, Any] = upload.error or {}
    problem = ": ".join(part for part in (error.get("code", ""), error.get("cause", "")) if part)
    return JobWords(
        what=upload.filename,
        dataset=upload.dataset,
        path=reverse("ingest:job", args=[upload.pk]),
        problem=problem,
        is_final=upload.state == UploadState.FAILED and upload.failures >= MAX_TRIES,
    )


def _again() -> dict[str, Any]:
    return {"error": None}


UPLOAD_BOARD = JobBoard(
    kind=UPLOADS,
    title=_("Upload"),
    failed=Q(state=UploadState.FAILED),
    related=("dataset__organization",),
    tell=_tell,
    again=_again,
)
