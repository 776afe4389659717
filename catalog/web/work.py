"""What one is working on: drafts, what waits for review, what came back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.actor import Actor
from catalog.models import Dataset, Membership, Role, VersionState
from catalog.selectors.access_requests import own_requests, waiting_requests
from catalog.selectors.grants import ends_soon, held_grants
from catalog.selectors.work import open_versions
from catalog.web.refusals import page_for_users

REQUESTS_SHOWN = 50


@page_for_users
def work(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Open versions of the datasets that one may change, by what they wait for."""
    versions = open_versions(actor)
    context = {
        "nav": "work",
        "drafts": [version for version in versions if version.state == VersionState.DRAFT],
        "in_review": [version for version in versions if version.state != VersionState.DRAFT],
        "empty_datasets": Dataset.objects.working(actor)
        .filter(versions__isnull=True)
        .select_related("organization")
        .order_by("-created")[:50],
        "own_requests": own_requests(actor),
        "waiting_requests": waiting_requests(actor)[:REQUESTS_SHOWN],
        "held": [(grant, ends_soon(grant)) for grant in held_grants(actor)[:REQUESTS_SHOWN]],
        "memberships": Membership.objects.filter(user=actor.user)
        .select_related("organization")
        .order_by("organization__title"),
        "may_share": Membership.objects.filter(user=actor.user, role__in=Role.at_least(Role.CONTRIBUTOR)).exists(),
    }
    return render(request, "catalog/work.html", context)
