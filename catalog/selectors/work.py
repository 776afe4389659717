"""What an actor is working on."""

from __future__ import annotations

from django.db.models import Prefetch

from catalog.actor import Actor
from catalog.models import Dataset, Resource, Review, ReviewState, Version

LIMIT = 200


def open_versions(actor: Actor) -> list[Version]:
    """Drafts and submitted versions of datasets that the actor may change, with reviews and tables, newest first."""
    # Without profiles and findings, which are megabytes of some tables.
    tables = Resource.objects.only("version", "name", "position", "created", "verdict", "questions")
    reviews = Review.objects.exclude(state=ReviewState.CANCELLED).order_by("-opened_at")
    return list(
        Version.objects.open()
        .filter(dataset__in=Dataset.objects.working(actor).values("pk"))
        .select_related("dataset__organization", "created_by", "submitted_by")
        .prefetch_related(Prefetch("reviews", queryset=reviews), Prefetch("resources", queryset=tables))
        .order_by("-created")[:LIMIT]
    )
