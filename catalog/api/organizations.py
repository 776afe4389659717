from django.db.models import Count
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.api.organization_shapes import MemberShape, OrganizationShape, organization_shape
from catalog.errors import NotFound
from catalog.models import Dataset, Membership, Organization, ReviewPolicy, Role
from catalog.permissions import has_role
from catalog.selectors.datasets import get_organization
from catalog.services.membership.organizations import (
    create_organization,
    remove_member,
    set_member,
    update_organization,
)


class OrganizationInput(serializers.Serializer[Organization]):
    slug = serializers.CharField(max_length=96)
    title = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    review_policy = serializers.ChoiceField(choices=ReviewPolicy.choices, required=False)


class OrganizationChanges(serializers.Serializer[Organization]):
    title = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    review_policy = serializers.ChoiceField(choices=ReviewPolicy.choices, required=False)


class MemberInput(serializers.Serializer[Membership]):
    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)
    is_steward = serializers.BooleanField(required=False, default=False)


class MemberChanges(serializers.Serializer[Membership]):
    role = serializers.ChoiceField(choices=Role.choices)
    is_steward = serializers.BooleanField(required=False, default=False)


def _shown(actor: Actor, organization: Organization) -> OrganizationShape:
    count = Dataset.objects.visible_to(actor).filter(organization=organization).count()
    return organization_shape(organization, datasets=count)


def _member(membership: Membership) -> MemberShape:
    user = membership.user
    return {
        "username": user.username,
        "name": user.shown_name,
        "role": membership.role,
        "is_steward": membership.is_steward,
    }


class OrganizationsView(APIView):
    """Organisations are public; whoever makes one owns it."""

    @documented("List organizations", answers=page_of(OrganizationShape), tag="organizations")
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        visible = Dataset.objects.visible_to(actor).order_by().values("organization").annotate(found=Count("pk"))
        counts = dict(visible.values_list("organization", "found"))
        rows = Organization.objects.order_by("slug")
        return paged(request, rows, lambda row: organization_shape(row, datasets=counts.get(row.pk, 0)))

    @documented(
        "Make an organization",
        request=OrganizationInput,
        answers=shape(OrganizationShape),
        status=201,
        tag="organizations",
    )
    def post(self, request: Request) -> Response:
        given = OrganizationInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        organization = create_organization(actor=actor, **given.validated_data)
        return answer(request, _shown(actor, organization), status=201)


class OrganizationView(APIView):
    @documented("Read an organization", answers=shape(OrganizationShape), tag="organizations")
    def get(self, request: Request, owner: str) -> Response:
        return answer(request, _shown(actor_of(request), get_organization(slug=owner)))

    @documented(
        "Change an organization",
        request=OrganizationChanges,
        answers=shape(OrganizationShape),
        tag="organizations",
    )
    def patch(self, request: Request, owner: str) -> Response:
        given = OrganizationChanges(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        organization = get_organization(slug=owner)
        update_organization(actor=actor, organization=organization, changes=dict(given.validated_data))
        return answer(request, _shown(actor, organization))


class MembersView(APIView):
    """Members see who the members are."""

    @documented("List members", answers=page_of(MemberShape), tag="organizations")
    def get(self, request: Request, owner: str) -> Response:
        organization = get_organization(slug=owner)
        if not has_role(actor_of(request), organization, Role.READER):
            raise NotFound
        rows = organization.memberships.select_related("user").order_by("user__username")
        return paged(request, rows, _member)

    @documented("Add a member", request=MemberInput, answers=shape(MemberShape), status=201, tag="organizations")
    def post(self, request: Request, owner: str) -> Response:
        given = MemberInput(data=request.data)
        given.is_valid(raise_exception=True)
        organization = get_organization(slug=owner)
        membership = set_member(actor=actor_of(request), organization=organization, **given.validated_data)
        return Response(_member(membership), status=201)


class MemberView(APIView):
    @documented("Change a member's role", request=MemberChanges, answers=shape(MemberShape), tag="organizations")
    def patch(self, request: Request, owner: str, username: str) -> Response:
        given = MemberChanges(data=request.data)
        given.is_valid(raise_exception=True)
        organization = get_organization(slug=owner)
        membership = set_member(
            actor=actor_of(request), organization=organization, username=username, **given.validated_data
        )
        return Response(_member(membership))

    @documented("Take a member out", status=204, tag="organizations")
    def delete(self, request: Request, owner: str, username: str) -> Response:
        remove_member(actor=actor_of(request), organization=get_organization(slug=owner), username=username)
        return Response(status=204)
