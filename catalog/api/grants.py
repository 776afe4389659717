from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.api.manners.shapes import GrantShape
from catalog.models import AccessGrant
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset
from catalog.selectors.grants import grants_of
from catalog.services.granting.grants import grant_access, revoke_access


class GrantInput(serializers.Serializer[AccessGrant]):
    """To a person by user name, or to an organization; of the versions named, or of all (None), later ones too."""

    username = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    organization = serializers.CharField(max_length=96, required=False, allow_blank=True, default="")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    versions = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, allow_null=True, default=None, max_length=1_000
    )


def grant_shape(grant: AccessGrant) -> GrantShape:
    return {
        "username": grant.user.username if grant.user else None,
        "organization": grant.organization.slug if grant.organization else None,
        "versions": None if grant.all_versions else [str(version.number) for version in grant.versions.all()],
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
        return paged(request, grants_of(found), grant_shape)

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


class OrganizationGrantView(APIView):
    @documented("Revoke an organization's grant", status=204, tag="access")
    def delete(self, request: Request, owner: str, dataset: str, organization: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        revoke_access(actor=actor, dataset=found, organization=organization)
        return Response(status=204)
