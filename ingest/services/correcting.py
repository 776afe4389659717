"""Accepted corrections brought into the data: an update by key through the whole pipeline.

Its file is made by the worker, of the table as it is then (ingest/services/corrections_file.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import CatalogError, Invalid
from catalog.events import raise_event
from catalog.jobs.lanes import Lane, lane_of
from catalog.models import AnnotationKind, Dataset, Resource, SourceMode
from catalog.permissions import Action, require, require_user
from catalog.services.annotating.applying import accepted, apply_descriptions
from catalog.services.delivering.downloads import PARQUET
from catalog.services.publishing.starting import tables_to_work_on
from catalog.transitions import move
from ingest.events import UploadReceived
from ingest.models import Upload, UploadState
from ingest.services.purposes import Purpose, check_purpose
from ingest.services.recipes import BeingRead
from ingest.services.uploads import MIN_PART

FILENAME = "corrections.parquet"
UNDER_WAY = (UploadState.RECEIVED, UploadState.PROCESSING)


class NothingToApply(Invalid):
    code = "nothing-to-apply"
    title = gettext_lazy("Nothing is accepted that is not in the data yet")


class RowsWithoutKey(Invalid):
    code = "rows-without-key"
    title = gettext_lazy("The table has no primary key by which its rows could be updated")


@dataclass(frozen=True, slots=True)
class Application:
    """What became of a table's accepted annotations; ``left`` are descriptions of columns that the draft lacks.

    ``refusal`` says why the corrections could not be sent along with the descriptions.
    """

    described: int
    left: tuple[int, ...]
    upload: Upload | None
    refusal: CatalogError | None = None


@transaction.atomic
def apply_annotations(*, actor: Actor, dataset: Dataset, table: str) -> Application:
    """Both kinds at once, and labels stay beside the data.

    Raises NothingToApply when nothing is accepted, and what apply_corrections and apply_descriptions raise.
    """
    done = apply_descriptions(actor=actor, dataset=dataset, table=table)
    if not accepted(dataset, table, AnnotationKind.CORRECTION).exists():
        if not done.applied and not done.left:
            raise NothingToApply
        return Application(done.applied, done.left, None)
    try:
        with transaction.atomic():
            upload = apply_corrections(actor=actor, dataset=dataset, table=table)
    except (RowsWithoutKey, BeingRead) as refusal:
        if not done.applied:
            raise
        return Application(done.applied, done.left, None, refusal)
    return Application(done.applied, done.left, upload)


@transaction.atomic
def apply_corrections(*, actor: Actor, dataset: Dataset, table: str) -> Upload:
    """Have a worker update the draft's table by what was accepted; the draft is opened if there is none.

    The answer is an upload of which no byte travels. Raises NotFound, Forbidden, NothingToApply, RowsWithoutKey,
    VersionNotDraft, BeingRead.
    """
    require(actor, Action.UPLOAD, dataset)
    person = require_user(actor)
    # Two who press the button at once: the second one sees the first one's upload.
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    if Upload.objects.filter(
        dataset=dataset, resource_name=table, corrections__isnull=False, state__in=UNDER_WAY
    ).exists():
        raise BeingRead(
            _("Corrections of %(table)s are being applied just now.") % {"table": table},
            remedy=_("Wait until it is done."),
        )
    waiting = list(accepted(dataset, table, AnnotationKind.CORRECTION))
    if not waiting:
        raise NothingToApply
    _require_key(dataset, table)
    check_purpose(dataset, filename=FILENAME, resource=table, purpose=Purpose(mode=SourceMode.UPSERT))
    resource = table_corrected(dataset, table)
    size = 0 if resource is None else resource.bytes
    upload = Upload.objects.create(
        dataset=dataset,
        created_by=person,
        filename=FILENAME,
        size=0,
        # Its file is small; the table that it updates may not be.
        lane=lane_of(size),
        media_type=PARQUET,
        resource_name=table,
        mode=SourceMode.UPSERT,
        # The values are typed already: nothing that was done to the table's own file is to be done to these.
        recipe=[],
        corrections={"annotations": [item.pk for item in waiting]},
        part_size=MIN_PART,
    )
    audit.record(
        actor=actor,
        action="upload.pending",
        subject=upload,
        dataset_id=dataset.pk,
        corrections=len(waiting),
    )
    now = timezone.now()
    row = move(
        upload,
        to=UploadState.RECEIVED,
        actor=actor,
        dataset_id=dataset.pk,
        received_at=now,
        queued_at=now,
        progress={"stage": "queued", "bytes": 0, "total_bytes": 0, "rows": 0},
    )
    raise_event(UploadReceived(upload_id=row.pk, lane=Lane(row.lane)))
    return row


def _require_key(dataset: Dataset, table: str) -> None:
    resource = table_corrected(dataset, table)
    if resource is not None and not resource.schema.get("primaryKey"):
        raise RowsWithoutKey(
            _("%(table)s has no primary key, so that its rows can't be found again in another version.")
            % {"table": table},
            remedy=_("Declare a primary key in the draft's schema; corrections proposed after that can be applied."),
        )


def table_corrected(dataset: Dataset, name: str) -> Resource | None:
    """The table of that name in the open version, or in the one that a draft would begin with."""
    return next((table for table in tables_to_work_on(dataset) if table.name == name), None)
