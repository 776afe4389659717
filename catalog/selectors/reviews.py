"""The steward's queue."""

from __future__ import annotations

import math
import statistics

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Dataset, Membership, Organization, PendingDecision, Remark, Review, ReviewState, User

DECISIONS_COUNTED = 20
"""The last decisions of an organization by which its pace is told."""


def visible_reviews(actor: Actor, *, state: str | None = None) -> QuerySet[Review]:
    """Reviews that the actor decides on or made, oldest first while they wait."""
    reviews = Review.objects.visible_to(actor).select_related(
        "version__dataset__organization", "opened_by", "decided_by", "claimed_by", "version__dataset__latest"
    )
    if state:
        reviews = reviews.filter(state=state)
    return reviews.order_by("opened_at") if state == ReviewState.OPEN else reviews.order_by("-opened_at")


def get_review(*, actor: Actor, review_id: int) -> Review:
    """Raises NotFound."""
    found = visible_reviews(actor).filter(pk=review_id).first()
    if found is None:
        raise NotFound(_("There is no review of this number that you can see."))
    return found


def stewards_of(dataset: Dataset) -> list[User]:
    """Who decides on the dataset's versions, as far as they are active."""
    rows = Membership.objects.filter(organization=dataset.organization_id, is_steward=True, user__is_active=True)
    return [row.user for row in rows.select_related("user").order_by("user__pk")]


def people_in(review: Review) -> list[User]:
    """Who sent it, who wrote about it, and who looks at it or, where nobody does, all who may decide."""
    people = {review.opened_by_id: review.opened_by}
    people |= {
        remark.author_id: remark.author for remark in Remark.objects.filter(review=review).select_related("author")
    }
    deciding = [review.claimed_by] if review.claimed_by else stewards_of(review.version.dataset)
    people |= {person.pk: person for person in deciding}
    return [person for person in people.values() if person.is_active]


def usual_days(organization: Organization) -> int | None:
    """In how many days the organization's stewards decide: the median of the last ones; None where none has yet."""
    decided = Review.objects.filter(version__dataset__organization=organization, decided_at__isnull=False)
    times = decided.order_by("-decided_at").values_list("opened_at", "decided_at")[:DECISIONS_COUNTED]
    days = [(end - start).total_seconds() / 86_400 for start, end in times if end is not None]
    return math.ceil(statistics.median(days)) if days else None


def waiting_for(actor: Actor) -> QuerySet[Review]:
    """Open reviews that this steward may decide: not their own submissions, nor what a decision is recorded of."""
    stewarded = Dataset.objects.stewarded_by(actor).values("pk")
    return (
        visible_reviews(actor, state=ReviewState.OPEN)
        .filter(version__dataset__in=stewarded)
        .exclude(opened_by=actor.user_id)
        .exclude(pk__in=PendingDecision.objects.waiting().values("review"))
    )


def pending_decisions(actor: Actor) -> QuerySet[PendingDecision]:
    """Recorded decisions that this actor may undo: their own, and those on what they could decide themselves."""
    stewarded = Dataset.objects.stewarded_by(actor).values("pk")
    reviews = visible_reviews(actor, state=ReviewState.OPEN).filter(version__dataset__in=stewarded)
    return (
        PendingDecision.objects.waiting()
        .filter(review__in=reviews.exclude(opened_by=actor.user_id).order_by().values("pk"))
        .select_related("review__version__dataset__organization", "decided_by")
        .order_by("decide_after")
    )
