"""The steward's queue."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Dataset, Review, ReviewState


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
        raise NotFound("There is no review of this number that you can see.")
    return found


def waiting_for(actor: Actor) -> QuerySet[Review]:
    """Open reviews that this steward may decide: not their own submissions."""
    stewarded = Dataset.objects.stewarded_by(actor).values("pk")
    return (
        visible_reviews(actor, state=ReviewState.OPEN)
        .filter(version__dataset__in=stewarded)
        .exclude(opened_by=actor.user_id)
    )
