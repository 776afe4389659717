"""The steward's queue, and the seconds in which a decision may be undone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.models import ReviewState
from catalog.selectors.reviews import get_review, pending_decisions, visible_reviews, waiting_for
from catalog.services.reviewing.pending import UndoTooLate, carry_out_due, undo_decision
from catalog.web.frame.refusals import page_for_users
from catalog.web.steward.pending import settled, shown_pending

DONE_SHOWN = 20
BAR_LINES = 20
"""Decisions at most of which the bar says what became of them."""


@page_for_users
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What this steward has taken, what waits for them, what waits for others, and the last decisions.

    The bar on top has the decisions that may still be undone; with ``?was=`` also what became of those that it had.
    """
    carry_out_due(pending_decisions(actor).values_list("review", flat=True))
    bar = _bar(request, actor)
    waiting = list(waiting_for(actor))
    left_out = [item.pk for item in waiting] + [item.row.review_id for item in bar["pending"]]
    done = visible_reviews(actor).exclude(state=ReviewState.OPEN)
    context = {
        "nav": "review",
        "mine": [item for item in waiting if item.claimed_by_id == actor.user_id],
        "waiting": [item for item in waiting if item.claimed_by_id != actor.user_id],
        "others": visible_reviews(actor, state=ReviewState.OPEN).exclude(pk__in=left_out),
        "done": done[:DONE_SHOWN],
        "last_decided": done.filter(decided_at__isnull=False).order_by("-decided_at").first(),
        "actor": actor,
        **bar,
    }
    return render(request, "catalog/review_queue.html", context)


@require_POST
@page_for_users
def undo(request: HttpRequest, actor: Actor, review_id: int) -> HttpResponse:
    """Take a decision back that is not carried out yet; the review comes back with what was typed."""
    found = get_review(actor=actor, review_id=review_id)
    try:
        undo_decision(actor=actor, review=found)
    except UndoTooLate as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("Undone. Nobody was told, and nothing was published."))
    return redirect("catalog:review", review_id=found.pk)


def _bar(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """``pending`` lines, ``settled`` ones, ``was`` as the bar asks for them again, and ``wait`` until then."""
    shown = [shown_pending(item) for item in pending_decisions(actor)]
    waiting = {item.row.review_id for item in shown}
    asked = {int(number) for number in request.GET.getlist("was")[:BAR_LINES] if number.isascii() and number.isdigit()}
    asked = {number for number in asked if number < 2**63} - waiting
    over = [settled(review) for review in visible_reviews(actor).filter(pk__in=asked)]
    return {
        "pending": shown,
        "settled": over,
        "was": "&".join(f"was={number}" for number in sorted(asked | waiting)),
        "wait": min((item.wait for item in shown), default=None),
    }
