"""Drafts that an older pipeline made, read again by the present one. What is published stays as it was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.actor import Actor
from catalog.errors import Conflict
from catalog.models import Resource, VersionState
from ingest.services.recipes import read_again


@dataclass(frozen=True, slots=True)
class Backfilled:
    """A table of a draft: the upload that reads it again, or why it is not read."""

    resource: Resource
    upload_id: str = ""
    refusal: str = ""


def backfill_drafts(*, pipeline: str) -> Iterator[Backfilled]:
    """Queue every table of an open draft that another pipeline than ``pipeline`` made, as whoever began the draft."""
    outdated = (
        Resource.objects.filter(version__state=VersionState.DRAFT)
        .exclude(pipeline_version=pipeline)
        .select_related("version__dataset__organization", "version__created_by")
        .order_by("pk")
    )
    for resource in outdated.iterator(chunk_size=200):
        try:
            upload = read_again(actor=Actor(resource.version.created_by), resource=resource)
        except Conflict as refusal:
            yield Backfilled(resource, refusal=refusal.sentence)
        else:
            yield Backfilled(resource, upload_id=str(upload.pk))
