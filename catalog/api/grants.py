from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.actor import actor_of
from catalog.api.openapi import documented, page_of, shape
from catalog.api.pagination import paged
from catalog.api.shapes import AuditShape, GrantShape
from catalog.models import AccessGrant, AuditEvent
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset
from catalog.services.grants import grant_access, revoke_access


class GrantInput(serializers.Serializer[AccessGrant]):
    username = serializers.CharField(max_length=150)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


def grant_shape(grant: AccessGrant) -> GrantShape:
    return {
        "username": grant.user.username,
        "granted_by": grant.granted_by.username,
        "created": grant.created.isoformat(),
        "expires_at": grant.expires_at.isoformat() if grant.expires_at else None,
    }


class GrantsView(APIView):
    """Who beside the members may have the bytes. For maintainers."""

    @documented("List access grants", answers=page_of(GrantShape), tag="access")
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        require(actor, Action.GRANT, found)
        rows = found.access_grants.in_force().select_related("user", "granted_by").order_by("user__username")
        return paged(request, rows, grant_shape)

    @documented("Grant access", request=GrantInput, answers=shape(GrantShape), status=201, tag="access")
    def post(self, request: Request, owner: str, dataset: str) -> Response:
        given = GrantInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        grant = grant_access(actor=actor, dataset=found, **given.validated_data)
        return Response(grant_shape(grant), status=201)


class GrantView(APIView):
    @documented("Revoke a grant", status=204, tag="access")
    def delete(self, request: Request, owner: str, dataset: str, username: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        revoke_access(actor=actor, dataset=found, username=username)
        return Response(status=204)


class AuditView(APIView):
    """What was done with the dataset, newest first, downloads included. For maintainers."""

    @documented("Read the audit trail", answers=page_of(AuditShape), tag="access")
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        require(actor, Action.READ_AUDIT, found)
        rows = AuditEvent.objects.filter(dataset_id=found.pk).select_related("actor")
        return paged(request, rows, _audit_shape)


def _audit_shape(event: AuditEvent) -> AuditShape:
    return {
        "at": event.at.isoformat(),
        "actor": event.actor.username if event.actor else None,
        "action": event.action,
        "label": event.label,
        "detail": event.detail,
    }
