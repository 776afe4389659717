"""Steps 2 and 3: what the checks say, and handing the version over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.models import Membership, Resource, ReviewPolicy, VerdictStatus, Version, VersionState
from catalog.numbering import Proposal
from catalog.outcomes import ShownOutcome, read_outcomes
from catalog.selectors.datasets import list_versions
from catalog.services.personal import held_version
from catalog.services.resources import request_check
from catalog.services.versions import is_published_directly, propose_number, submit_version
from catalog.web.refusals import page_for_users, put_into
from ingest.web.draft import Draft, moved_on, open_draft_of
from ingest.web.forms import SubmitForm

_PROBLEMS = {"failed", "errored", "warning"}
PROBLEMS_SHOWN = 8
_REASONS: Mapping[str, Promise | str] = {
    "table-removed": _("The table %(what)s is gone."),
    "table-added": _("The table %(what)s is new."),
    "column-removed": _("The column %(what)s is gone."),
    "column-retyped": _("The column %(what)s has another type."),
    "key-changed": _("The key of %(what)s is another one."),
    "column-added": _("The column %(what)s is new."),
    "rows-added": _("Rows were added to %(what)s."),
    "data-changed": _("The data of %(what)s are others."),
}
_CHANGES: Mapping[str, Promise | str] = {
    "major": _("what others built on it may break"),
    "minor": _("data were added or changed"),
    "patch": _("only the description changed"),
}


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
    context = {"nav": "share", "step": 2, "draft": draft, "tables": tables, "digest": digest}
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
    form = SubmitForm(request.POST or None, initial={"note": version.note, "number": proposal.number})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            submit_version(actor=actor, version=version, note=data["note"], number=data["number"].strip())
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            return redirect("ingest:submitted", owner=owner, dataset=dataset)
    context = {
        "nav": "share",
        "step": 3,
        "draft": draft,
        "tables": draft.tables,
        "form": form,
        "proposal": proposal,
        "reasons": _reasons(proposal),
        "change": _CHANGES[proposal.change],
        "is_direct": is_published_directly(version, held_version(version)),
        "policy_is_direct": _policy_is_direct(version),
        "held": held_version(version),
        "stewards": _other_stewards(actor, version),
    }
    return render(request, "ingest/submit.html", context, status=400 if form.errors else 200)


@page_for_users
def submitted(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """What became of the version that was handed over last."""
    draft = open_draft_of(actor, owner, dataset)
    version = draft.version or list_versions(actor=actor, dataset=draft.dataset).first()
    if version is None or version.state == VersionState.DRAFT:
        return redirect("ingest:share_dataset", owner=owner, dataset=dataset)
    context = {
        "nav": "share",
        "step": 4,
        "draft": draft,
        "version": version,
        "stewards": _other_stewards(actor, version),
    }
    return render(request, "ingest/submitted.html", context)


def _policy_is_direct(version: Version) -> bool:
    return version.dataset.organization.review_policy == ReviewPolicy.DIRECT_WHEN_PASSED


def _other_stewards(actor: Actor, version: Version) -> int:
    """How many could decide: nobody approves what they submitted."""
    stewards = Membership.objects.filter(organization=version.dataset.organization, is_steward=True)
    return stewards.exclude(user=version.submitted_by or actor.user).count()


def _reasons(proposal: Proposal) -> list[str]:
    return [str(_REASONS[code]) % {"what": what} for code, what in proposal.reasons if code in _REASONS]
