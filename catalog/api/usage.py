"""What a person or an organization used of its quotas."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.allowances.quotas import Usage, usage_of
from catalog.allowances.rates import allowance_of
from catalog.api.manners.actor import actor_of
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.shapes import UsageShape, UsedShape
from catalog.errors import NotFound
from catalog.models import Role
from catalog.permissions import has_role, require_user
from catalog.selectors.datasets import get_organization


class MyUsageView(APIView):
    """What you used of your quotas, and how often you may ask."""

    @documented("Read your usage", answers=shape(UsageShape), tag="people")
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        return Response(_shape(actor, usage_of(require_user(actor))))


class OrganizationUsageView(APIView):
    """Bytes that an organization keeps, and that were downloaded of its data. For its members."""

    @documented("Read an organization's usage", answers=shape(UsageShape), tag="organizations")
    def get(self, request: Request, owner: str) -> Response:
        actor = actor_of(request)
        organization = get_organization(slug=owner)
        if not has_role(actor, organization, Role.READER):
            raise NotFound
        return Response(_shape(actor, usage_of(organization)))


def _shape(actor: Actor, found: list[Usage]) -> UsageShape:
    used: list[UsedShape] = [
        {"kind": item.kind.value, "used": item.used, "limit": item.limit, "resets_in_seconds": item.reset}
        for item in found
    ]
    return {
        "quotas": used,
        "rates": {policy: allowance_of(actor, policy) or None for policy in ("requests", "queries")},
    }
