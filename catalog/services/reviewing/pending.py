"""A decision by page waits some seconds in which it may be undone, and is carried out then, exactly once.

Who carries it out is whoever comes first: the page that is open, anybody who opens the queue, the review or the
version, the worker that was sent a message, the sweep. The review's row is the lock of them all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import CatalogError, Conflict, Forbidden, Unavailable
from catalog.events import DecisionRecorded, raise_event
from catalog.models import NoticeKind, PendingDecision, Review, ReviewState
from catalog.permissions import Action, require, require_user
from catalog.personal.kinds import PersonalKind
from catalog.services.notifying.notices import tell
from catalog.services.reviewing.failures import FailureCall
from catalog.services.reviewing.personal import PersonalCall
from catalog.services.reviewing.reviews import Decision, OwnSubmission, check_decision, decide_review, lock_seen

logger = logging.getLogger(__name__)


class DecisionPending(Conflict):
    code = "decision-pending"
    title = gettext_lazy("A decision on this version is about to be carried out")


class UndoTooLate(Conflict):
    code = "undo-too-late"
    title = gettext_lazy("It is too late to undo this decision")


class DescriptionChanged(Conflict):
    """What the steward read is not what would be published."""

    code = "description-changed"
    title = gettext_lazy("The dataset was changed while the decision waited")


@transaction.atomic
def record_decision(
    *,
    actor: Actor,
    review: Review,
    decision: Decision,
    reason: str = "",
    personal: Sequence[PersonalCall] = (),
    failures: Sequence[FailureCall] = (),
) -> PendingDecision | None:
    """Decide, but for DECISION_GRACE seconds in which it may be undone; None where there are none, and it is done.

    Whatever ``decide_review`` refuses is refused now. Said twice, it is recorded once. Raises what that does, and
    DecisionPending where another decision is recorded already.
    """
    if not settings.DECISION_GRACE:
        decide_review(
            actor=actor, review=review, decision=decision, reason=reason, personal=personal, failures=failures
        )
        return None
    user = require_user(actor, scope="review")
    review = check_decision(
        actor=actor, review=review, decision=decision, reason=reason, personal=personal, failures=failures
    ).review
    before = PendingDecision.objects.waiting().filter(review=review).first()
    if before is not None and (before.decided_by_id, before.decision) == (user.pk, decision):
        return before
    if before is not None:
        raise DecisionPending(remedy=_("Undo it first, or wait until it is carried out."))
    now = timezone.now()
    words = {
        "decided_by": user,
        "address": actor.address,
        "decision": decision,
        "reason": reason.strip(),
        "personal": [{**asdict(call), "kind": call.kind.value} for call in personal],
        "failures": [asdict(call) for call in failures],
        "seen": review.version.dataset.modified,
        "recorded_at": now,
        "decide_after": now + timedelta(seconds=settings.DECISION_GRACE),
        "undone_at": None,
    }
    pending, _made = PendingDecision.objects.update_or_create(review=review, defaults=words)
    _note(actor, review, "review.decision_recorded", decision=decision)
    raise_event(DecisionRecorded(review_id=review.pk, seconds=settings.DECISION_GRACE))
    return pending


@transaction.atomic
def undo_decision(*, actor: Actor, review: Review) -> PendingDecision:
    """Take a recorded decision back: the review stays open, and what was typed is kept. Undone twice is undone.

    Any steward who may decide may undo. Raises NotFound, Forbidden, OwnSubmission, UndoTooLate.
    """
    review = lock_seen(actor, review)
    require(actor, Action.REVIEW, review.version.dataset)
    if actor.user_id == review.opened_by_id:
        raise OwnSubmission(remedy=_("Another steward of the organization decides."))
    pending = PendingDecision.objects.filter(review=review).first()
    if pending is None or review.state != ReviewState.OPEN:
        raise UndoTooLate(remedy=_("What was published can be withdrawn, and what was sent back can be sent again."))
    if pending.undone_at is None:
        _put_aside(pending)
        _note(actor, review, "review.decision_undone", decision=pending.decision)
    return pending


def carry_out(review_id: int) -> bool:
    """Carry out the decision on this review if there is one and its time has come; whether that was done.

    If it can't be any more (the dataset was changed, somebody was quicker, the steward is none any more), the review
    stays as it is, and the steward is told why. Raises Unavailable, when it is tried again later.
    """
    with transaction.atomic():
        review = Review.objects.select_for_update(of=("self",)).filter(pk=review_id).first()
        pending = PendingDecision.objects.due().filter(review=review_id).select_related("decided_by").first()
        if review is None or pending is None:
            return False
        actor = Actor(pending.decided_by, address=pending.address)
        try:
            with transaction.atomic():
                _decide(actor, review, pending)
        except Unavailable:
            raise
        except CatalogError as refusal:
            _drop(actor, review, pending, refusal)
            return False
        pending.delete()
        return True


def carry_out_due(review_ids: Iterable[int] | None = None) -> int:
    """Carry out what is due, of these reviews or of all; how many were. One that fails is found again."""
    due = PendingDecision.objects.due().order_by("decide_after")
    if review_ids is not None:
        due = due.filter(review__in=list(review_ids))
    done = 0
    for review_id in due.values_list("review_id", flat=True):
        try:
            done += carry_out(review_id)
        except Exception:
            logger.exception("the decision on review %s could not be carried out; it is tried again", review_id)
    return done


def calls_of(pending: PendingDecision) -> dict[str, Any]:
    """The words of the decision as the services take them."""
    return {
        "personal": [
            PersonalCall(PersonalKind(said["kind"]), said["decision"], said["note"]) for said in pending.personal
        ],
        "failures": [FailureCall(**said) for said in pending.failures],
    }


def _decide(actor: Actor, review: Review, pending: PendingDecision) -> None:
    if not pending.decided_by.is_active:
        raise Forbidden
    if pending.decision == "approve" and review.version.dataset.modified != pending.seen:
        raise DescriptionChanged
    decision = cast("Decision", pending.decision)
    decide_review(actor=actor, review=review, decision=decision, reason=pending.reason, **calls_of(pending))


def _drop(actor: Actor, review: Review, pending: PendingDecision, refusal: CatalogError) -> None:
    """Tell the steward why it was not carried out. What was typed is kept where the review still waits."""
    if review.state == ReviewState.OPEN:
        _put_aside(pending)
    else:
        pending.delete()
    _note(actor, review, "review.decision_dropped", decision=pending.decision, why=refusal.code)
    version = review.version
    told = {"number": version.number, "review": review.pk, "why": refusal.code}
    tell([pending.decided_by], NoticeKind.REVIEW_NOT_DECIDED, dataset=version.dataset_id, **told)


def _put_aside(pending: PendingDecision) -> None:
    pending.undone_at = timezone.now()
    pending.save(update_fields=["undone_at"])


def _note(actor: Actor, review: Review, action: str, **detail: Any) -> None:
    audit.record(actor=actor, action=action, subject=review, dataset_id=review.version.dataset_id, **detail)
