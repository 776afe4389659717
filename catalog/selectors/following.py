"""Who follows what."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.actor import Actor
from catalog.models import Dataset, Follow


def is_following(actor: Actor, dataset: Dataset) -> bool:
    return actor.user is not None and Follow.objects.filter(user=actor.user, dataset=dataset).exists()


def followed_by(actor: Actor) -> QuerySet[Follow]:
    """What the actor follows and still sees, the last that was published first."""
    if actor.user is None:
        return Follow.objects.none()
    return (
        Follow.objects.filter(user=actor.user, dataset__in=Dataset.objects.visible_to(actor).values("pk"))
        .select_related("dataset__organization", "dataset__latest")
        .order_by("-dataset__latest__published_at", "dataset__title", "pk")
    )
