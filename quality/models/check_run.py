from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.jobs.leases import LeasedModel
from catalog.models import Resource


class CheckRunState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    ERRORED = "errored", _("Could not check")


CHECK_RUN_MOVES: dict[str, frozenset[str]] = {
    CheckRunState.QUEUED: frozenset({CheckRunState.RUNNING}),
    CheckRunState.RUNNING: frozenset({CheckRunState.DONE, CheckRunState.ERRORED}),
    CheckRunState.ERRORED: frozenset({CheckRunState.QUEUED}),
    CheckRunState.DONE: frozenset(),
}


class CheckRun(LeasedModel):
    """One run of profile and expectations over one resource: a job row."""

    MOVES = CHECK_RUN_MOVES

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="check_runs")
    state = models.CharField(max_length=16, choices=CheckRunState, default=CheckRunState.QUEUED)
    progress = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=CheckRunState.values), name="checkrun_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(state=CheckRunState.RUNNING, lease_token__isnull=False)
                | (~models.Q(state=CheckRunState.RUNNING) & models.Q(lease_token__isnull=True)),
                name="checkrun_leased_exactly_while_running",
            ),
            # A queued run covers every change made before it starts: two waiting runs would do the same work.
            models.UniqueConstraint(
                fields=["resource"],
                condition=models.Q(state=CheckRunState.QUEUED),
                name="checkrun_one_queued_per_resource",
            ),
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="checkrun_work")]

    def __str__(self) -> str:
        return f"check {self.pk}"
