"""The page on which a submitted version is decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.models import PendingDecision, Resource, Review, ReviewState, VerdictStatus, Version
from catalog.outcomes import ShownOutcome, read_outcomes
from catalog.permissions import Action, can
from catalog.personal.reading import Held
from catalog.selectors.reviews import get_review, pending_decisions, waiting_for
from catalog.services.publishing.versions import last_published, propose_number
from catalog.services.reviewing.conversation import add_remark, claim_review, release_review
from catalog.services.reviewing.failures import Failure, FailuresUndecided, failures_of
from catalog.services.reviewing.looking import look_at
from catalog.services.reviewing.pending import carry_out_due, record_decision
from catalog.services.reviewing.personal import PersonalDataUndecided, held_version
from catalog.services.reviewing.reviews import Decision, OwnSubmission
from catalog.web.dataset.head import Head
from catalog.web.forms.failures import FailuresForm, said_of_failures
from catalog.web.forms.personal import PersonalForm, said_of_kinds
from catalog.web.forms.review import DecisionForm, RemarkForm
from catalog.web.frame.refusals import page_for_users, put_into
from catalog.web.report.comparison import comparison_of
from catalog.web.report.failures import said_of_checks
from catalog.web.report.findings import shown_kinds
from catalog.web.report.personal import found_in, said_of
from catalog.web.steward.pending import said_of_decision, shown_pending
from catalog.web.table.columns import columns_of


@page_for_users
def review(request: HttpRequest, actor: Actor, review_id: int) -> HttpResponse:
    """One submitted version with all that a decision needs; POST decides."""
    found = get_review(actor=actor, review_id=review_id)
    if carry_out_due([found.pk]):
        found = get_review(actor=actor, review_id=review_id)
    if request.GET.get("part") == "looking":
        return render(request, "catalog/parts/looking.html", {"review": found, "others": _others(actor, found)})
    held, failed = held_version(found.version), failures_of(found.version)
    undone = _undone(actor, found)
    before = (
        {"decision": undone.decision, "reason": undone.reason} if undone else _proposed(found.version, held, failed)
    )
    form = DecisionForm(request.POST or None, initial=before)
    personal = PersonalForm(request.POST or None, held=held, initial=said_of_kinds(undone.personal) if undone else None)
    failures = FailuresForm(
        request.POST or None, failures=failed, initial=said_of_failures(failed, undone.failures) if undone else None
    )
    forms = (form, personal, failures)
    # Every form is asked, so that all problems are shown.
    valid = [item.is_valid() for item in forms]
    if request.method == "POST" and all(valid):
        decision = cast("Decision", form.cleaned_data["decision"])
        words: dict[str, Any] = {"personal": personal.calls(), "failures": failures.calls()}
        try:
            pending = record_decision(
                actor=actor, review=found, decision=decision, reason=form.cleaned_data["reason"], **words
            )
        except OwnSubmission as refusal:
            form.add_error(None, f"{refusal.sentence}. {refusal.remedy}")
        except PersonalDataUndecided as refusal:
            put_into(form, refusal)
            personal.mark(refusal)
        except FailuresUndecided as refusal:
            put_into(form, refusal)
            failures.mark(refusal)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            if pending is None:
                messages.success(request, said_of_decision(found.version, decision))
            return redirect("catalog:review_queue")
    context = _context(actor, found) | {"form": form, "personal_form": personal, "failures_form": failures}
    return render(request, "catalog/review.html", context, status=400 if any(item.errors for item in forms) else 200)


@require_POST
@page_for_users
def remark(request: HttpRequest, actor: Actor, review_id: int) -> HttpResponse:
    """Say something about the version; the page comes back with it, or with what was typed and why not."""
    found = get_review(actor=actor, review_id=review_id)
    form = RemarkForm(request.POST)
    if form.is_valid():
        try:
            add_remark(actor=actor, review=found, text=form.cleaned_data["text"])
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            return redirect(f"{reverse('catalog:review', args=[found.pk])}#conversation")
    held, failed = held_version(found.version), failures_of(found.version)
    context = _context(actor, found) | {
        "form": DecisionForm(),
        "personal_form": PersonalForm(held=held),
        "failures_form": FailuresForm(failures=failed),
        "remark_form": form,
    }
    return render(request, "catalog/review.html", context, status=400)


@require_POST
@page_for_users
def claim(request: HttpRequest, actor: Actor, review_id: int) -> HttpResponse:
    """Take a review, or give it back."""
    found = get_review(actor=actor, review_id=review_id)
    change = release_review if request.POST.get("release") else claim_review
    change(actor=actor, review=found)
    return redirect("catalog:review", review_id=found.pk)


def _proposed(version: Version, held: Sequence[Held], failed: Sequence[Failure]) -> dict[str, str]:
    """Publishing is chosen already where every check passed and nothing waits for a word; else nothing is."""
    is_clean = version.verdict == VerdictStatus.PASSED and not held and not failed
    return {"decision": "approve"} if is_clean else {}


def _undone(actor: Actor, review: Review) -> PendingDecision | None:
    """The actor's decision that was undone, or could not be carried out: what they typed is not lost."""
    undone = PendingDecision.objects.filter(review=review, undone_at__isnull=False, decided_by=actor.user_id)
    return undone.first() if review.state == ReviewState.OPEN else None


