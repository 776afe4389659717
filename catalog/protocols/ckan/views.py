"""``/api/3/action/{name}`` and ``/api/action/{name}``: CKAN's Action API, the part that reads.

GET and POST mean the same; nothing is redirected, which CKAN's client would refuse. A token stands in
``Authorization`` with nothing before it, or in ``X-CKAN-API-Key``. There is no session here, so that nobody's browser
can be made to ask in that person's name.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import exceptions
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.authentication import TokenAuthentication
from catalog.models import Token, User
from catalog.protocols.ckan.actions import ACTIONS
from catalog.protocols.ckan.arguments import ActionInvalid
from catalog.protocols.sending import OwnFormat
from catalog.rows.query import QueryInvalid
from catalog.services.membership.tokens import authenticate

_TYPES = {401: "Authorization Error", 403: "Authorization Error", 404: "Not Found Error", 410: "Not Found Error"}


class CkanAuthentication(TokenAuthentication):
    """As everywhere; and the header that CKAN's clients send beside it."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        secret = request.headers.get("X-CKAN-API-Key", "").strip()
        if secret and "Authorization" not in request.headers:
            token = authenticate(secret)
            if token is None:
                raise exceptions.AuthenticationFailed("The token is unknown, revoked or expired.")
            return token.user, token
        return super().authenticate(request)


class ActionView(APIView):
    authentication_classes = (CkanAuthentication,)
    content_negotiation_class = OwnFormat
    parser_classes = (JSONParser, FormParser)
    schema = None

    def get(self, request: Request, name: str) -> Response:
        return self._act(request, name, _plain(request.query_params))

    def post(self, request: Request, name: str) -> Response:
        data = request.data
        if not hasattr(data, "items"):
            raise ActionInvalid(data="The arguments must be a JSON object")
        return self._act(request, name, {**_plain(request.query_params), **_plain(data)})

    def _act(self, request: Request, name: str, given: dict[str, Any]) -> Response:
        action = ACTIONS.get(name)
        if action is None:
            # CKAN answers so, with a text and no envelope.
            return Response(f"Bad request - Action name not known: {name}", status=400)
        result = action(actor_of(request), given)
        headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization, X-CKAN-API-Key"}
        return Response({"help": self._help(), "success": True, "result": result}, headers=headers)

    def _help(self) -> str:
        return f"{settings.BASE_URL}/api/3/action/help_show?name={self.kwargs['name']}"

    def handle_exception(self, exc: Exception) -> Response:
        """The API's problem document in CKAN's envelope; what it can't say in one keeps its status."""
        response = super().handle_exception(exc)
        problem = response.data or {}
        sentence = " ".join(str(problem.get(part, "")) for part in ("detail", "remedy")).strip()
        status = response.status_code
        if isinstance(exc, ActionInvalid):
            status, error = 409, {"__type": "Validation Error", **exc.fields, "message": sentence}
        elif isinstance(exc, QueryInvalid):
            status, error = 409, {"__type": "Validation Error", "query": [sentence], "message": sentence}
        else:
            kind = _TYPES.get(status, "Internal Server Error" if status >= 500 else "Bad Request")
            error = {"__type": kind, "message": f"Not found: {sentence}" if status == 404 else sentence}
            # CKAN says 403 to whoever is not signed in, and its clients know no other refusal.
            status = {401: 403, 410: 404}.get(status, status)
        response.data = {"help": self._help(), "success": False, "error": error}
        response.status_code = status
        response.content_type = "application/json"
        return response


def _plain(given: Any) -> dict[str, Any]:
    """The last value of each name."""
    return {str(name): given[name] for name in given if name != "token"}
