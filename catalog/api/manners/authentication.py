"""One way in for every client: header, Basic or query parameter, all with the same tokens.

Spellings (reference: what pandas, Polars, DuckDB, CKAN and Delta Sharing clients can send): ``Authorization:
Bearer t``, ``Token t``, a bare ``t``, Basic with the token as password, and ``?token=t`` for reading.
"""

from __future__ import annotations

import base64
import binascii

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from catalog.models import Token, User
from catalog.services.membership.tokens import PREFIX, authenticate

_SCHEMES = {"bearer", "token"}


class TokenAuthentication(authentication.BaseAuthentication):
    """A ``cfd_`` token in any of the spellings. A wrong or ended one is told so, even on open data."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        secret = secret_of(request)
        if secret is None:
            return None
        token = authenticate(secret)
        if token is None:
            raise exceptions.AuthenticationFailed("The token is unknown, revoked or expired.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="commonfield"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session. It names the header too, so that "nobody" is answered with 401 and not 403."""

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="commonfield"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "catalog.api.manners.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "cfd_…"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "catalog.api.manners.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}


def secret_of(request: Request) -> str | None:
    """The token that the request carries, in whichever spelling; None where it carries none."""
    header = request.headers.get("Authorization", "").strip()
    scheme, _, rest = header.partition(" ")
    if scheme.lower() in _SCHEMES and rest:
        return rest.strip()
    if scheme.startswith(PREFIX) and not rest:
        return scheme
    if scheme.lower() == "basic":
        return _basic_password(rest)
    if request.method in {"GET", "HEAD"} and "token" in request.query_params:
        return request.query_params["token"]
    return None


def _basic_password(encoded: str) -> str:
    try:
        _, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return password
