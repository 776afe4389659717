"""What makers and stewards say to each other about a submitted version, and who is looking at it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import audit
from catalog.actor import Actor
from catalog.errors import Conflict, Invalid, NotFound
from catalog.models import NoticeKind, Remark, Review, ReviewState, Scope, User
from catalog.permissions import Action, can, require, require_user
from catalog.selectors.reviews import people_in
from catalog.services.notifying.letters import QUOTE_LIMIT
from catalog.services.notifying.notices import tell
from catalog.services.reviewing.reviews import lock_seen

REMARK_LIMIT = 10_000


class ReviewDecided(Conflict):
    code = "review-decided"
    title = gettext_lazy("This review is decided")


@transaction.atomic
def add_remark(*, actor: Actor, review: Review, text: str) -> Remark:
    """Say something, also after the decision. For all who see the review: those who made the version, and stewards.

    Raises NotFound, ScopeMissing, Invalid.
    """
    author = _person(actor)
    review = lock_seen(actor, review)
    is_steward = can(actor, Action.REVIEW, review.version.dataset)
    require_user(actor, scope=Scope.REVIEW if is_steward else Scope.UPLOAD)
    words = text.strip()
    if not words:
        raise Invalid(fields={"text": [_("Write something.")]})
    if len(words) > REMARK_LIMIT:
        raise Invalid(fields={"text": [_("Use %(n)s characters at most.") % {"n": f"{REMARK_LIMIT:,}"}]})
    remark = Remark.objects.create(review=review, author=author, text=words)
    dataset_id = review.version.dataset_id
    audit.record(actor=actor, action="review.remarked", subject=review, dataset_id=dataset_id)
    others = [person for person in people_in(review) if person.pk != author.pk]
    told = {"review": review.pk, "author": author.shown_name, "quote": words[:QUOTE_LIMIT]}
    tell(others, NoticeKind.REVIEW_REMARK, dataset=dataset_id, **told)
    return remark


@transaction.atomic
def claim_review(*, actor: Actor, review: Review) -> Review:
    """Say that one is looking at it. It keeps nobody else from deciding; a later claim takes the place of an earlier.

    Raises NotFound, Forbidden, ReviewDecided.
    """
    return _claimed(actor, review, by=_person(actor))


@transaction.atomic
def release_review(*, actor: Actor, review: Review) -> Review:
    """Take the claim away, one's own or another's. Raises NotFound, Forbidden, ReviewDecided."""
    return _claimed(actor, review, by=None)


def _claimed(actor: Actor, review: Review, *, by: User | None) -> Review:
    review = lock_seen(actor, review)
    require(actor, Action.REVIEW, review.version.dataset)
    if review.state != ReviewState.OPEN:
        raise ReviewDecided
    review.claimed_by, review.claimed_at = by, timezone.now() if by else None
    review.save(update_fields=["claimed_by", "claimed_at"])
    action = "review.claimed" if by else "review.released"
    audit.record(actor=actor, action=action, subject=review, dataset_id=review.version.dataset_id)
    return review


def _person(actor: Actor) -> User:
    if actor.user is None:
        raise NotFound
    return actor.user
