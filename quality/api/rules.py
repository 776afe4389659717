from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented
from catalog.selectors.datasets import get_dataset
from quality.services.rules import MAX_RULES, set_rules

_RULES: dict[str, Any] = {
    "type": "object",
    "properties": {"rules": {"type": "array", "items": {"type": "object", "additionalProperties": True}}},
}


class RulesInput(serializers.Serializer[Any]):
    rules = serializers.ListField(child=serializers.DictField(), max_length=MAX_RULES)


class RulesView(APIView):
    """The owner's rules: what every version's tables must satisfy beyond their schema."""

    @documented("Read a dataset's rules", answers=_RULES, tag="quality")
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        found = get_dataset(actor=actor_of(request), owner=owner, slug=dataset)
        return answer(request, {"rules": found.rules})

    @documented("Replace a dataset's rules", request=RulesInput, answers=_RULES, tag="quality")
    def put(self, request: Request, owner: str, dataset: str) -> Response:
        given = RulesInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        rules = set_rules(actor=actor, dataset=found, rules=given.validated_data["rules"])
        return answer(request, {"rules": rules})
