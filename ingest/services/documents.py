"""Files that explain tables: announced and checked. What is in them, nobody reads."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit, keys, storage
from catalog.actor import Actor
from catalog.document_names import document_name, may_be_called
from catalog.errors import Conflict
from catalog.events import raise_event
from catalog.jobs.lanes import Lane, lane_of
from catalog.models import Dataset
from catalog.permissions import Action, require, require_user
from catalog.services.publishing.documents import said
from catalog.transitions import lock, move
from ingest.events import UploadReceived
from ingest.files.media_types import media_type_of
from ingest.models import Upload, UploadKind, UploadState
from ingest.services.purposes import require_draft
from ingest.services.uploads import begin, check_sha256, check_size, part_size_for, require_room

NO_TABLE = frozenset({"no-table", "format-not-supported", "format-has-a-way", "structure-broken"})
"""Findings by which a file was refused because it holds no table; as a document it may be just right."""


class NotKept(Conflict):
    code = "upload-not-kept"
    title = gettext_lazy("The bytes of this upload are not to be had as a document")


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """What its owner says of a document."""

    title: str = ""
    description: str = ""


def initiate_document(
    *, actor: Actor, dataset: Dataset, filename: str, size: int, words: DocumentWords, sha256: str = ""
) -> Upload:
    """Begin the upload of a document to the dataset's draft.

    Raises NotFound, Forbidden, Invalid, UploadTooLarge, StorageQuotaSpent, VersionNotDraft, StorageUnavailable.
    """
    require(actor, Action.UPLOAD, dataset)
    person = require_user(actor)
    name = document_name(filename)
    check_sha256(sha256)
    check_document_size(name, size)
    title, description = said(words.title, words.description)
    require_draft(dataset)
    require_room(dataset.organization, size)
    upload = Upload(
        dataset=dataset,
        created_by=person,
        kind=UploadKind.DOCUMENT,
        title=title,
        description=description,
        filename=name,
        size=size,
        lane=lane_of(size),
        media_type=media_type_of(name),
        claimed_sha256=sha256,
        part_size=part_size_for(size),
    )
    return begin(actor, upload)


def may_be_kept(upload: Upload) -> bool:
    """Whether a refused file is offered to the documents: it holds no table, and may be a document."""
    codes = {group.get("code") for group in upload.findings}
    return (
        upload.state == UploadState.REJECTED
        and upload.kind == UploadKind.TABLE
        and upload.corrections is None
        and not upload.reads_original
        and bool(codes & NO_TABLE)
        and may_be_called(upload.filename)
        and 0 < upload.size <= settings.DOCUMENT_LIMIT_BYTES
        and not upload.kept_as.exclude(state=UploadState.REJECTED).exists()
    )


@transaction.atomic
def keep_as_document(*, actor: Actor, upload: Upload) -> Upload:
    """Add the file of a refused upload to the documents: an upload of which no byte travels.

    Raises NotFound, Forbidden, NotKept, VersionNotDraft, Invalid, StorageQuotaSpent, StorageUnavailable.
    """
    require(actor, Action.UPLOAD, upload.dataset)
    person = require_user(actor)
    upload = lock(upload)
    if not may_be_kept(upload):
        raise NotKept(remedy=_("Upload the file as a document."))
    if not storage.exists(keys.staged_upload(upload.pk)):
        raise NotKept(
            _("They were kept for %(upload_days)s days.") % {"upload_days": settings.UPLOAD_DAYS},
            remedy=_("Upload the file as a document."),
        )
    require_draft(upload.dataset)
    require_room(upload.dataset.organization, upload.size)
    now = timezone.now()
    kept = Upload.objects.create(
        dataset=upload.dataset,
        created_by=person,
        kind=UploadKind.DOCUMENT,
        keeps=upload,
        filename=document_name(upload.filename),
        size=upload.size,
        lane=lane_of(upload.size),
        media_type=upload.media_type,
        claimed_sha256=upload.sha256,
        part_size=part_size_for(upload.size),
        progress={"stage": "queued", "bytes": 0, "total_bytes": upload.size, "rows": 0},
    )
    audit.record(actor=actor, action="upload.pending", subject=kept, dataset_id=upload.dataset_id, size=upload.size)
    kept = move(
        kept, to=UploadState.RECEIVED, actor=actor, dataset_id=upload.dataset_id, received_at=now, queued_at=now
    )
    raise_event(UploadReceived(upload_id=kept.pk, lane=Lane(kept.lane)))
    return kept


def check_document_size(name: str, size: int) -> None:
    """Raises Invalid for an empty file, UploadTooLarge for one that is over the site's limit."""
    over = _("%(name)s has %(size)s bytes, which is over %(limit)s, the most that a document may have.")
    remedy = _("Pack it smaller, or in several files.")
    check_size(name, size, limit=settings.DOCUMENT_LIMIT_BYTES, over=over, remedy=remedy)
