"""What one is working on and waits for: drafts, uploads, reviews, requests, what one was given and follows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.actor import Actor
from catalog.jobs.unfinished import unfinished_uploads
from catalog.models import Dataset, Membership, Role, VersionState
from catalog.selectors.access_requests import own_requests, waiting_requests
from catalog.selectors.following import followed_by
from catalog.selectors.grants import ends_soon, held_grants
from catalog.selectors.work import open_versions
from catalog.web.account.own_settings import is_advised
from catalog.web.dataset.drafts import row_of_draft, row_of_empty
from catalog.web.frame.refusals import page_for_users

SHOWN = 50
"""Rows of each group."""


@page_for_users
def work(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Each group with one thing to do a row; groups that have nothing in them say so, or are left out."""
    versions = open_versions(actor)
    empty = Dataset.objects.working(actor).filter(versions__isnull=True).select_related("organization")
    drafts = [row_of_draft(version) for version in versions if version.state == VersionState.DRAFT]
    drafts += [row_of_empty(dataset) for dataset in empty.order_by("-created")[:SHOWN]]
    memberships = Membership.objects.filter(user=actor.user)
    context = {
        "nav": "work",
        "drafts": sorted(drafts, key=lambda row: row.saved, reverse=True),
        "uploads": unfinished_uploads(actor)[:SHOWN],
        "in_review": [version for version in versions if version.state != VersionState.DRAFT],
        "own_requests": own_requests(actor),
        "waiting_requests": waiting_requests(actor)[:SHOWN],
        "held": [(grant, ends_soon(grant)) for grant in held_grants(actor)[:SHOWN]],
        "follows": followed_by(actor)[:SHOWN],
        "memberships": memberships.select_related("organization").order_by("organization__title"),
        "may_share": memberships.filter(role__in=Role.at_least(Role.CONTRIBUTOR)).exists(),
        "is_advised": actor.user is not None and is_advised(actor.user),
    }
    return render(request, "catalog/work.html", context)
