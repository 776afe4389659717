"""The administration's first page: whether all is well, and where to look."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.actor import Actor
from catalog.health import readiness
from catalog.jobs.board import JobState, boards
from catalog.models import Agreement, Dataset, Organization, User
from catalog.selectors.audit import last_check
from catalog.web.administration.staff import page_for_staff


@page_for_staff
def administration(request: HttpRequest, _actor: Actor) -> HttpResponse:
    """The servers' state, how much waits, and the pages for more."""
    context = {
        "nav": "administration",
        "servers": list(readiness().items()),
        "failed": sum(board.found(JobState.FAILED).count() for board in boards()),
        "waiting": sum(board.found(JobState.WAITING).count() for board in boards()),
        "running": sum(board.found(JobState.RUNNING).count() for board in boards()),
        "users": User.objects.filter(is_active=True).count(),
        "organizations": Organization.objects.count(),
        "agreements": Dataset.objects.filter(pk__in=Agreement.objects.values("dataset")).count(),
        "check": last_check(),
    }
    return render(request, "catalog/administration.html", context)
