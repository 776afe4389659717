"""Uploads whose bytes a worker fetches from an address."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog import audit
from catalog.actor import Actor
from catalog.document_names import document_name
from catalog.errors import Invalid
from catalog.events import raise_event
from catalog.findings import remedy, sentence
from catalog.jobs.lanes import Lane
from catalog.models import Dataset
from catalog.permissions import Action, require, require_user
from catalog.services.publishing.documents import said
from catalog.transitions import move
from ingest.events import UploadReceived
from ingest.files.media_types import media_type_of
from ingest.models import Upload, UploadKind, UploadState
from ingest.remote.address import name_in, parse_url, shown
from ingest.remote.policy import ImportRefusedError, Policy
from ingest.services.documents import DocumentWords
from ingest.services.purposes import Purpose, check_purpose, require_draft
from ingest.services.uploads import MIN_PART, check_claims, check_sha256, clean_name


def policy_of_site() -> Policy:
    """What the settings allow an import to do."""
    return Policy(
        max_bytes=settings.UPLOAD_LIMIT_BYTES,
        schemes=frozenset(settings.IMPORT_SCHEMES),
        ports=frozenset(settings.IMPORT_PORTS),
        networks=tuple(settings.IMPORT_NETWORKS),
        authority=settings.IMPORT_CA_FILE,
        total_seconds=settings.IMPORT_SECONDS,
    )


def import_file(
    *,
    actor: Actor,
    dataset: Dataset,
    url: str,
    filename: str = "",
    sha256: str = "",
    resource: str = "",
    purpose: Purpose = Purpose(),  # noqa: B008 -- a frozen value
    document: DocumentWords | None = None,
) -> Upload:
    """Have a worker fetch ``url`` into the dataset's draft. ``filename`` is what to call it, if not as the server does.

    It becomes a document where words for one are given.

    The address itself is looked at here, where it leads by the worker. Raises NotFound, Forbidden, Invalid,
    FileTypeRefused, VersionNotDraft.
    """
    require(actor, Action.UPLOAD, dataset)
    person = require_user(actor)
    try:
        target = parse_url(url.strip(), policy_of_site())
    except ImportRefusedError as refusal:
        code = refusal.finding.code
        raise Invalid(fields={"url": [sentence(refusal.finding)]}, remedy=remedy(code)) from None
    name = clean_name(filename or name_in(target.url) or target.host)
    title = description = ""
    if document is not None:
        name = document_name(name)
        check_sha256(sha256)
        require_draft(dataset)
        title, description = said(document.title, document.description)
    else:
        check_claims(name, sha256, resource)
        check_purpose(dataset, filename=name, resource=resource, purpose=purpose)
    upload = Upload(
        dataset=dataset,
        created_by=person,
        kind=UploadKind.TABLE if document is None else UploadKind.DOCUMENT,
        title=title,
        description=description,
        filename=name,
        size=0,
        lane=Lane.SMALL,
        source_url=target.url,
        media_type=media_type_of(name),
        resource_name=resource,
        claimed_sha256=sha256,
        mode=purpose.mode,
        key=list(purpose.key),
        new_columns=purpose.new_columns,
        part_size=MIN_PART,
    )
    now = timezone.now()
    with transaction.atomic():
        upload.save(force_insert=True)
        audit.record(actor=actor, action="upload.pending", subject=upload, dataset_id=dataset.pk, url=shown(target.url))
        row = move(
            upload,
            to=UploadState.RECEIVED,
            actor=actor,
            dataset_id=dataset.pk,
            received_at=now,
            queued_at=now,
            progress={"stage": "queued", "bytes": 0, "total_bytes": 0, "rows": 0},
        )
        raise_event(UploadReceived(upload_id=row.pk, lane=Lane.SMALL))
    return row
