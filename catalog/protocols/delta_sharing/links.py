"""Addresses of files for Delta Sharing's clients: good for an hour, and asked for permission at each use.

All of a table's addresses are handed out at once, and a client that reads file after file comes to the last one late:
a presigned URL would have ended by then, or would outlive a grant by as long. These lead here, where whoever they were
made for must still be allowed, and on to a presigned URL that lives for minutes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from catalog.actor import Actor
from catalog.models import Resource, Token, User

SECONDS = 3600
PARAMETER = "X-Amz-Signature"
"""Delta's kernel takes an address for one of a file only where it has a parameter that presigned URLs have."""
_SALT = "catalog.protocols.delta_sharing"


@dataclass(frozen=True, slots=True)
class Link:
    """Part ``position`` of a table, for a user (0: nobody) with a token (0: without)."""

    resource_id: int
    position: int
    user_id: int
    token_id: int


def expires_at() -> int:
    """When a link that is made now ends, in milliseconds."""
    return (int(time.time()) + SECONDS) * 1000


def link_url(actor: Actor, resource: Resource, position: int) -> str:
    """The address of one part of a table, for this actor alone."""
    content = [resource.pk, position, actor.user_id or 0, actor.token_id or 0]
    query = urlencode({PARAMETER: signing.dumps(content, salt=_SALT)})
    return f"{settings.BASE_URL}/delta-sharing/files/{resource.name}-{position:05d}.parquet?{query}"


def read_link(request: Request) -> Link:
    """The link that was asked for. Raises AuthenticationFailed where we did not make it, or its time is over."""
    signed = request.query_params.get(PARAMETER, "")
    try:
        content = signing.loads(signed, salt=_SALT, max_age=SECONDS)
    except signing.SignatureExpired:
        raise exceptions.AuthenticationFailed("The address has ended. Query the table again for a new one.") from None
    except signing.BadSignature:
        raise exceptions.AuthenticationFailed("The address is none of ours.") from None
    return Link(*content)


class LinkAuthentication(authentication.BaseAuthentication):
    """Whoever holds the address is whom it was made for, while the account and the token are in force."""

    def authenticate(self, request: Request) -> tuple[User, Token | None] | None:
        link = read_link(request)
        if link.token_id:
            token = Token.objects.in_force().select_related("user").filter(pk=link.token_id).first()
            if token is None:
                raise exceptions.AuthenticationFailed("The token that the address was made with has ended.")
            return token.user, token
        if link.user_id:
            user = User.objects.filter(pk=link.user_id, is_active=True).first()
            if user is None:
                raise exceptions.AuthenticationFailed("The account that the address was made for has ended.")
            return user, None
        return None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="commonfield"'
