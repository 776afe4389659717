from __future__ import annotations

import json
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.actor import Actor
from catalog.jobs.lanes import Lane
from catalog.jobs.leases import LeasedModel
from catalog.models import Dataset, SourceMode, User


class UploadState(models.TextChoices):
    """*Rejected* is the submitter's file (final, with findings); *failed* is ours (retried, then for operators)."""

    PENDING = "pending", _("Uploading")
    RECEIVED = "received", _("Received")
    PROCESSING = "processing", _("Processing")
    STORED = "stored", _("Stored")
    REJECTED = "rejected", _("Rejected")
    FAILED = "failed", pgettext_lazy("upload", "Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


UPLOAD_MOVES: dict[str, frozenset[str]] = {
    UploadState.PENDING: frozenset({UploadState.RECEIVED, UploadState.CANCELLED, UploadState.EXPIRED}),
    UploadState.RECEIVED: frozenset({UploadState.PROCESSING}),
    # Back to received: an imported file turned out to belong to a slower lane.
    UploadState.PROCESSING: frozenset(
        {UploadState.RECEIVED, UploadState.STORED, UploadState.REJECTED, UploadState.FAILED}
    ),
    UploadState.FAILED: frozenset({UploadState.RECEIVED}),
    UploadState.STORED: frozenset(),
    UploadState.REJECTED: frozenset(),
    UploadState.CANCELLED: frozenset(),
    UploadState.EXPIRED: frozenset(),
}


class NewColumns(models.TextChoices):
    """What happens to columns that the table does not have, when a file is added to it."""

    REFUSE = "refuse", _("Refuse the file")
    ADD = "add", _("Add them to the table")


class UploadKind(models.TextChoices):
    """What the file becomes."""

    TABLE = "table", _("Table")
    DOCUMENT = "document", _("Document")


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, actor: Actor) -> UploadQuerySet:
        """One's own, and those to datasets that one may change."""
        within = self if actor.limit is None else self.filter(dataset__in=Dataset.objects.within(actor).values("pk"))
        if actor.is_staff:
            return within
        if actor.user is None:
            return self.none()
        return within.filter(
            models.Q(created_by=actor.user) | models.Q(dataset__in=Dataset.objects.working(actor).values("pk"))
        )


class Upload(LeasedModel):
    """One file on its way: from presigned parts to a stored table. The row and its state stay for ever.

    ``mode`` says what the file does to the table ``resource_name``, by ``key`` where it updates or deletes; empty
    means the schema's primary key. ``counts`` says what became of its rows. ``recipe`` is how the owner wants the file
    read; null means as the table was read before. ``reads_original`` is the sha256 of an original in the store that is
    read again, so that no byte travels.

    What is imported has a ``source_url``, and no size until a worker has fetched it; ``fetched`` then says whence and
    when (final address, time, ETag, Last-Modified). ``lane`` is the queue of its size.

    ``corrections`` says which accepted corrections the worker makes the file of (ingest/services/corrections_file.py):
    ``annotations`` are their ids, then ``fitting`` those whose cell still is what was seen, ``parts`` the table's
    parts as they were, ``number`` and ``people`` how many of how many; null is a file like any other.

    A ``kind`` of document is stored as it is, under its ``filename``, with ``title`` and ``description``; the worker
    reads no table of it. ``keeps`` is the rejected upload whose bytes it takes, so that no byte travels twice.
    """

    MOVES = UPLOAD_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="uploads")
    state = models.CharField(max_length=16, choices=UploadState, default=UploadState.PENDING)
    kind = models.CharField(max_length=16, choices=UploadKind, default=UploadKind.TABLE, db_default=UploadKind.TABLE)
    title = models.CharField(max_length=200, blank=True, default="", db_default="")
    description = models.CharField(max_length=1_000, blank=True, default="", db_default="")
    keeps = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="kept_as")
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField()
    lane = models.CharField(max_length=8, choices=[(lane.value, lane.value) for lane in Lane], default=Lane.SMALL.value)
    source_url = models.TextField(blank=True)
    fetched = models.JSONField(null=True, blank=True)
    corrections = models.JSONField(null=True, blank=True)
    media_type = models.CharField(max_length=100)
    resource_name = models.CharField(max_length=96, blank=True)
    mode = models.CharField(max_length=16, choices=SourceMode, default=SourceMode.REPLACE)
    key = models.JSONField(default=list, blank=True)
    new_columns = models.CharField(max_length=16, choices=NewColumns, default=NewColumns.REFUSE)
    counts = models.JSONField(default=dict)
    recipe = models.JSONField(null=True, blank=True)
    reads_original = models.CharField(max_length=64, blank=True)
    claimed_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    multipart_id = models.CharField(max_length=1024, blank=True)
    part_size = models.BigIntegerField()
    progress = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    error = models.JSONField(null=True, blank=True)
    resource_names = models.JSONField(default=list)
    created = models.DateTimeField(auto_now_add=True)
    active_at = models.DateTimeField(auto_now_add=True)
    received_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=UploadState.values), name="upload_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(part_size__gt=0)
                & (
                    models.Q(size__gt=0)
                    | (models.Q(size=0, fetched__isnull=True) & ~models.Q(source_url=""))
                    | models.Q(size=0, corrections__isnull=False)
                ),
                name="upload_sizes_are_possible",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=UploadKind.values), name="upload_kind_is_known"),
            models.CheckConstraint(condition=models.Q(mode__in=SourceMode.values), name="upload_mode_is_known"),
            models.CheckConstraint(
                condition=models.Q(new_columns__in=NewColumns.values), name="upload_new_columns_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=UploadState.PROCESSING, lease_token__isnull=False)
                | (~models.Q(state=UploadState.PROCESSING) & models.Q(lease_token__isnull=True)),
                name="upload_leased_exactly_while_processing",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=UploadState.STORED) | ~models.Q(sha256=""), name="upload_stored_is_hashed"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="upload_work"),
            models.Index(
                fields=["lane", "received_at"],
                condition=models.Q(state__in=[UploadState.RECEIVED, UploadState.PROCESSING]),
                name="upload_waiting",
            ),
            models.Index(fields=["heartbeat_at"], name="upload_served"),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def purpose_json(self) -> str:
        """What the file is for, as the page's uploader compares it."""
        if self.kind == UploadKind.DOCUMENT:
            return json.dumps({"kind": self.kind})
        return json.dumps(
            {"mode": self.mode, "resource": self.resource_name, "key": self.key, "new_columns": self.new_columns}
        )

    @property
    def part_count(self) -> int:
        return max(1, -(-self.size // self.part_size))

    def part_length(self, number: int) -> int:
        """Bytes of part ``number`` (from 1): all are ``part_size`` but the last."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)
