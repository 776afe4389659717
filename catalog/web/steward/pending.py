"""What the steward's pages say of a decision: that it is recorded and may be undone, or what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import PendingDecision, Review, Version
from catalog.services.reviewing.reviews import ENDS

SOON = 300
"""Milliseconds after its time at which a page looks whether a decision is carried out."""
AGAIN = 3_000
"""Milliseconds until it looks again where it was not."""


@dataclass(frozen=True, slots=True)
class ShownPending:
    """A recorded decision. ``wait`` is in milliseconds: when the page is to look what became of it."""

    row: PendingDecision
    sentence: str
    wait: int


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a decision that the page showed before; ``tone`` is a note's."""

    review: Review
    sentence: str
    tone: str


def shown_pending(pending: PendingDecision) -> ShownPending:
    """The line of a decision that waits."""
    left = (pending.decide_after - timezone.now()).total_seconds()
    version = pending.review.version
    words = {
        "name": pending.decided_by.shown_name,
        "title": version.dataset.title,
        "number": version.number or "",
    }
    sentence = {
        "approve": _("Will be published in a moment by %(name)s: %(title)s %(number)s."),
        "request_changes": _("Will be sent back in a moment by %(name)s: %(title)s %(number)s."),
        "decline": _("Will be declined in a moment by %(name)s: %(title)s %(number)s."),
    }[pending.decision]
    return ShownPending(pending, sentence % words, int(left * 1000) + SOON if left > 0 else AGAIN)


def settled(review: Review) -> Settled:
    """The line in the place of the one that said that it would happen."""
    decision = next((decision for decision, state in ENDS.items() if state == review.state), None)
    if decision is None:
        words = {"title": review.version.dataset.title, "number": review.version.number or ""}
        return Settled(
            review,
            _("Not decided: %(title)s %(number)s. It waits for a decision again, or was taken back.") % words,
            "warn",
        )
    return Settled(review, said_of_decision(review.version, decision), "success")


def said_of_decision(version: Version, decision: str) -> str:
    """That the decision was carried out, in a sentence."""
    words = {"title": version.dataset.title, "number": version.number or ""}
    if decision == "approve":
        return _("Published: %(title)s %(number)s.") % words
    if decision == "decline":
        return _("Declined: %(title)s %(number)s.") % words
    return _("Sent back to its owner: %(title)s %(number)s.") % words
