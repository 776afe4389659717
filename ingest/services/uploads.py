"""Presigned multipart uploads, straight to the store. The web process never holds a byte of them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath, PureWindowsPath
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit, keys, storage
from catalog.actor import Actor
from catalog.allowances.quotas import limit_of, require_storage
from catalog.errors import Conflict, Invalid, NotFound, TooLarge
from catalog.events import raise_event
from catalog.jobs.lanes import Lane, lane_of
from catalog.models import Dataset, Organization, QuotaKind
from catalog.permissions import Action, require, require_user
from catalog.slugs import SLUG
from catalog.storage import SignedPart
from catalog.transitions import lock, move
from ingest.events import UploadReceived
from ingest.files.media_types import SUPPORTED, media_type_of, refusal_of
from ingest.limits import Limits
from ingest.models import Upload, UploadState
from ingest.services.purposes import Purpose, check_purpose

MIN_PART = 8 << 20
MAX_PARTS = 9_000  # S3 takes 10,000; the rest is room for rounding up to whole MiB.
SIGN_AT_ONCE = 100
PART_URL_SECONDS = 3_600
ON_THEIR_WAY = (UploadState.PENDING, UploadState.RECEIVED, UploadState.PROCESSING, UploadState.FAILED)
SPLIT = gettext_lazy("Split it, and add the files to the table one after the other.")
SMALLER = gettext_lazy("Compress it with gzip or zstd, or split it and add the files to the table one after the other.")
"""For a file that is no larger than what may come out of a compressed one."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class UploadTooLarge(TooLarge):
    code = "upload-too-large"
    title = gettext_lazy("The file is larger than this site takes")


class FileTypeRefused(Invalid):
    code = "file-type-refused"
    title = gettext_lazy("This kind of file holds no table")


class UploadNotOpen(Conflict):
    code = "upload-not-open"
    title = gettext_lazy("This upload takes no more parts")


class PartsMissing(Conflict):
    """``missing`` lists the part numbers that the store lacks or has in another size."""

    code = "parts-missing"
    title = gettext_lazy("Not all parts have arrived")


@dataclass(frozen=True, slots=True)
class PartRequest:
    """A part that the client is about to send: its number from 1 and its MD5 in base64 (RFC 1864)."""

    number: int
    md5: str


