"""What is said about a dataset or a version beside its content: embargo, deprecation, another name."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.represent import dataset_for, version_shape
from catalog.api.manners.shapes import DatasetShape, VersionShape
from catalog.api.versions import find_version
from catalog.models import Dataset
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset, get_organization
from catalog.selectors.successors import find_successor, find_successor_version
from catalog.services.cataloguing.deprecation import (
    REASON_LIMIT,
    deprecate_dataset,
    deprecate_version,
    restore_dataset,
    restore_version,
)
from catalog.services.cataloguing.renaming import rename_dataset
from catalog.services.publishing.embargo import set_dataset_embargo, set_version_embargo


class EmbargoInput(serializers.Serializer[Dataset]):
    until = serializers.DateTimeField()


class DeprecationInput(serializers.Serializer[Dataset]):
    """``successor`` is what to use instead: of a dataset owner/name, of a version a number."""

    reason = serializers.CharField(max_length=REASON_LIMIT, allow_blank=True)
    successor = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True, default="")


class RenamingInput(serializers.Serializer[Dataset]):
    slug = serializers.CharField(max_length=96, required=False, allow_blank=True, default="")
    organization = serializers.CharField(max_length=96, required=False, allow_blank=True, default="")


def _shown(request: Request, actor: Actor, dataset: Dataset) -> Response:
    fresh = get_dataset(actor=actor, owner=dataset.organization.slug, slug=dataset.slug)
    return answer(request, dataset_for(actor, fresh))


class DatasetEmbargoView(APIView):
    """Until that time only members have the bytes of the dataset's versions; then everybody who may."""

    @documented("Put a dataset under embargo", request=EmbargoInput, answers=shape(DatasetShape), tag="access")
    def put(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        given = EmbargoInput(data=request.data)
        given.is_valid(raise_exception=True)
        return _shown(request, actor, set_dataset_embargo(actor=actor, dataset=found, **given.validated_data))

    @documented("Lift a dataset's embargo", answers=shape(DatasetShape), tag="access")
    def delete(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        return _shown(request, actor, set_dataset_embargo(actor=actor, dataset=found, until=None))


class VersionEmbargoView(APIView):
    """Set before the version is published; while it runs it can be moved, or lifted."""

    @documented("Put a version under embargo", request=EmbargoInput, answers=shape(VersionShape), tag="access")
    def put(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        actor, found = find_version(request, owner, dataset, version)
        given = EmbargoInput(data=request.data)
        given.is_valid(raise_exception=True)
        set_version_embargo(actor=actor, version=found, **given.validated_data)
        return answer(request, version_shape(find_version(request, owner, dataset, version)[1]))

    @documented("Lift a version's embargo", answers=shape(VersionShape), tag="access")
    def delete(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        actor, found = find_version(request, owner, dataset, version)
        set_version_embargo(actor=actor, version=found, until=None)
        return answer(request, version_shape(find_version(request, owner, dataset, version)[1]))


class DatasetDeprecationView(APIView):
    """Still served, with a banner that says why not to use it and what to use instead."""

    @documented("Deprecate a dataset", request=DeprecationInput, answers=shape(DatasetShape), tag="datasets")
    def put(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        require(actor, Action.DEPRECATE, found)
        given = DeprecationInput(data=request.data)
        given.is_valid(raise_exception=True)
        successor = find_successor(actor=actor, name=given.validated_data["successor"] or "")
        reason = given.validated_data["reason"]
        return _shown(request, actor, deprecate_dataset(actor=actor, dataset=found, reason=reason, successor=successor))

    @documented("Take a dataset's deprecation back", answers=shape(DatasetShape), tag="datasets")
    def delete(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        return _shown(request, actor, restore_dataset(actor=actor, dataset=found))


class VersionDeprecationView(APIView):
    @documented("Deprecate a version", request=DeprecationInput, answers=shape(VersionShape), tag="versions")
    def put(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        actor, found = find_version(request, owner, dataset, version)
        require(actor, Action.DEPRECATE, found.dataset)
        given = DeprecationInput(data=request.data)
        given.is_valid(raise_exception=True)
        successor = find_successor_version(
            actor=actor, dataset=found.dataset, number=given.validated_data["successor"] or ""
        )
        reason = given.validated_data["reason"]
        deprecate_version(actor=actor, version=found, reason=reason, successor=successor)
        return answer(request, version_shape(find_version(request, owner, dataset, version)[1]))

    @documented("Take a version's deprecation back", answers=shape(VersionShape), tag="versions")
    def delete(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        actor, found = find_version(request, owner, dataset, version)
        restore_version(actor=actor, version=found)
        return answer(request, version_shape(find_version(request, owner, dataset, version)[1]))


class RenamingView(APIView):
    """Another short name, another organization, or both. The old address leads to the new one (308)."""

    @documented("Rename or move a dataset", request=RenamingInput, answers=shape(DatasetShape), tag="datasets")
    def post(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        given = RenamingInput(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        organization = get_organization(slug=values["organization"]) if values["organization"] else None
        renamed = rename_dataset(actor=actor, dataset=found, slug=values["slug"], organization=organization)
        return _shown(request, actor, renamed)
