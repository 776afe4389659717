"""Uploads as an actor sees them."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.actor import Actor
from catalog.jobs.unfinished import UnfinishedUpload
from catalog.models import Dataset, Resource, ResourceSource, Version
from ingest.models import Upload, UploadState

UNFINISHED_SHOWN = 50
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


def find_unfinished(actor: Actor) -> list[UnfinishedUpload]:
    """The actor's uploads to all datasets whose parts have not all arrived, newest first."""
    kept = timedelta(days=settings.UPLOAD_DAYS)
    return [
        UnfinishedUpload(upload.filename, upload.dataset, upload.size, upload.created, upload.active_at + kept)
        for upload in list_uploads(actor=actor).filter(state=UploadState.PENDING)[:UNFINISHED_SHOWN]
    ]


def list_jobs(*, actor: Actor, dataset: Dataset, draft: Version | None) -> QuerySet[Upload]:
    """What became, or is becoming, of the files for this draft: at work, in the draft, or just rejected."""
    shown = Q(state__in=[UploadState.RECEIVED, UploadState.PROCESSING, UploadState.FAILED])
    if draft is not None:
        sources = ResourceSource.objects.filter(resource__version=draft, inherited=False, upload_id__isnull=False)
        shown |= Q(pk__in=sources.values("upload_id"))
        shown |= Q(pk__in=draft.documents.filter(upload_id__isnull=False).values("upload_id"))
    since = timezone.now() - timedelta(hours=SHOWN_HOURS)
    shown |= Q(state=UploadState.REJECTED, finished_at__gte=since, created_by=actor.user)
    # What was refused as a table and kept as a document is told by the document's own upload.
    kept = Q(kept_as__isnull=False) & ~Q(kept_as__state=UploadState.REJECTED)
    return Upload.objects.visible_to(actor).filter(shown, dataset=dataset).exclude(kept).order_by("-created")


def find_refused_import(*, actor: Actor, dataset: Dataset) -> Upload | None:
    """The actor's last upload to the dataset, if that is an import whose address gave no file, and not long ago."""
    newest = list_uploads(actor=actor).filter(dataset=dataset).first()
    if newest is None or not newest.source_url or newest.fetched or newest.state != UploadState.REJECTED:
        return None
    since = timezone.now() - timedelta(hours=SHOWN_HOURS)
    return newest if newest.finished_at is not None and newest.finished_at >= since else None


def find_reading(*, actor: Actor, resource: Resource) -> Upload | None:
    """The newest reading of a draft's table from its original, if that is the last that happened to the table."""
    newest = (
        Upload.objects.visible_to(actor)
        .filter(dataset=resource.version.dataset, resource_name=resource.name)
        .select_related("dataset__organization", "created_by")
        .order_by("-created")
        .first()
    )
    return newest if newest is not None and newest.reads_original else None


def tables_of(upload: Upload) -> QuerySet[Resource]:
    """The tables that the upload made, or was added to, in the version that it was for."""
    return Resource.objects.filter(sources__upload_id=upload.pk, sources__inherited=False)
