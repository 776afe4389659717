from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented
from catalog.errors import Invalid
from catalog.models import Dataset, Resource
from catalog.outcomes import shown_outcomes
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset, get_version
from quality.rules.gx_json import from_suite, to_suite
from quality.rules.rule import Rule
from quality.services.rules import MAX_RULES, set_rules
from quality.services.trials import MAX_TRIED, choose_table, preview_rules, propose_rules

_OBJECTS: dict[str, Any] = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
_PROPOSALS = {"type": "object", "properties": {"resource": {"type": "string"}, "proposals": _OBJECTS}}
_PREVIEW = {"type": "object", "properties": {"resource": {"type": "string"}, "outcomes": _OBJECTS}}
_SUITE = {"type": "object", "properties": {"suite": {"type": "object"}, "left_out": _OBJECTS}}
_IMPORTED = {
    "type": "object",
    "properties": {"rules": _OBJECTS, "left_out": _OBJECTS, "applied": {"type": "boolean"}},
}


class PreviewInput(serializers.Serializer[Any]):
    rules = serializers.ListField(child=serializers.DictField(), max_length=MAX_TRIED)
    version = serializers.CharField(required=False, max_length=32, default="")
    resource = serializers.CharField(required=False, max_length=96, allow_blank=True, default="")


class SuiteInput(serializers.Serializer[Any]):
    suite = serializers.JSONField()
    apply = serializers.BooleanField(required=False, default=False)


def _table(actor: Actor, dataset: Dataset, version: str, resource: str) -> Resource:
    """A table of the version asked for; else of the draft, where there is one that the actor sees, or of the latest."""
    if not version:
        has_draft = dataset.versions.visible_to(actor).open().exists()
        version = "draft" if has_draft else "latest"
    return choose_table(get_version(actor=actor, dataset=dataset, version=version), resource)


class ProposalsView(APIView):
    """Rules that a table meets already, out of its profile; for those who may have the bytes, as they tell values."""

    @documented(
        "List proposed rules",
        answers=_PROPOSALS,
        parameters=[OpenApiParameter("version", str), OpenApiParameter("resource", str)],
        tag="quality",
    )
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        query = request.query_params
        table = _table(actor, found, query.get("version", ""), query.get("resource", ""))
        proposed = propose_rules(actor=actor, resource=table)
        return answer(request, {"resource": table.name, "proposals": [item.to_json() for item in proposed]})


class PreviewView(APIView):
    """What would fail if rules were set: counts and the first rows. Nothing is stored."""

    @documented("Try rules on a table", request=PreviewInput, answers=_PREVIEW, tag="quality")
    def post(self, request: Request, owner: str, dataset: str) -> Response:
        given = PreviewInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        values = given.validated_data
        table = _table(actor, found, values["version"], values["resource"])
        outcomes = preview_rules(actor=actor, resource=table, rules=values["rules"])
        shown = shown_outcomes([outcome.to_json() for outcome in outcomes], with_values=True)
        return answer(request, {"resource": table.name, "outcomes": shown})


class SuiteView(APIView):
    """A dataset's rules as a suite of Great Expectations, and such a suite as rules; what has no counterpart is told.

    ``apply`` adds the rules that are read to the owner's; else nothing is stored.
    """

    @documented("Export a dataset's rules as a Great Expectations suite", answers=_SUITE, tag="quality")
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        found = get_dataset(actor=actor_of(request), owner=owner, slug=dataset)
        rules = [Rule.from_stored(item) for item in found.all_rules]
        suite, left = to_suite(rules, name=f"{owner}/{dataset}")
        return answer(request, {"suite": suite, "left_out": [item.to_json() for item in left]})

    @documented("Read a Great Expectations suite as rules", request=SuiteInput, answers=_IMPORTED, tag="quality")
    def post(self, request: Request, owner: str, dataset: str) -> Response:
        given = SuiteInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        require(actor, Action.EDIT, found)
        rules, left = from_suite(given.validated_data["suite"])
        told = [rule.to_json() for rule in rules]
        if given.validated_data["apply"]:
            asked = {Rule.from_stored(item).question for item in found.rules}
            new = [rule.to_json() for rule in rules if rule.question not in asked]
            if len(found.rules) + len(new) > MAX_RULES:
                raise Invalid(fields={"suite": [_("A dataset has at most %(n)s rules of its own.") % {"n": MAX_RULES}]})
            set_rules(actor=actor, dataset=found, rules=[*found.rules, *new])
        body = {
            "rules": told,
            "left_out": [item.to_json() for item in left],
            "applied": given.validated_data["apply"],
        }
        return answer(request, body)
