"""The report of a whole version on one page that prints well, and the badge that links to it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Resource, VerdictStatus, Version
from catalog.outcomes import ShownOutcome, read_outcomes
from catalog.reporting.badge import Badge, Colour
from catalog.reporting.scorecard import Scorecard, scorecard
from catalog.selectors.decisions import approving_review
from catalog.transport.etags import is_known
from catalog.web.dataset.head import Head, open_head
from catalog.web.frame.refusals import page
from catalog.web.report.failures import accepted_checks
from catalog.web.report.findings import ShownKind, shown_kinds
from catalog.web.report.personal import accepted_for, found_in
from catalog.web.report.scorecard import shown_score
from catalog.web.table.columns import Column, columns_of
from catalog.web.table.relations import Relations, relations_of

_COLOURS: dict[str, Colour] = {
    VerdictStatus.PASSED: "ok",
    VerdictStatus.WARNINGS: "warn",
    VerdictStatus.FAILED: "bad",
    VerdictStatus.ERRORED: "bad",
}


@dataclass(frozen=True, slots=True)
class ReportedTable:
    """All that is said of one table."""

    resource: Resource
    outcomes: tuple[ShownOutcome, ...]
    findings: tuple[ShownKind, ...]
    columns: tuple[Column, ...]
    relations: Relations
    report_url: str


@page
def report(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str = "") -> HttpResponse:
    """Decision, to-do list, and each table's checks, findings and profile; values only with the right to the bytes."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="quality")
    if head.version is None:
        raise NotFound(_("Nothing was uploaded yet, so there is no report."))
    only_problems = request.GET.get("only") == "problems"
    context = {
        "nav": "datasets",
        "head": head,
        "only_problems": only_problems,
        "tables": [_reported(resource, head, only_problems=only_problems) for resource in head.resources],
        "score": shown_score(card_of(head.version, head), head),
        "review": approving_review(head.version),
        "checks_said": accepted_checks(head.version),
        "personal": found_in(head.resources, with_values=head.is_served),
        "personal_said": accepted_for(head.version),
    }
    return render(request, "catalog/report.html", context)


@page
def badge(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The latest version's checks as a picture; ``?show=score`` or ``?show=version`` for the others."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version="", tab="quality")
    if head.version is None or not head.is_latest:
        raise NotFound(_("Nothing is published yet, so there is no badge."))
    svg = _badge(request.GET.get("show", ""), head.version, head).to_svg().encode()
    etag = f'"{hashlib.sha256(svg).hexdigest()[:32]}"'
    if is_known(request.headers.get("If-None-Match", ""), etag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(svg, content_type="image/svg+xml")
    response["ETag"] = etag
    # A page that shows it may keep it for some minutes; whoever may not see the dataset gets 404.
    response["Cache-Control"] = "private, max-age=300"
    return response


def card_of(version: Version, head: Head) -> Scorecard:
    """The to-do list of the version that a page shows."""
    return scorecard(dataset=head.dataset, version=version, tables=head.resources, now=timezone.now())


def _badge(show: str, version: Version, head: Head) -> Badge:
    if show == "score":
        score = card_of(version, head).score
        return Badge(_("score"), f"{score} / 100", "ok" if score >= 80 else "warn" if score >= 50 else "plain")
    if show == "version":
        return Badge(_("version"), version.number or "", "plain")
    reports = [resource.report for resource in head.resources if resource.report is not None]
    passed = sum(report.counts.get("passed", 0) for report in reports)
    asked = sum(sum(report.counts.values()) for report in reports)
    words = f"{passed} / {asked}" if asked else version.get_verdict_display()
    return Badge(_("checks"), words, _COLOURS.get(version.verdict, "plain"))


def _reported(resource: Resource, head: Head, *, only_problems: bool) -> ReportedTable:
    with_values = head.is_served
    stored = resource.report.outcomes if resource.report else ()
    outcomes = read_outcomes(stored, with_values=with_values)
    return ReportedTable(
        resource,
        tuple(outcome for outcome in outcomes if outcome.mark != "passed") if only_problems else outcomes,
        shown_kinds(resource.findings, with_values=with_values),
        columns_of(resource, with_values=with_values),
        relations_of(resource.profile, with_values=with_values),
        f"{head.api}/resources/{resource.name}/report",
    )
