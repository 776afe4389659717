from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.jobs.leases import LeasedModel
from catalog.models import Version


class ComparisonState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    ERRORED = "errored", _("Could not compare")


COMPARISON_MOVES: dict[str, frozenset[str]] = {
    ComparisonState.QUEUED: frozenset({ComparisonState.RUNNING}),
    ComparisonState.RUNNING: frozenset({ComparisonState.DONE, ComparisonState.ERRORED}),
    ComparisonState.ERRORED: frozenset({ComparisonState.QUEUED}),
    ComparisonState.DONE: frozenset({ComparisonState.QUEUED}),
}


class Comparison(LeasedModel):
    """The difference from ``base`` to ``version``: a job row that keeps its result.

    ``result`` is that of the states that ``fingerprint`` names: a draft moves on, and is compared again. ``bytes`` of
    both versions decide in which lane it waits; ``since`` is when it began to.
    """

    MOVES = COMPARISON_MOVES

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="comparisons")
    base = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=16, choices=ComparisonState, default=ComparisonState.QUEUED)
    fingerprint = models.CharField(max_length=64, blank=True)
    result = models.JSONField(default=dict)
    bytes = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)
    since = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created"]
        constraints = [
            models.UniqueConstraint(fields=["version", "base"], name="comparison_once_per_pair"),
            models.CheckConstraint(
                condition=models.Q(state__in=ComparisonState.values), name="comparison_state_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(version=models.F("base")), name="comparison_is_of_two_versions"),
            models.CheckConstraint(
                condition=models.Q(state=ComparisonState.RUNNING, lease_token__isnull=False)
                | (~models.Q(state=ComparisonState.RUNNING) & models.Q(lease_token__isnull=True)),
                name="comparison_leased_exactly_while_running",
            ),
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="comparison_work")]

    def __str__(self) -> str:
        return f"comparison {self.pk}"
