from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.access_shapes import AgreementShape, SignatureShape
from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.api.manners.represent import dataset_url
from catalog.models import Agreement, Dataset, QuestionKind, Signature
from catalog.permissions import Action, require
from catalog.selectors.access_requests import get_agreement, signatures_of
from catalog.selectors.datasets import get_dataset
from catalog.services.granting.agreements import TEXT_LIMIT, write_agreement
from catalog.services.granting.questions import LABEL_LIMIT, MAX_CHOICES


class QuestionInput(serializers.Serializer[Agreement]):
    key = serializers.RegexField(r"^[a-z0-9-]{1,60}\Z", required=False)
    kind = serializers.ChoiceField(choices=QuestionKind.choices, required=False, default=QuestionKind.TEXT)
    needed = serializers.BooleanField(required=False, default=True)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list, max_length=MAX_CHOICES
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # Every serializer has an attribute "label" of its own, so that this field can't be declared like the others.
        return {**super().get_fields(), "label": serializers.CharField(max_length=LABEL_LIMIT)}


class AgreementInput(serializers.Serializer[Agreement]):
    text = serializers.CharField(max_length=TEXT_LIMIT, allow_blank=True)
    questions = QuestionInput(many=True, required=False, default=list)


def agreement_shape(agreement: Agreement, dataset: Dataset) -> AgreementShape:
    url = dataset_url(dataset)
    return {
        "dataset": f"{dataset.organization.slug}/{dataset.slug}",
        "number": agreement.number,
        "text": agreement.text,
        "sha256": agreement.sha256,
        "questions": agreement.questions,
        "created_by": agreement.created_by.username,
        "created": agreement.created.isoformat(),
        "links": {"self": f"{url}/agreements/{agreement.number}", "dataset": url},
    }


def signature_shape(signature: Signature) -> SignatureShape:
    return {
        "username": signature.user.username,
        "name": signature.name,
        "signed_at": signature.signed_at.isoformat(),
        "address": signature.address,
        "agreement": signature.agreement.number,
        "text_sha256": signature.text_sha256,
        "versions": signature.versions or None,
    }


class AgreementView(APIView):
    """What has to be signed and answered by whoever asks for the data: the one in force."""

    @documented("Read a dataset's agreement", answers=shape(AgreementShape), tag="access")
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        found = get_dataset(actor=actor_of(request), owner=owner, slug=dataset)
        return answer(request, agreement_shape(get_agreement(dataset=found), found))

    @documented("Write a dataset's agreement", request=AgreementInput, answers=shape(AgreementShape), tag="access")
    def put(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        given = AgreementInput(data=request.data)
        given.is_valid(raise_exception=True)
        agreement = write_agreement(actor=actor, dataset=found, **given.validated_data)
        return answer(request, agreement_shape(agreement, found))


class AgreementNumberView(APIView):
    """An agreement as it was: what was signed can always be read."""

    @documented("Read one of a dataset's agreements", answers=shape(AgreementShape), tag="access")
    def get(self, request: Request, owner: str, dataset: str, number: int) -> Response:
        found = get_dataset(actor=actor_of(request), owner=owner, slug=dataset)
        return answer(request, agreement_shape(get_agreement(dataset=found, number=number), found))


class SignaturesView(APIView):
    """Who signed which text, when and from where. For maintainers."""

    @documented("List signatures", answers=page_of(SignatureShape), tag="access")
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        require(actor, Action.GRANT, found)
        return paged(request, signatures_of(found), signature_shape)
