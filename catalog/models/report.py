from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class VerdictStatus(models.TextChoices):
    """The summary of a check run. A check that crashed is "errored", never "passed"."""

    PENDING = "pending", _("Not checked yet")
    PASSED = "passed", _("Passed")
    WARNINGS = "warnings", _("Passed, with warnings")
    FAILED = "failed", _("Failed")
    ERRORED = "errored", _("Could not check")


class QualityReport(models.Model):
    """The result of one check run of one resource (dqv:QualityMeasurement), kept for ever.

    ``parts`` (sha256, in order) and ``rules`` (``Dataset.all_rules``) are what was judged: where both are still the
    same, the report still holds, and where parts were only added, what it says of single rows does. ``personal`` is
    the search for personal data (catalog/personal/reading.py); empty where nobody searched.
    """

    resource = models.ForeignKey("catalog.Resource", on_delete=models.CASCADE, related_name="reports")
    verdict = models.CharField(max_length=16, choices=VerdictStatus)
    score = models.FloatField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    outcomes = models.JSONField(default=list)
    profile = models.JSONField(default=dict)
    personal = models.JSONField(default=dict)
    expectations_sha256 = models.CharField(max_length=64, blank=True)
    engine = models.JSONField(default=dict)
    parts = models.JSONField(default=list)
    rules = models.JSONField(null=True, blank=True)
    seconds = models.FloatField(default=0)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return self.verdict
