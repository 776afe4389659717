from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.resource import Resource


class SourceMode(models.TextChoices):
    """What a file did to its table."""

    REPLACE = "replace", _("Replaces the table")
    APPEND = "append", _("Adds rows to the table")
    UPSERT = "upsert", _("Updates the table by key")
    DELETE = "delete", _("Deletes rows by key")


class ResourceSource(models.Model):
    """One original that a table was made from, in the order in which they were applied; the first one is its base.

    Originals, recipes and these rows give the table again (PROV: what the table ``wasDerivedFrom``).
    ``schema`` is the descriptor that the file was read by, null where the types came from its values. ``rows`` are
    the file's. ``counts`` says what became of them: inserted, updated, unchanged, deleted, unknown. ``part_count`` is
    how many parts an appended file put at the end of the table. ``inherited`` rows came with the version that this
    one started from. ``lines`` are the physical lines of the rows that the file gave, in runs: ``[place of a row from
    0, its line]``, from there on a line for each row; where there are many of them they lie in the store, under
    ``lines_sha256``. Both are empty where the format has no lines.
    """

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveIntegerField()
    mode = models.CharField(max_length=16, choices=SourceMode, default=SourceMode.REPLACE)
    key = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    part_count = models.PositiveIntegerField(default=0)
    rows = models.BigIntegerField()
    filename = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    schema = models.JSONField(null=True, blank=True)
    source = models.JSONField(default=dict)
    recipe = models.JSONField(default=list)
    findings_count = models.BigIntegerField(default=0)
    findings_sha256 = models.CharField(max_length=64, blank=True)
    lines = models.JSONField(default=list)
    lines_sha256 = models.CharField(max_length=64, blank=True)
    pipeline_version = models.CharField(max_length=32)
    upload_id = models.UUIDField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    inherited = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "position"], name="source_position_once_per_resource"),
            models.UniqueConstraint(
                fields=["resource", "upload_id"],
                condition=models.Q(upload_id__isnull=False),
                name="source_upload_once_per_resource",
            ),
            models.CheckConstraint(condition=models.Q(mode__in=SourceMode.values), name="source_mode_is_known"),
            models.CheckConstraint(condition=models.Q(rows__gte=0, bytes__gte=0), name="source_sizes_are_possible"),
        ]

    def __str__(self) -> str:
        return self.filename
