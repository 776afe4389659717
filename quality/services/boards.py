"""Checks and comparisons on the operators' board of jobs."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.jobs.board import JobBoard, JobWords
from catalog.jobs.leases import MAX_TRIES
from catalog.models import Version
from quality.models import CheckRun, CheckRunState, Comparison, ComparisonState
from quality.services.checks import CHECKS
from quality.services.comparisons import COMPARISONS


def _name(version: Version) -> str:
    return version.number if version.sequence is not None and version.number else "draft"


def _tell_check(run: CheckRun) -> JobWords:
    table, version = run.resource, run.resource.version
    owner, slug = version.dataset.organization.slug, version.dataset.slug
    path = reverse("catalog:version_quality", args=[owner, slug, _name(version)])
    return JobWords(
        what=f"{table.name} {version.number or ''}".strip(),
        dataset=version.dataset,
        path=f"{path}?table={table.name}",
        problem=run.error,
        is_final=True,
    )


def _tell_comparison(row: Comparison) -> JobWords:
    version, base = row.version, row.base
    names = (_name(base), _name(version))
    owner, slug = version.dataset.organization.slug, version.dataset.slug
    return JobWords(
        what=" … ".join(names),
        dataset=version.dataset,
        path=reverse("catalog:compare", args=[owner, slug, *names]),
        problem=row.error,
        is_final=True,
    )


# A run that failed is put back by itself while it has tries left, and no matter at all once the table was checked anew.
_LATER = CheckRun.objects.filter(resource=OuterRef("resource"), pk__gt=OuterRef("pk"))
CHECK_BOARD = JobBoard(
    kind=CHECKS,
    title=_("Check"),
    failed=Q(~Exists(_LATER), state=CheckRunState.ERRORED, failures__gte=MAX_TRIES),
    related=("resource__version__dataset__organization",),
    tell=_tell_check,
    again=lambda: {"error": ""},
)


def _comparison_again() -> dict[str, Any]:
    return {"error": "", "since": timezone.now()}


COMPARISON_BOARD = JobBoard(
    kind=COMPARISONS,
    title=_("Comparison"),
    failed=Q(state=ComparisonState.ERRORED),
    related=("version__dataset__organization", "base"),
    tell=_tell_comparison,
    again=_comparison_again,
)
