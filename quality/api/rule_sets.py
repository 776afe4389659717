from typing import Any, TypedDict

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.selectors.datasets import get_dataset, get_organization
from quality.models import RuleSet, RuleSetUse, RuleSetVersion
from quality.selectors.rule_sets import get_rule_set, get_rule_set_version, uses_of, visible_rule_sets
from quality.services.rule_sets import (
    add_version,
    attach_rule_set,
    create_rule_set,
    detach_rule_set,
    update_rule_set,
)
from quality.services.rules import MAX_RULES


class RuleSetVersionShape(TypedDict):
    number: str
    rules: list[dict[str, Any]]
    note: str
    sha256: str
    created: str


class RuleSetShape(TypedDict):
    organization: str
    name: str
    title: str
    description: str
    is_shared: bool
    latest: str | None
    versions: list[str]
    links: dict[str, str]


class AttachedShape(TypedDict):
    rule_set: str
    title: str
    version: str
    newest: str | None
    rules: int


def _set_shape(found: RuleSet) -> RuleSetShape:
    numbers = [version.number for version in found.versions.all()]
    return {
        "organization": found.organization.slug,
        "name": found.name,
        "title": found.title,
        "description": found.description,
        "is_shared": found.is_shared,
        "latest": numbers[0] if numbers else None,
        "versions": numbers,
        "links": {"self": f"{settings.BASE_URL}/api/v1/rule-sets/{found}"},
    }


def _version_shape(version: RuleSetVersion) -> RuleSetVersionShape:
    return {
        "number": version.number,
        "rules": version.rules,
        "note": version.note,
        "sha256": version.sha256,
        "created": version.created.isoformat(),
    }


def _use_shape(use: RuleSetUse) -> AttachedShape:
    newest = next(iter(use.rule_set.versions.all()), None)
    return {
        "rule_set": str(use.rule_set),
        "title": use.rule_set.title,
        "version": use.version.number,
        "newest": newest.number if newest is not None else None,
        "rules": len(use.version.rules),
    }


class RuleSetChanges(serializers.Serializer[RuleSet]):
    title = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    is_shared = serializers.BooleanField(required=False)


class VersionInput(serializers.Serializer[RuleSetVersion]):
    number = serializers.CharField(max_length=32)
    rules = serializers.ListField(child=serializers.DictField(), max_length=MAX_RULES)
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000, default="")


class RuleSetInput(RuleSetChanges):
    organization = serializers.CharField(max_length=96)
    name = serializers.CharField(max_length=96)
    number = serializers.CharField(max_length=32)
    rules = serializers.ListField(child=serializers.DictField(), max_length=MAX_RULES)


class AttachInput(serializers.Serializer[RuleSetUse]):
    rule_set = serializers.RegexField(r"^[a-z0-9-]+/[a-z0-9-]+\Z", max_length=200)
    version = serializers.CharField(max_length=32, required=False, default="latest")


class RuleSetsView(APIView):
    """Rule sets: rules that an organization keeps together, in versions, for many datasets."""

    @documented("List rule sets", answers=page_of(RuleSetShape), tag="quality")
    def get(self, request: Request) -> Response:
        return paged(request, visible_rule_sets(actor_of(request)), _set_shape)

    @documented("Make a rule set", request=RuleSetInput, answers=shape(RuleSetShape), status=201, tag="quality")
    def post(self, request: Request) -> Response:
        given = RuleSetInput(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        organization = get_organization(slug=values.pop("organization"))
        found = create_rule_set(actor=actor_of(request), organization=organization, **values)
        return answer(request, _set_shape(found), status=201)


class RuleSetView(APIView):
    @documented("Read a rule set", answers=shape(RuleSetShape), tag="quality")
    def get(self, request: Request, owner: str, name: str) -> Response:
        return answer(request, _set_shape(get_rule_set(actor=actor_of(request), owner=owner, name=name)))

    @documented("Change what is said of a rule set", request=RuleSetChanges, answers=shape(RuleSetShape), tag="quality")
    def patch(self, request: Request, owner: str, name: str) -> Response:
        given = RuleSetChanges(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_rule_set(actor=actor, owner=owner, name=name)
        return answer(request, _set_shape(update_rule_set(actor=actor, rule_set=found, **given.validated_data)))


class RuleSetVersionsView(APIView):
    """A new version; datasets stay with the one that they have attached until they take it."""

    @documented(
        "Add a version to a rule set",
        request=VersionInput,
        answers=shape(RuleSetVersionShape),
        status=201,
        tag="quality",
    )
    def post(self, request: Request, owner: str, name: str) -> Response:
        given = VersionInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_rule_set(actor=actor, owner=owner, name=name)
        version = add_version(actor=actor, rule_set=found, **given.validated_data)
        return answer(request, _version_shape(version), status=201)


class RuleSetVersionView(APIView):
    @documented("Read one version of a rule set", answers=shape(RuleSetVersionShape), tag="quality")
    def get(self, request: Request, owner: str, name: str, number: str) -> Response:
        found = get_rule_set(actor=actor_of(request), owner=owner, name=name)
        return answer(request, _version_shape(get_rule_set_version(found, number)))


class AttachedView(APIView):
    """The rule sets of a dataset, each in the version that the dataset is pinned to."""

    @documented("List a dataset's rule sets", answers=shape(list[AttachedShape]), tag="quality")
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        found = get_dataset(actor=actor_of(request), owner=owner, slug=dataset)
        return answer(request, [_use_shape(use) for use in uses_of(found)])

    @documented("Attach a rule set to a dataset", request=AttachInput, answers=shape(AttachedShape), tag="quality")
    def post(self, request: Request, owner: str, dataset: str) -> Response:
        given = AttachInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        set_owner, _, name = given.validated_data["rule_set"].partition("/")
        rule_set = get_rule_set(actor=actor, owner=set_owner, name=name)
        version = get_rule_set_version(rule_set, given.validated_data["version"])
        return answer(request, _use_shape(attach_rule_set(actor=actor, dataset=found, version=version)))


class DetachView(APIView):
    @documented("Detach a rule set from a dataset", status=204, tag="quality")
    def delete(self, request: Request, owner: str, dataset: str, set_owner: str, name: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        detach_rule_set(actor=actor, dataset=found, owner=set_owner, name=name)
        return Response(status=204)
