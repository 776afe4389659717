"""A steward's decision, with its reason. Whoever submitted a version never approves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.actor import Actor
from catalog.errors import Forbidden, Invalid, NotFound
from catalog.models import NoticeKind, PendingDecision, Review, ReviewState, Version, VersionState
from catalog.permissions import Action, require
from catalog.services.notifying.letters import QUOTE_LIMIT
from catalog.services.notifying.notices import tell
from catalog.services.publishing.versions import publish_version
from catalog.services.reviewing.failures import FailureCall
from catalog.services.reviewing.failures import settle as settle_failures
from catalog.services.reviewing.personal import PersonalCall
from catalog.services.reviewing.personal import settle as settle_personal
from catalog.transitions import lock, move, require_move

Decision = Literal["approve", "request_changes", "decline"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
ENDS: Mapping[Decision, ReviewState] = {
    "approve": ReviewState.APPROVED,
    "request_changes": ReviewState.CHANGES_REQUESTED,
    "decline": ReviewState.DECLINED,
}
"""The state in which each decision leaves its review."""
_SENT_BACK: Mapping[Decision, NoticeKind] = {
    "request_changes": NoticeKind.REVIEW_RETURNED,
    "decline": NoticeKind.REVIEW_DECLINED,
}


class OwnSubmission(Forbidden):
    code = "own-submission"
    title = gettext_lazy("You submitted this version yourself")


class ReasonMissing(Invalid):
    code = "reason-missing"
    title = gettext_lazy("This decision needs a reason")


@transaction.atomic
def decide_review(
    *,
    actor: Actor,
    review: Review,
    decision: Decision,
    reason: str = "",
    personal: Sequence[PersonalCall] = (),
    failures: Sequence[FailureCall] = (),
) -> Review:
    """Approve and publish the version, return it to its owner for changes, or decline it.

    What was declined is its owner's draft again too, who may make something else of it and submit that.
    ``personal`` is a word on each kind of personal data, ``failures`` one on each check that failed. Raises NotFound,
    Forbidden, OwnSubmission, ReasonMissing, PersonalDataUndecided, FailuresUndecided, MoveRefused (somebody was
    quicker).
    """
    checked = check_decision(
        actor=actor, review=review, decision=decision, reason=reason, personal=personal, failures=failures
    )
    review, words, dataset = checked.review, checked.words, checked.review.version.dataset
    PendingDecision.objects.filter(review=review, undone_at__isnull=False).delete()
    review = move(
        review,
        to=ENDS[decision],
        actor=actor,
        dataset_id=dataset.pk,
        decided_by=actor.user,
        decided_at=timezone.now(),
        reason=reason.strip(),
        personal=words["personal"],
        failures=words["failures"],
    )
    if decision != "approve":
        version = move(review.version, to=VersionState.DRAFT, actor=actor, dataset_id=dataset.pk)
        _tell_maker(actor, review, _SENT_BACK[decision], version, page=review.pk)
        return review
    version = move(review.version, to=VersionState.APPROVED, actor=actor, dataset_id=dataset.pk)
    at = review.decided_at.isoformat() if review.decided_at else None
    by = actor.user.username if actor.user else None
    record = {"policy": "review", "review": review.pk, "by": by, "at": at, "reason": review.reason, **words}
    version = publish_version(actor=actor, version=version, decision=record)
    _tell_maker(actor, review, NoticeKind.REVIEW_APPROVED, version)
    return review


def lock_seen(actor: Actor, review: Review) -> Review:
    """The review, locked. Raises NotFound for whoever does not see it."""
    if not Review.objects.visible_to(actor).filter(pk=review.pk).exists():
        raise NotFound
    return lock(review)


@dataclass(frozen=True, slots=True)
class CheckedDecision:
    """A decision that nothing speaks against: the review, locked, and the words as they are kept with it."""

    review: Review
    words: dict[str, list[dict[str, Any]]]


def check_decision(
    *,
    actor: Actor,
    review: Review,
    decision: Decision,
    reason: str,
    personal: Sequence[PersonalCall],
    failures: Sequence[FailureCall],
) -> CheckedDecision:
    """Lock the review and refuse what ``decide_review`` refuses; to be called inside a transaction."""
    review = lock_seen(actor, review)
    version = review.version
    if actor.user is not None and review.opened_by_id == actor.user.pk:
        raise OwnSubmission(remedy=_("Another steward of the organization decides."))
    require(actor, Action.REVIEW, version.dataset)
    if decision != "approve" and not reason.strip():
        raise ReasonMissing(fields={"reason": [_reason_asked(decision)]})
    require_move(review, to=ENDS[decision])
    words = {
        "personal": settle_personal(version=version, decision=decision, calls=personal),
        "failures": settle_failures(version=version, decision=decision, calls=failures),
    }
    return CheckedDecision(review, words)


def _reason_asked(decision: Decision) -> str:
    if decision == "decline":
        return _("Say why it is declined.")
    return _("Say what the owner should change.")


def _tell_maker(actor: Actor, review: Review, kind: NoticeKind, version: Version, *, page: int | None = None) -> None:
    """Tell who sent the version what became of it. ``page`` is the review to look at; else it is the version."""
    people = [person for person in [review.opened_by] if person.is_active and person.pk != actor.user_id]
    told = {"steward": actor.user.shown_name if actor.user else "", "number": version.number, "review": page}
    tell(people, kind, dataset=version.dataset_id, quote=review.reason[:QUOTE_LIMIT], **told)
