"""Steps 3 and 4: what the checks say, and handing the version over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.models import Resource, ReviewPolicy, ReviewState, VerdictStatus, Version, VersionState
from catalog.outcomes import ShownOutcome, read_outcomes
from catalog.selectors.datasets import list_versions
from catalog.selectors.reviews import stewards_of, usual_days
from catalog.services.publishing.resources import request_check
from catalog.services.publishing.versions import is_published_directly, propose_number, submit_version
from catalog.services.reviewing.conversation import add_remark
from catalog.services.reviewing.personal import held_version
from catalog.web.frame.refusals import page_for_users, put_into
from catalog.web.report.number_words import change_words, reason_words
from ingest.web.draft import Draft, moved_on, open_draft_of
from ingest.web.forms import SubmitForm
from ingest.web.steps import CHECK, SENT, SUBMIT, is_untouched, steps

_PROBLEMS = {"failed", "errored", "warning"}
PROBLEMS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """A table of the draft with the problems that its checks found, the first few."""

    resource: Resource
    problems: tuple[ShownOutcome, ...]

    @property
    def shown(self) -> tuple[ShownOutcome, ...]:
        return self.problems[:PROBLEMS_SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.problems) - PROBLEMS_SHOWN)


@page_for_users
def check(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """What the checks found, table by table; asks again by itself while they run."""
    draft = open_draft_of(actor, owner, dataset)
    if request.method == "POST":
        return _check_again(actor, draft)
    if gone := moved_on(request, draft):
        return gone
    tables = [_checked(resource) for resource in draft.tables]
    digest = _digest(draft.tables)
    is_fragment = "HX-Request" in request.headers
    if is_fragment and request.GET.get("seen") == digest:
        return HttpResponse(status=204)
    context = {
        "nav": "share",
        "steps": steps(draft, CHECK),
        "draft": draft,
        "tables": tables,
        "digest": digest,
        "untouched": is_untouched(draft, draft.tables),
        "columns": sum(table.resource.columns for table in tables),
    }
    return render(request, "ingest/parts/checks.html" if is_fragment else "ingest/check.html", context)


def _digest(tables: list[Resource]) -> str:
    """Of all that changes while checks run: while it is the same, there is nothing to draw anew."""
    shown = [(table.pk, table.verdict, table.check_stage) for table in tables]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _check_again(actor: Actor, draft: Draft) -> HttpResponse:
    """Have tables checked again that could not be checked."""
    for table in draft.tables:
        if table.verdict == VerdictStatus.ERRORED:
            request_check(actor=actor, resource=table)
    return redirect("ingest:check", owner=draft.dataset.organization.slug, dataset=draft.dataset.slug)


def _checked(resource: Resource) -> CheckedTable:
    outcomes = read_outcomes(resource.report.outcomes, with_values=True) if resource.report else ()
    return CheckedTable(resource, tuple(item for item in outcomes if item.mark in _PROBLEMS))


@page_for_users
def submit(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The note, the number and why, and what will happen."""
    draft = open_draft_of(actor, owner, dataset)
    if gone := moved_on(request, draft):
        return gone
    version = draft.version
    if version is None:
        return redirect("ingest:share_dataset", owner=owner, dataset=dataset)
    proposal = propose_number(version)
    is_direct = is_published_directly(version, held_version(version))
    initial = {"note": version.note, "number": proposal.number}
    form = SubmitForm(request.POST or None, initial=initial, is_read=not is_direct)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            _submit(actor, version, data)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            return redirect("ingest:submitted", owner=owner, dataset=dataset)
    context = {
        "nav": "share",
        "steps": steps(draft, SUBMIT),
        "draft": draft,
        "tables": draft.tables,
        "form": form,
        "proposal": proposal,
        "reasons": reason_words(proposal),
        "change": change_words(proposal.change),
        "is_direct": is_direct,
        "policy_is_direct": _policy_is_direct(version),
        "held": held_version(version),
        "stewards": _other_stewards(actor, version),
        "usual_days": usual_days(version.dataset.organization),
        "lacks_license": not version.dataset.license,
    }
    return render(request, "ingest/submit.html", context, status=400 if form.errors else 200)


@transaction.atomic
def _submit(actor: Actor, version: Version, data: Mapping[str, Any]) -> None:
    """Hand the version over, with the words to the steward as the first of the review's conversation."""
    declared = data["may_share"] and data["persons_declared"]
    sent = submit_version(
        actor=actor, version=version, note=data["note"], number=data["number"].strip(), declared=declared
    )
    review = sent.reviews.filter(state=ReviewState.OPEN).first()
    if review is not None and (message := data.get("message", "").strip()):
        add_remark(actor=actor, review=review, text=message)


@page_for_users
def submitted(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """What became of the version that was handed over last."""
    draft = open_draft_of(actor, owner, dataset)
    version = draft.version or list_versions(actor=actor, dataset=draft.dataset).first()
    if version is None or version.state == VersionState.DRAFT:
        return redirect("ingest:share_dataset", owner=owner, dataset=dataset)
    context = {
        "nav": "share",
        "steps": steps(draft, SENT),
        "draft": draft,
        "version": version,
        "stewards": _other_stewards(actor, version),
        "usual_days": usual_days(version.dataset.organization),
    }
    return render(request, "ingest/submitted.html", context)


def _policy_is_direct(version: Version) -> bool:
    return version.dataset.organization.review_policy == ReviewPolicy.DIRECT_WHEN_PASSED


def _other_stewards(actor: Actor, version: Version) -> list[str]:
    """The names of those who could decide: nobody approves what they submitted."""
    maker = version.submitted_by or actor.user
    return [person.shown_name for person in stewards_of(version.dataset) if person != maker]
