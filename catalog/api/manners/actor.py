"""Who sends a request: the token's user within its scopes and limit, the session's user, or nobody."""

from __future__ import annotations

from rest_framework.request import Request

from catalog.actor import ANONYMOUS, Actor
from catalog.models import Token, User
from catalog.permissions import require_user


def actor_of(request: Request) -> Actor:
    address = request.META.get("REMOTE_ADDR", "")
    if not isinstance(request.user, User):
        return Actor(user=None, scopes=ANONYMOUS.scopes, address=address)
    if isinstance(request.auth, Token):
        token = request.auth
        return Actor(request.user, frozenset(token.scopes), address, token.pk, token.limit)
    return Actor(user=request.user, address=address)


def reader_of(request: Request) -> Actor:
    """Who sends it, signed in. Raises NotSignedIn, ScopeMissing."""
    actor = actor_of(request)
    require_user(actor, scope="read")
    return actor
