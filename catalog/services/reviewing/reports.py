"""The core's side of a check run: what `quality` found about one resource, bound to it for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog import audit
from catalog.actor import Actor
from catalog.freshness import judge_again
from catalog.models import NoticeKind, QualityReport, Resource, VerdictStatus, Version
from catalog.services.notifying.notices import tell
from catalog.services.publishing.summaries import summarize

LONG = 60
"""Seconds of a check whose maker may have gone to do something else, and is told of its end."""


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
    if result.seconds >= LONG and version.is_open and not is_stale:
        counts = {"failed": result.counts.get("failed", 0), "warnings": result.counts.get("warnings", 0)}
        page = "v/draft/quality/"
        tell([version.created_by], NoticeKind.CHECK_DONE, dataset=version.dataset_id, page=page, **counts)
    return report


@transaction.atomic
def record_later_look(
    *,
    actor: Actor,
    resource: Resource,
    profile: dict[str, Any],
    personal: dict[str, Any],
    engine: dict[str, str],
    seconds: float,
) -> QualityReport:
    """Keep what was seen of a published table after its publication, beside the report that its manifest binds.

    It judges nothing: verdict, score and counts are those of the bound report.
    """
    bound = resource.report
    report = QualityReport.objects.create(
        resource=resource,
        verdict=resource.verdict,
        score=bound.score if bound else None,
        counts=bound.counts if bound else {},
        profile=profile,
        personal=personal,
        engine=engine,
        parts=[part.sha256 for part in resource.parts.all()],
        seconds=seconds,
    )
    audit.record(
        actor=actor,
        action="report.looked_again",
        subject=report,
        dataset_id=resource.version.dataset_id,
        label=resource.name,
        version=resource.version.number,
    )
    return report


_UNTOUCHED_BY_TIME = ("resource", "profile", "personal", "expectations_sha256", "engine", "parts", "rules", "seconds")


@transaction.atomic
def judge_reports_again(*, actor: Actor, version: Version) -> Version:
    """Judge again what time changes of an open version's reports, and keep reports of it; the version as it is then.

    The earlier reports stay, and so do the profile and the search for personal data, which no time changes.
    """
    now = timezone.now()
    for resource in version.resources.select_related("report").select_for_update(of=("self",)):
        report = resource.report
        if report is None or resource.verdict == VerdictStatus.PENDING:
            continue
        again = judge_again(report.outcomes, version.dataset.update_frequency, now)
        if again is None:
            continue
        report = QualityReport.objects.create(
            verdict=VerdictStatus(again.verdict),
            score=again.score,
            counts=again.counts,
            outcomes=again.outcomes,
            **{name: getattr(report, name) for name in _UNTOUCHED_BY_TIME},
        )
        resource.report, resource.verdict = report, report.verdict
        resource.save(update_fields=["report", "verdict"])
        audit.record(
            actor=actor,
            action="report.judged_again",
            subject=report,
            dataset_id=version.dataset_id,
            label=f"{resource.name}: {report.verdict}",
            counts=again.counts,
        )
    summarize(version)
    return version


def show_stage(*, resource_id: int, stage: str) -> None:
    """Say how far a check has come ("profile", "validate"), for the page that waits for it."""
    Resource.objects.filter(pk=resource_id).update(check_stage=stage)
