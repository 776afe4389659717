from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged_with
from catalog.api.manners.shapes import TokenShape
from catalog.models import Scope, Token
from catalog.permissions import require_user
from catalog.selectors.tokens import LimitNames, limit_names
from catalog.services.membership.tokens import DEFAULT_DAYS, MAX_DAYS, create_token, revoke_token


class TokenInput(serializers.Serializer[Token]):
    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), min_length=1)
    days = serializers.IntegerField(min_value=1, max_value=MAX_DAYS, required=False, default=DEFAULT_DAYS)
    datasets = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)
    organizations = serializers.ListField(child=serializers.CharField(max_length=96), required=False, default=list)


def token_shape(token: Token, names: LimitNames) -> TokenShape:
    limited = token.is_limited
    return {
        "id": token.pk,
        "name": token.name,
        "last_four": token.last_four,
        "scopes": list(token.scopes),
        "datasets": names.datasets(token) if limited else None,
        "organizations": names.organizations(token) if limited else None,
        "created": token.created.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
    }


def _shown(tokens: list[Token]) -> list[TokenShape]:
    names = limit_names(tokens)
    return [token_shape(token, names) for token in tokens]


class TokensView(APIView):
    @documented("List your tokens", answers=page_of(TokenShape), tag="people")
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        require_user(actor, scope="read")
        rows = Token.objects.filter(user=actor.user, revoked_at__isnull=True)
        return paged_with(request, rows, _shown)

    @documented(
        "Make a token (its secret is shown once)",
        request=TokenInput,
        answers=shape(TokenShape),
        status=201,
        tag="people",
    )
    def post(self, request: Request) -> Response:
        given = TokenInput(data=request.data)
        given.is_valid(raise_exception=True)
        token, secret = create_token(actor=actor_of(request), **given.validated_data)
        return Response({**_shown([token])[0], "token": secret}, status=201, headers={"Cache-Control": "no-store"})


class TokenView(APIView):
    @documented("Revoke a token", status=204, tag="people")
    def delete(self, request: Request, token_id: int) -> Response:
        actor = actor_of(request)
        require_user(actor, scope="read")
        revoke_token(actor=actor, token_id=token_id)
        return Response(status=204)