def _context(actor: Actor, found: Review) -> dict[str, Any]:
    version, dataset = found.version, found.version.dataset
    head = Head(actor=actor, dataset=dataset, version=version, tab="")
    tables = [_table(resource, head) for resource in head.resources]
    last = dataset.latest or last_published(dataset)
    older = last if last is not None and last.pk != version.pk else None
    is_open = found.state == ReviewState.OPEN
    queue = list(waiting_for(actor))
    pending = pending_decisions(actor).filter(review=found).first()
    return {
        "nav": "review",
        "review": found,
        "head": head,
        "tables": tables,
        "queue": queue,
        **_neighbours(found, queue),
        "others": _others(actor, found) if is_open else [],
        "changes": comparison_of(actor=actor, older=older, newer=version, tables=head.resources) if older else None,
        "proposal": propose_number(version) if is_open else None,
        "is_open": is_open,
        "pending": None if pending is None else shown_pending(pending),
        "personal": found_in(head.resources, with_values=head.is_served),
        "personal_said": said_of(found.personal),
        "checks_said": said_of_checks(version, found.failures),
        "remarks": found.remarks.select_related("author"),
        "remark_form": RemarkForm(),
        "is_mine": found.claimed_by_id is not None and found.claimed_by_id == actor.user_id,
        "is_own": actor.user_id == found.opened_by_id,
        "may_decide": can(actor, Action.REVIEW, dataset),
    }


def _others(actor: Actor, review: Review) -> list[str]:
    """Who else has it open. Makers look too; only those who may decide are told of each other."""
    if not can(actor, Action.REVIEW, review.version.dataset) or actor.user_id == review.opened_by_id:
        return []
    return look_at(review, actor=actor)


def _neighbours(review: Review, queue: list[Review]) -> dict[str, Review | None]:
    """The reviews before and after this one in the queue, for the keys K and J; from outside of it, its first."""
    places = [item.pk for item in queue]
    if review.pk not in places:
        return {"before": None, "after": queue[0] if queue else None}
    at = places.index(review.pk)
    return {"before": queue[at - 1] if at else None, "after": queue[at + 1] if at + 1 < len(queue) else None}


def _table(resource: Resource, head: Head) -> dict[str, Any]:
    """A table of the version: only the checks that need somebody's eye, the others as a number."""
    with_values = head.is_served
    stored = resource.report.outcomes if resource.report else []
    outcomes: tuple[ShownOutcome, ...] = read_outcomes(stored, with_values=with_values)
    return {
        "resource": resource,
        "report_url": f"{head.api}/resources/{resource.name}/report",
        "problems": [outcome for outcome in outcomes if outcome.mark != "passed"],
        "passed": sum(outcome.mark == "passed" for outcome in outcomes),
        "findings": shown_kinds(resource.findings, with_values=with_values),
        "columns": columns_of(resource, with_values=with_values),
    }
