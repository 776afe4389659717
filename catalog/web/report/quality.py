"""The quality report of one table of a version: verdict, checks, findings of ingest, profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.actor import Actor
from catalog.models import QualityReport
from catalog.outcomes import ShownOutcome, read_outcomes
from catalog.selectors.quality import HISTORY, later_look, quality_of
from catalog.templatetags.pictures import TrendPoint
from catalog.web.dataset.head import Head, open_head
from catalog.web.frame.refusals import page
from catalog.web.report.failures import accepted_checks
from catalog.web.report.findings import ShownKind, shown_kinds
from catalog.web.report.personal import accepted_for, found_in
from catalog.web.report.scorecard import shown_score
from catalog.web.report.version_report import card_of
from catalog.web.table.relations import Relations, relations_of

PROFILE_COLUMNS = 200
"""A table of more columns shows these; the schema tab pages through all."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a page says of one table's quality."""

    problems: tuple[ShownOutcome, ...]
    passed: tuple[ShownOutcome, ...]
    findings: tuple[ShownKind, ...]
    missing_share: float | None
    duplicate_rows: int | None
    is_estimate: bool

    @property
    def checks(self) -> int:
        """How many checks there were."""
        return len(self.problems) + len(self.passed)


@page
def quality(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str = "") -> HttpResponse:
    """The report of the chosen table; cell values only where the reader may have the bytes."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="quality")
    later = later_look(head.resource) if head.resource is not None else None
    context: dict[str, Any] = {
        "nav": "datasets",
        "head": head,
        "report": report_of(head),
        "report_url": f"{head.api}/resources/{head.resource.name}/report" if head.resource is not None else "",
        "personal": [] if head.resource is None else found_in([head.resource], with_values=head.is_served, later=later),
        "later": later,
        "personal_said": accepted_for(head.version),
        "profiled": head.columns[:PROFILE_COLUMNS],
        "more_columns": max(0, len(head.columns) - PROFILE_COLUMNS),
        "trend": _trend(head),
        "score": shown_score(card_of(head.version, head), head) if head.version else None,
        "checks_said": [word for word in accepted_checks(head.version) if word.table == _shown_table(head)],
        "relations": _relations(head, later),
    }
    return render(request, "catalog/quality.html", context)


def _relations(head: Head, later: QualityReport | None) -> Relations | None:
    if head.resource is None:
        return None
    profile = later.profile if later is not None else head.resource.profile
    return relations_of(profile, with_values=head.is_served)


def report_of(head: Head) -> Report | None:
    """The chosen table's report in words; None where there is no table."""
    resource = head.resource
    if resource is None:
        return None
    stored = resource.report.outcomes if resource.report else []
    profile = resource.profile
    cells = [(column.get("count", 0), column.get("nulls", 0)) for column in profile.get("columns", [])]
    total = sum(count + nulls for count, nulls in cells)
    outcomes = read_outcomes(stored, with_values=head.is_served)
    return Report(
        problems=tuple(outcome for outcome in outcomes if outcome.mark != "passed"),
        passed=tuple(outcome for outcome in outcomes if outcome.mark == "passed"),
        findings=shown_kinds(resource.findings, with_values=head.is_served),
        missing_share=sum(nulls for _count, nulls in cells) / total if total else None,
        duplicate_rows=profile.get("duplicate_rows"),
        is_estimate=bool(profile.get("approximate")),
    )


def _shown_table(head: Head) -> str:
    return head.resource.name if head.resource else ""


def _trend(head: Head) -> list[TrendPoint]:
    """The checks of the last published versions and of the one shown, oldest first."""
    known = [version for version in head.versions if version.sequence is not None or version == head.version]
    points = []
    for quality in quality_of(reversed(known[:HISTORY])):
        version, counts = quality.version, quality.counts
        points.append(
            TrendPoint(
                version.number or version.get_state_display(),
                counts["passed"],
                counts["warnings"],
                counts["failed"] + counts["errored"],
                is_current=head.version is not None and version.pk == head.version.pk,
                score=quality.score,
            )
        )
    return points if len(points) > 1 else []
