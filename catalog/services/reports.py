"""The core's side of a check run: what `quality` found about one resource, bound to it for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog import audit
from catalog.actor import Actor
from catalog.models import QualityReport, Resource, VerdictStatus, Version
from catalog.services.summaries import summarize


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A finished check run: outcomes and profile as JSON values, the engine's own result by its sha256.

    ``parts`` (sha256, in order) and ``rules`` (the owner's and the attached sets', as stored) are what was judged.
    ``personal`` is the search for personal data as JSON; empty says that nobody searched, which holds a version.
    """

    verdict: VerdictStatus
    score: float | None
    counts: dict[str, int]
    outcomes: list[dict[str, Any]]
    profile: dict[str, Any]
    expectations_sha256: str
    engine: dict[str, str]
    seconds: float
    parts: tuple[str, ...] = ()
    rules: list[dict[str, Any]] | None = None
    personal: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def record_verdict(*, actor: Actor, resource: Resource, result: CheckedTable, is_stale: bool) -> QualityReport:
    """Keep a report and make it the resource's current one. The version's verdict follows.

    ``is_stale`` says that schema or rules have changed since the run began: the report is kept, the verdict waits.
    """
    version = Version.objects.select_for_update(of=("self",)).get(pk=resource.version_id)
    resource = Resource.objects.select_for_update(of=("self",)).get(pk=resource.pk)
    report = QualityReport.objects.create(
        resource=resource,
        verdict=result.verdict,
        score=result.score,
        counts=result.counts,
        outcomes=result.outcomes,
        profile=result.profile,
        personal=result.personal,
        expectations_sha256=result.expectations_sha256,
        engine=result.engine,
        seconds=result.seconds,
        parts=list(result.parts),
        rules=result.rules,
    )
    resource.report = report
    resource.verdict = VerdictStatus.PENDING if is_stale else result.verdict
    resource.check_stage = "queued" if is_stale else ""
    if result.profile:
        resource.profile = result.profile
    resource.save(update_fields=["report", "verdict", "profile", "check_stage"])
    summarize(version)
    audit.record(
        actor=actor,
        action="report.recorded",
        subject=report,
        dataset_id=version.dataset_id,
        label=f"{resource.name}: {result.verdict}",
        counts=result.counts,
    )
    return report


def show_stage(*, resource_id: int, stage: str) -> None:
    """Say how far a check has come ("profile", "validate"), for the page that waits for it."""
    Resource.objects.filter(pk=resource_id).update(check_stage=stage)
