"""What an actor was told."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.actor import Actor
from catalog.models import Notice

UNREAD_COUNTED = 100
"""So many are counted for the bell of every page; more are said to be more."""


def notices_of(actor: Actor, *, unread: bool = False) -> QuerySet[Notice]:
    """The actor's notices, newest first, with what their words need."""
    rows = Notice.objects.shown_to(actor).select_related("user", "dataset__organization").order_by("-created", "-pk")
    return rows.unread() if unread else rows


def count_unread(actor: Actor) -> int:
    """How many the actor has not read, UNREAD_COUNTED at most."""
    # Nearly always there are none, and what is seen of them need not be asked.
    if not Notice.objects.filter(user=actor.user_id).unread().exists():
        return 0
    rows = Notice.objects.shown_to(actor).unread().order_by().values("pk")[:UNREAD_COUNTED]
    return rows.count()
