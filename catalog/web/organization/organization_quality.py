"""An organization's tab "Quality": the mean score over time, and which datasets need somebody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format

from catalog.actor import Actor
from catalog.selectors.datasets import get_organization, visible_datasets
from catalog.selectors.organization_quality import quality_by_month, quality_now
from catalog.templatetags.pictures import TrendPoint
from catalog.web.frame.refusals import page
from catalog.web.organization.organization_tabs import tabs_of

DATASETS_SHOWN = 500


@page
def quality(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """What is published and visible to the reader."""
    found = get_organization(slug=owner)
    published = visible_datasets(actor).filter(organization=found, latest__isnull=False)
    datasets = list(published.order_by("-modified")[:DATASETS_SHOWN])
    now = quality_now(datasets)
    scores = [item.score for item in now if item.score is not None]
    months = quality_by_month(datasets)
    context = {
        **tabs_of(actor, found),
        "datasets": now,
        "overdue": sum(item.is_overdue for item in now),
        "mean": sum(scores) / len(scores) if scores else None,
        "months": months,
        "trend": [
            TrendPoint(
                date_format(timezone.localtime(month.end), "M"),
                month.passed,
                month.warnings,
                month.failed,
                is_current=month is months[-1],
                score=month.score,
            )
            for month in months
        ],
    }
    return render(request, "catalog/organization_quality.html", context)
