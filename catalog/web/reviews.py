"""The steward's queue and the page on which a submitted version is decided."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.models import Resource, Review, ReviewState
from catalog.outcomes import ShownOutcome, read_outcomes
from catalog.permissions import Action, can
from catalog.selectors.reviews import get_review, visible_reviews, waiting_for
from catalog.services.reviews import Decision, OwnSubmission, decide_review
from catalog.services.versions import last_published, propose_number
from catalog.web.columns import columns_of
from catalog.web.differences import compare, compare_rows
from catalog.web.findings import shown_kinds
from catalog.web.forms.review import DecisionForm
from catalog.web.head import Head
from catalog.web.refusals import page_for_users, put_into

DONE_SHOWN = 20


@page_for_users
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What waits for this steward, what they sent themselves, and the last decisions."""
    waiting = list(waiting_for(actor))
    others = visible_reviews(actor, state=ReviewState.OPEN).exclude(pk__in=[item.pk for item in waiting])
    done = visible_reviews(actor).exclude(state=ReviewState.OPEN)[:DONE_SHOWN]
    context = {"nav": "review", "waiting": waiting, "others": others, "done": done, "actor": actor}
    return render(request, "catalog/review_queue.html", context)


@page_for_users
def review(request: HttpRequest, actor: Actor, review_id: int) -> HttpResponse:
    """One submitted version with all that a decision needs; POST decides."""
    found = get_review(actor=actor, review_id=review_id)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        decision = cast("Decision", form.cleaned_data["decision"])
        try:
            decide_review(actor=actor, review=found, decision=decision, reason=form.cleaned_data["reason"])
        except OwnSubmission as refusal:
            form.add_error(None, f"{refusal.sentence}. {refusal.remedy}")
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _said(found, decision))
            return redirect("catalog:review_queue")
    context = _context(actor, found) | {"form": form}
    return render(request, "catalog/review.html", context, status=400 if form.errors else 200)


def _said(review: Review, decision: Decision) -> str:
    words = {"title": review.version.dataset.title, "number": review.version.number or ""}
    if decision == "approve":
        return _("Published: %(title)s %(number)s.") % words
    return _("Sent back to its owner: %(title)s %(number)s.") % words


def _context(actor: Actor, found: Review) -> dict[str, Any]:
    version, dataset = found.version, found.version.dataset
    head = Head(actor=actor, dataset=dataset, version=version, tab="")
    tables = [_table(resource, with_values=head.may.download) for resource in head.resources]
    previous = last_published(dataset)
    is_later = previous is not None and previous.pk != version.pk
    old = list(previous.resources.prefetch_related("parts", "sources")) if previous is not None and is_later else []
    is_open = found.state == ReviewState.OPEN
    return {
        "nav": "review",
        "review": found,
        "head": head,
        "tables": tables,
        "queue": list(waiting_for(actor)),
        "previous": previous if old else None,
        "differences": [*compare(old, head.resources), *compare_rows(old, head.resources)] if old else [],
        "proposal": propose_number(version) if is_open else None,
        "is_open": is_open,
        "is_own": actor.user_id == found.opened_by_id,
        "may_decide": can(actor, Action.REVIEW, dataset),
    }


def _table(resource: Resource, *, with_values: bool) -> dict[str, Any]:
    """A table of the version: only the checks that need somebody's eye, the others as a number."""
    stored = resource.report.outcomes if resource.report else []
    outcomes: tuple[ShownOutcome, ...] = read_outcomes(stored, with_values=with_values)
    return {
        "resource": resource,
        "problems": [outcome for outcome in outcomes if outcome.mark != "passed"],
        "passed": sum(outcome.mark == "passed" for outcome in outcomes),
        "findings": shown_kinds(resource.findings, with_values=with_values),
        "columns": columns_of(resource, with_values=with_values),
    }
