from typing import Any, TypedDict

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.models import Resource
from catalog.permissions import sees_values
from catalog.recipes import without_values
from catalog.selectors.datasets import get_dataset, get_resource, get_version
from ingest.api.uploads import UploadShape, upload_shape
from ingest.services import recipes as service


class RecipeInput(serializers.Serializer[Any]):
    steps = serializers.ListField(child=serializers.DictField(), max_length=service.MAX_STEPS)


class AnswerInput(serializers.Serializer[Any]):
    column = serializers.CharField(max_length=255)
    option = serializers.CharField(max_length=64)


class OptionShape(TypedDict):
    code: str
    sentence: str
    steps: list[dict[str, Any]]


class QuestionShape(TypedDict):
    column: str
    code: str
    value: str | None
    options: list[OptionShape]


class RecipeShape(TypedDict):
    steps: list[dict[str, Any]]
    questions: list[QuestionShape]
    suggestions: list[dict[str, Any]]
    values_hidden: bool


def recipe_shape(actor: Actor, resource: Resource) -> RecipeShape:
    """Questions and suggestions are made of values: who may not have the bytes gets the steps without them."""
    if not sees_values(actor, resource.version):
        return {"steps": without_values(resource.recipe), "questions": [], "suggestions": [], "values_hidden": True}
    questions: list[QuestionShape] = [
        {
            "column": question["column"],
            "code": question["code"],
            "value": question["value"],
            "options": [
                {"code": option["code"], "sentence": service.option_sentence(option), "steps": option["steps"]}
                for option in question["options"]
            ],
        }
        for question in resource.questions
    ]
    return {
        "steps": resource.recipe,
        "questions": questions,
        "suggestions": resource.suggestions,
        "values_hidden": False,
    }


def _find(request: Request, owner: str, dataset: str, version: str, resource: str) -> tuple[Actor, Resource]:
    actor = actor_of(request)
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    return actor, get_resource(version=get_version(actor=actor, dataset=found, version=version), name=resource)


class RecipeView(APIView):
    """How a table was made from its original, what could be cleaned besides, and what only its owner can say."""

    @documented("Read a table's recipe", answers=shape(RecipeShape), tag="recipes")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        actor, found = _find(request, owner, dataset, version, resource)
        return answer(request, recipe_shape(actor, found))

    @documented(
        "Change a draft table's recipe and have it read again",
        request=RecipeInput,
        answers=shape(UploadShape),
        status=202,
        tag="recipes",
    )
    def put(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        given = RecipeInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor, found = _find(request, owner, dataset, version, resource)
        upload = service.set_recipe(actor=actor, resource=found, steps=given.validated_data["steps"])
        return Response(upload_shape(upload), status=202)


class AnswersView(APIView):
    """Answers to what is asked about a draft table's columns."""

    @documented(
        "Answer a question about a column and have the table read again",
        request=AnswerInput,
        answers=shape(UploadShape),
        status=202,
        tag="recipes",
    )
    def post(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        given = AnswerInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor, found = _find(request, owner, dataset, version, resource)
        upload = service.answer_question(actor=actor, resource=found, **given.validated_data)
        return Response(upload_shape(upload), status=202)
