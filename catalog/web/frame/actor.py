"""The actor of a page request: whoever the session belongs to, with all scopes of a session."""

from __future__ import annotations

from django.http import HttpRequest

from catalog.actor import ANONYMOUS, Actor
from catalog.models import User


def actor_of(request: HttpRequest) -> Actor:
    """Who asks, from where. People without a session can read what is public."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return Actor(user=None, scopes=ANONYMOUS.scopes, address=address)
    return Actor(user=user, address=address)
