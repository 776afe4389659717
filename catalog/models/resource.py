from __future__ import annotations

from django.db import models

from catalog.models.report import VerdictStatus
from catalog.models.schema import StandardSchema
from catalog.models.version import Version
from catalog.slugs import SLUG_LENGTH, validate_slug


class Resource(models.Model):
    """One logical table of a version, with one schema. Its bytes lie in parts and in the originals.

    ``original_*``, ``source`` and ``pipeline_version`` are those of the file that the table began with; all files that
    made it are its ``sources``. ``recipe``, ``findings`` and ``findings_sha256`` are of all of them. ``questions`` are
    doubts that only the owner can settle, ``suggestions`` cleaning that nobody has asked for yet.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="resources")
    name = models.CharField(max_length=SLUG_LENGTH, validators=[validate_slug])
    title = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=0)
    rows = models.BigIntegerField()
    columns = models.IntegerField()
    bytes = models.BigIntegerField()
    schema = models.JSONField()
    conforms_to = models.ForeignKey(StandardSchema, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recipe = models.JSONField(default=list)
    questions = models.JSONField(default=list)
    suggestions = models.JSONField(default=list)
    source = models.JSONField(default=dict)
    format = models.CharField(max_length=16, blank=True)
    pipeline_version = models.CharField(max_length=32)
    original_filename = models.CharField(max_length=255)
    original_sha256 = models.CharField(max_length=64)
    original_bytes = models.BigIntegerField()
    original_media_type = models.CharField(max_length=100)
    findings_count = models.BigIntegerField(default=0)
    findings = models.JSONField(default=list)
    findings_sha256 = models.CharField(max_length=64, blank=True)
    profile = models.JSONField(default=dict)
    verdict = models.CharField(max_length=16, choices=VerdictStatus, default=VerdictStatus.PENDING)
    report = models.ForeignKey(
        "catalog.QualityReport", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    check_stage = models.CharField(max_length=16, blank=True)
    upload_id = models.UUIDField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="resource_name_once_per_version"),
            models.CheckConstraint(
                condition=models.Q(rows__gte=0, columns__gte=1, bytes__gte=0),
                name="resource_sizes_are_possible",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def fingerprint(self) -> str | None:
        """The fingerprint of the table's values (docs/fingerprint.md), once a check has computed it."""
        found: str | None = self.profile.get("fingerprint", {}).get("value")
        return found
