"""Uploads as an actor sees them."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.actor import Actor
from catalog.models import Dataset, Version
from ingest.models import Upload, UploadState

SHOWN_HOURS = 24
"""So long a rejected upload stays on the page of its dataset; the list of uploads has it for ever."""


def list_uploads(*, actor: Actor) -> QuerySet[Upload]:
    """The actor's own uploads, newest first."""
    return (
        Upload.objects.visible_to(actor)
        .filter(created_by=actor.user)
        .select_related("dataset__organization")
        .order_by("-created")
    )


def list_unfinished(*, actor: Actor, dataset: Dataset) -> QuerySet[Upload]:
    """The actor's uploads to the dataset whose parts have not all arrived, newest first."""
    return list_uploads(actor=actor).filter(dataset=dataset, state=UploadState.PENDING)


def list_jobs(*, actor: Actor, dataset: Dataset, draft: Version | None) -> QuerySet[Upload]:
    """What became, or is becoming, of the files for this draft: at work, in the draft, or just rejected."""
    shown = Q(state__in=[UploadState.RECEIVED, UploadState.PROCESSING, UploadState.FAILED])
    if draft is not None:
        shown |= Q(pk__in=draft.resources.filter(upload_id__isnull=False).values("upload_id"))
    since = timezone.now() - timedelta(hours=SHOWN_HOURS)
    shown |= Q(state=UploadState.REJECTED, finished_at__gte=since, created_by=actor.user)
    return Upload.objects.visible_to(actor).filter(shown, dataset=dataset).order_by("-created")