def part_size_for(size: int) -> int:
    """Bytes a part: at least 8 MiB, and so large that the file fits in 9,000 parts."""
    return max(MIN_PART, -(-size // MAX_PARTS // (1 << 20)) * (1 << 20))


def initiate_upload(
    *,
    actor: Actor,
    dataset: Dataset,
    filename: str,
    size: int,
    sha256: str = "",
    resource: str = "",
    purpose: Purpose = Purpose(),  # noqa: B008 -- a frozen value
) -> Upload:
    """Begin an upload to the dataset's draft; ``purpose`` says what the file will do to the table ``resource``.

    Raises NotFound, Forbidden, Invalid, FileTypeRefused, UploadTooLarge, StorageQuotaSpent, VersionNotDraft,
    StorageUnavailable.
    """
    require(actor, Action.UPLOAD, dataset)
    person = require_user(actor)
    name = clean_name(filename)
    check_claims(name, sha256, resource)
    smaller = SMALLER if size <= Limits().max_unpacked_bytes else SPLIT
    over = _("%(name)s has %(size)s bytes, which is over %(limit)s, the most that this site takes of one file.")
    check_size(name, size, limit=settings.UPLOAD_LIMIT_BYTES, over=over, remedy=str(smaller))
    require_room(dataset.organization, size)
    check_purpose(dataset, filename=name, resource=resource, purpose=purpose)
    upload = Upload(
        dataset=dataset,
        created_by=person,
        filename=name,
        size=size,
        lane=lane_of(size),
        media_type=media_type_of(name),
        resource_name=resource,
        claimed_sha256=sha256,
        mode=purpose.mode,
        key=list(purpose.key),
        new_columns=purpose.new_columns,
        part_size=part_size_for(size),
    )
    return begin(actor, upload)


def begin(actor: Actor, upload: Upload) -> Upload:
    """Have the store wait for the parts of a new upload, and write its row. Raises StorageUnavailable."""
    # The store first: an upload id without a row is swept, a row without an upload id could never be finished.
    upload.multipart_id = storage.create_multipart(keys.staged_upload(upload.pk))
    with transaction.atomic():
        upload.save(force_insert=True)
        audit.record(
            actor=actor, action="upload.pending", subject=upload, dataset_id=upload.dataset_id, size=upload.size
        )
    return upload


def require_room(organization: Organization, size: int) -> None:
    """Raises StorageQuotaSpent. What is on its way counts: together uploads may not pass what each of them may."""
    if limit_of(organization, QuotaKind.STORAGE) is None:
        return
    waiting = Upload.objects.filter(dataset__organization=organization, state__in=ON_THEIR_WAY)
    sizes = waiting.aggregate(total=Coalesce(Sum("size"), 0, output_field=BigIntegerField()))
    require_storage(organization, more=size + int(sizes["total"]))


def sign_parts(*, actor: Actor, upload: Upload, parts: Sequence[PartRequest]) -> list[SignedPart]:
    """Presigned PUTs for the parts, each bound to its length and MD5. Raises UploadNotOpen, Invalid."""
    _require_open(actor, upload)
    if not 1 <= len(parts) <= SIGN_AT_ONCE:
        raise Invalid(
            fields={"parts": [_("Ask for 1 to %(sign_at_once)s parts at once.") % {"sign_at_once": SIGN_AT_ONCE}]}
        )
    for part in parts:
        if not 1 <= part.number <= upload.part_count:
            raise Invalid(
                fields={
                    "parts": [
                        _("There is no part %(number)s; they go from 1 to %(part_count)s.")
                        % {"number": part.number, "part_count": upload.part_count}
                    ]
                }
            )
        if not _is_md5(part.md5):
            raise Invalid(
                fields={"parts": [_("The md5 of part %(number)s is not 16 bytes in base64.") % {"number": part.number}]}
            )
    Upload.objects.filter(pk=upload.pk).update(active_at=timezone.now())
    key = keys.staged_upload(upload.pk)
    return [
        storage.sign_part(
            key,
            upload.multipart_id,
            number=part.number,
            length=upload.part_length(part.number),
            md5=part.md5,
            seconds=PART_URL_SECONDS,
        )
        for part in parts
    ]


def list_stored_parts(*, actor: Actor, upload: Upload) -> list[storage.StoredPart]:
    """The parts that the store has, for resuming. Raises UploadNotOpen."""
    _require_open(actor, upload)
    return storage.list_parts(keys.staged_upload(upload.pk), upload.multipart_id)


def complete_upload(*, actor: Actor, upload: Upload, sha256: str = "") -> Upload:
    """Join the parts and hand the upload to the workers. Safe to send again after a lost answer.

    Raises PartsMissing, UploadNotOpen, Invalid, StorageUnavailable.
    """
    _require_theirs(actor, upload)
    if upload.state in {
        UploadState.RECEIVED,
        UploadState.PROCESSING,
        UploadState.STORED,
        UploadState.REJECTED,
    }:
        return upload
    _require_open(actor, upload)
    check_sha256(sha256)
    if sha256 and upload.claimed_sha256 and sha256 != upload.claimed_sha256:
        raise Invalid(fields={"sha256": [_("This is not the sha256 that was given at the start.")]})
    key = keys.staged_upload(upload.pk)
    if not storage.exists(key):
        parts = storage.list_parts(key, upload.multipart_id)
        _require_all_parts(upload, parts)
        storage.complete_multipart(key, upload.multipart_id, parts)
    with transaction.atomic():
        row = lock(upload)
        if row.state != UploadState.PENDING:
            return row
        now = timezone.now()
        row = move(
            row,
            to=UploadState.RECEIVED,
            actor=actor,
            dataset_id=row.dataset_id,
            claimed_sha256=sha256 or row.claimed_sha256,
            received_at=now,
            queued_at=now,
            progress={"stage": "queued", "bytes": 0, "total_bytes": row.size, "rows": 0},
        )
        raise_event(UploadReceived(upload_id=row.pk, lane=Lane(row.lane)))
    return row


def cancel_upload(*, actor: Actor, upload: Upload) -> None:
    """Stop an upload and drop its parts. Raises UploadNotOpen once it was completed."""
    _require_open(actor, upload)
    _drop(actor, upload, UploadState.CANCELLED)


def expire_abandoned(*, actor: Actor) -> int:
    """End uploads that nobody has touched for UPLOAD_DAYS, and drop their parts; returns how many."""
    before = timezone.now() - timedelta(days=settings.UPLOAD_DAYS)
    abandoned = list(Upload.objects.filter(state=UploadState.PENDING, active_at__lt=before)[:500])
    for upload in abandoned:
        _drop(actor, upload, UploadState.EXPIRED)
    return len(abandoned)


def sweep_staged() -> int:
    """Delete staged copies that nobody needs any more; returns how many.

    A stored upload's original lies under its hash; what was cancelled or expired has none; a rejected or failed one
    is kept for UPLOAD_DAYS, so that its owner and the operators can look at it.
    """
    swept = 0
    for key, _size in leftover_copies():
        storage.delete(key)
        swept += 1
    return swept


def leftover_copies() -> Iterator[tuple[str, int]]:
    """Keys and bytes of the staged copies that the sweep would delete."""
    before = timezone.now() - timedelta(days=settings.UPLOAD_DAYS)
    for key, size in storage.list_sizes("uploads/"):
        upload = Upload.objects.filter(pk=key.removeprefix("uploads/")).first() if _is_uuid(key) else None
        if upload is None or _is_over(upload, before):
            yield key, size


def _is_uuid(key: str) -> bool:
    try:
        UUID(key.removeprefix("uploads/"))
    except ValueError:
        return False
    return True


def _is_over(upload: Upload, before: datetime) -> bool:
    if upload.state in {UploadState.STORED, UploadState.CANCELLED, UploadState.EXPIRED}:
        return True
    ended = upload.state in {UploadState.REJECTED, UploadState.FAILED}
    return ended and upload.finished_at is not None and upload.finished_at < before


def get_upload(*, actor: Actor, upload_id: str) -> Upload:
    """Raises NotFound."""
    found = (
        Upload.objects.visible_to(actor)
        .select_related("dataset__organization", "created_by")
        .filter(pk=upload_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such upload that you can see."))
    return found


def _drop(actor: Actor, upload: Upload, state: UploadState) -> None:
    with transaction.atomic():
        move(upload, to=state, actor=actor, dataset_id=upload.dataset_id, finished_at=timezone.now())
        storage.abort_multipart(keys.staged_upload(upload.pk), upload.multipart_id)


def _require_theirs(actor: Actor, upload: Upload) -> None:
    require_user(actor, scope="upload")
    if not Upload.objects.visible_to(actor).filter(pk=upload.pk).exists():
        raise NotFound


def _require_open(actor: Actor, upload: Upload) -> None:
    _require_theirs(actor, upload)
    if upload.state != UploadState.PENDING:
        raise UploadNotOpen(
            _("It is %(state)s.") % {"state": upload.get_state_display().lower()},
            remedy=_("Begin a new upload to send another file."),
        )


def _require_all_parts(upload: Upload, parts: Sequence[storage.StoredPart]) -> None:
    sizes = {part.number: part.size for part in parts}
    wanted = {number: upload.part_length(number) for number in range(1, upload.part_count + 1)}
    missing = [number for number, length in wanted.items() if sizes.get(number) != length]
    if missing or len(sizes) != len(wanted):
        raise PartsMissing(
            _("%(count)s of %(count_2)s parts are missing.") % {"count": len(missing), "count_2": len(wanted)},
            remedy=_("Send the parts that are listed, then complete again."),
            missing=missing,
        )


def check_claims(name: str, sha256: str, resource: str) -> None:
    """What is said of a file before a byte travels. Raises FileTypeRefused, Invalid."""
    if refused := refusal_of(name):
        raise FileTypeRefused(
            _("%(name)s is %(refused)s, not a table.") % {"name": name, "refused": _(refused)},
            remedy=_("Upload %(supported)s.") % {"supported": _(SUPPORTED)},
        )
    check_sha256(sha256)
    if resource and not SLUG.fullmatch(resource):
        raise Invalid(fields={"resource": [_("Use small letters, digits and hyphens.")]})


def check_sha256(sha256: str) -> None:
    """Raises Invalid for what can't be a sha256; "" is none."""
    if sha256 and not _SHA256.fullmatch(sha256):
        raise Invalid(fields={"sha256": [_("A sha256 is 64 small hexadecimal digits.")]})


def check_size(name: str, size: int, *, limit: int, over: str, remedy: str) -> None:
    """Raises Invalid for an empty file, UploadTooLarge for one over the limit.

    ``over`` says so, with places for ``name``, ``size`` and ``limit``.
    """
    if size < 1:
        raise Invalid(fields={"size": [_("The file is empty.")]}, remedy=_("Choose the file again."))
    if size > limit:
        raise UploadTooLarge(
            over % {"name": name, "size": f"{size:,}", "limit": f"{limit:,}"},
            remedy=remedy,
            limit=limit,
        )


def clean_name(filename: str) -> str:
    """The last segment of what a client calls its file, without what no file name should hold."""
    name = PureWindowsPath(PurePosixPath(filename).name).name
    name = "".join(character for character in name if character.isprintable()).strip(". ")
    if not name:
        raise Invalid(fields={"filename": [_("The file needs a name.")]})
    return name if len(name) <= 200 else name[:100] + name[-100:]


def _is_md5(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False
