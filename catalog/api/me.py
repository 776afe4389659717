from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.shapes import MeShape, TokenOfRequest
from catalog.models import Token
from catalog.permissions import require_user


class MeView(APIView):
    """Who the request comes from."""

    @documented("Who am I", answers=shape(MeShape), tag="people")
    def get(self, request: Request) -> Response:
        user = require_user(actor_of(request))
        token: TokenOfRequest | None = None
        if isinstance(request.auth, Token):
            token = {
                "name": request.auth.name,
                "scopes": list(request.auth.scopes),
                "expires_at": request.auth.expires_at.isoformat(),
            }
        memberships = user.memberships.select_related("organization").order_by("organization__slug")
        me: MeShape = {
            "username": user.username,
            "email": user.email,
            "name": user.name,
            "organizations": [
                {
                    "slug": item.organization.slug,
                    "title": item.organization.title,
                    "role": item.role,
                    "is_steward": item.is_steward,
                }
                for item in memberships
            ],
            "token": token,
        }
        return answer(request, me)
