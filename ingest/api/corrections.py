from typing import Any, TypedDict

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.openapi import documented, shape
from catalog.selectors.datasets import get_dataset
from ingest.api.uploads import UploadShape, upload_shape
from ingest.services.correcting import apply_annotations


class ApplyInput(serializers.Serializer[Any]):
    resource = serializers.CharField(max_length=96)


class ApplyShape(TypedDict):
    """``described`` descriptions are in the draft's schema, ``left`` are of columns that it does not have.

    ``upload`` brings the corrections; null where none was accepted, or ``refusal`` says why they can't be brought.
    """

    described: int
    left: list[int]
    upload: UploadShape | None
    refusal: str | None


class ApplyView(APIView):
    """Accepted descriptions go into the draft's schema at once, corrections by an upload that a worker makes."""

    @documented(
        "Apply a table's accepted annotations to the draft",
        request=ApplyInput,
        answers=shape(ApplyShape),
        status=202,
        tag="annotations",
    )
    def post(self, request: Request, owner: str, dataset: str) -> Response:
        given = ApplyInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        done = apply_annotations(actor=actor, dataset=found, table=given.validated_data["resource"])
        body: ApplyShape = {
            "described": done.described,
            "left": list(done.left),
            "upload": None if done.upload is None else upload_shape(done.upload),
            "refusal": None if done.refusal is None else done.refusal.sentence,
        }
        return Response(body, status=202)
