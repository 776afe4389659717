from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.leases import LeasedModel
from catalog.models import Dataset, User


class UploadState(models.TextChoices):
    """*Rejected* is the submitter's file (final, with findings); *failed* is ours (retried, then for operators)."""

    PENDING = "pending", _("Uploading")
    RECEIVED = "received", _("Received")
    PROCESSING = "processing", _("Processing")
    STORED = "stored", _("Stored")
    REJECTED = "rejected", _("Rejected")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


UPLOAD_MOVES: dict[str, frozenset[str]] = {
    UploadState.PENDING: frozenset({UploadState.RECEIVED, UploadState.CANCELLED, UploadState.EXPIRED}),
    UploadState.RECEIVED: frozenset({UploadState.PROCESSING}),
    UploadState.PROCESSING: frozenset({UploadState.STORED, UploadState.REJECTED, UploadState.FAILED}),
    UploadState.FAILED: frozenset({UploadState.RECEIVED}),
    UploadState.STORED: frozenset(),
    UploadState.REJECTED: frozenset(),
    UploadState.CANCELLED: frozenset(),
    UploadState.EXPIRED: frozenset(),
}


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, actor: Actor) -> UploadQuerySet:
        """One's own, and those to datasets that one may change."""
        if actor.is_staff:
            return self
        if actor.user is None:
            return self.none()
        return self.filter(
            models.Q(created_by=actor.user) | models.Q(dataset__in=Dataset.objects.working(actor).values("pk"))
        )


class Upload(LeasedModel):
    """One file on its way: from presigned parts to a stored table. The row and its state stay for ever."""

    MOVES = UPLOAD_MOVES

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="uploads")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="uploads")
    state = models.CharField(max_length=16, choices=UploadState, default=UploadState.PENDING)
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    resource_name = models.CharField(max_length=96, blank=True)
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
    queued_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=UploadState.values), name="upload_state_is_known"),
            models.CheckConstraint(condition=models.Q(size__gt=0, part_size__gt=0), name="upload_sizes_are_possible"),
            models.CheckConstraint(
                condition=models.Q(state=UploadState.PROCESSING, lease_token__isnull=False)
                | (~models.Q(state=UploadState.PROCESSING) & models.Q(lease_token__isnull=True)),
                name="upload_leased_exactly_while_processing",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=UploadState.STORED) | ~models.Q(sha256=""), name="upload_stored_is_hashed"
            ),
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="upload_work")]

    def __str__(self) -> str:
        return self.filename

    @property
    def part_count(self) -> int:
        return max(1, -(-self.size // self.part_size))

    def part_length(self, number: int) -> int:
        """Bytes of part ``number`` (from 1): all are ``part_size`` but the last."""
        return min(self.part_size, self.size - (number - 1) * self.part_size)
