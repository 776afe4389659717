"""All agreements, as staff see them."""

from __future__ import annotations

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Agreement, Dataset


def datasets_with_agreements(*, actor: Actor, text: str = "") -> QuerySet[Dataset]:
    """Datasets that ask for an agreement, the last signed first.

    Each has ``in_force`` (the newest number), ``written`` (how many there are), ``signed`` (how many signatures) and
    ``signed_at`` (of the last). Raises NotFound for all but staff.
    """
    if not actor.is_staff:
        raise NotFound
    newest = Agreement.objects.filter(dataset=OuterRef("pk")).order_by("-number")
    found = Dataset.objects.filter(pk__in=Agreement.objects.values("dataset")).select_related("organization")
    if text:
        found = found.filter(title__icontains=text)
    return found.annotate(
        in_force=Subquery(newest.values("number")[:1]),
        in_force_at=Subquery(newest.values("created")[:1]),
        in_force_text=Subquery(newest.values("text")[:1]),
        written=Count("agreements", distinct=True),
        signed=Count("signatures", distinct=True),
        signed_at=Max("signatures__signed_at"),
    ).order_by("-in_force_at", "pk")
