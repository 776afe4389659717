"""Asking for access: the request, its conversation, its decision."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.access_shapes import AccessRequestShape
from catalog.api.manners.actor import actor_of, reader_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.api.manners.represent import API, dataset_url
from catalog.api.manners.shapes import RemarkShape
from catalog.errors import Invalid
from catalog.models import AccessRemark, AccessRequest, AccessRequestState
from catalog.selectors.access_requests import get_request, visible_requests
from catalog.selectors.datasets import get_dataset
from catalog.services.granting.access_requests import (
    PURPOSE_LIMIT,
    REASON_LIMIT,
    REMARK_LIMIT,
    add_access_remark,
    ask_access,
    cancel_request,
    decide_request,
)

_STATE = OpenApiParameter("state", str, enum=AccessRequestState.values)


class AccessRequestInput(serializers.Serializer[AccessRequest]):
    """``answers`` by the questions' keys; ``agreement_sha256`` of the text that was read; ``versions`` None for all."""

    purpose = serializers.CharField(max_length=PURPOSE_LIMIT)
    answers = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False, default=dict)
    agreement_sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", required=False, allow_blank=True, default="")
    versions = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, allow_null=True, default=None, max_length=1_000
    )


class AccessDecisionInput(serializers.Serializer[AccessRequest]):
    """``versions`` None gives what was asked for."""

    decision = serializers.ChoiceField(choices=["grant", "deny"])
    reason = serializers.CharField(required=False, allow_blank=True, max_length=REASON_LIMIT, default="")
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    versions = serializers.ListField(
        child=serializers.CharField(max_length=32), required=False, allow_null=True, default=None, max_length=1_000
    )


class AccessRemarkInput(serializers.Serializer[AccessRemark]):
    text = serializers.CharField(max_length=REMARK_LIMIT)


def access_request_shape(request: AccessRequest) -> AccessRequestShape:
    dataset = request.dataset
    url = f"{API}/access-requests/{request.pk}"
    grant = request.grant
    return {
        "id": request.pk,
        "state": request.state,
        "dataset": f"{dataset.organization.slug}/{dataset.slug}",
        "username": request.user.username,
        "name": request.user.shown_name,
        "purpose": request.purpose,
        "answers": request.answers,
        "versions": None if request.all_versions else [str(version.number) for version in request.versions.all()],
        "agreement": request.agreement.number if request.agreement else None,
        "signed": request.signature.text_sha256 if request.signature else None,
        "created": request.created.isoformat(),
        "expires_at": request.expires_at.isoformat() if request.state == AccessRequestState.PENDING else None,
        "decided_by": request.decided_by.username if request.decided_by else None,
        "decided_at": request.decided_at.isoformat() if request.decided_at else None,
        "reason": request.reason,
        "granted_until": grant.expires_at.isoformat() if grant is not None and grant.expires_at else None,
        "links": {"self": url, "dataset": dataset_url(dataset), "remarks": f"{url}/remarks"},
    }


def access_remark_shape(remark: AccessRemark) -> RemarkShape:
    return {
        "id": remark.pk,
        "author": remark.author.username,
        "created": remark.created.isoformat(),
        "text": remark.text,
    }


def _state_of(request: Request) -> str | None:
    state = request.query_params.get("state")
    if state and state not in AccessRequestState.values:
        raise Invalid(
            fields={
                "state": [
                    _("Use one of %(accessrequeststate)s.")
                    % {"accessrequeststate": ", ".join(AccessRequestState.values)}
                ]
            }
        )
    return state


class AccessRequestsView(APIView):
    """One's own requests, and those for datasets that one maintains."""

    @documented("List access requests", answers=page_of(AccessRequestShape), parameters=[_STATE], tag="access")
    def get(self, request: Request) -> Response:
        actor = reader_of(request)
        return paged(request, visible_requests(actor, state=_state_of(request)), access_request_shape)


class DatasetAccessRequestsView(APIView):
    """Maintainers see all requests for the dataset, others their own."""

    @documented(
        "List a dataset's access requests", answers=page_of(AccessRequestShape), parameters=[_STATE], tag="access"
    )
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        found = get_dataset(actor=actor_of(request), owner=owner, slug=dataset)
        rows = visible_requests(reader_of(request), state=_state_of(request)).filter(dataset=found)
        return paged(request, rows, access_request_shape)

    @documented(
        "Ask for access", request=AccessRequestInput, answers=shape(AccessRequestShape), status=201, tag="access"
    )
    def post(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        given = AccessRequestInput(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        made = ask_access(actor=actor, dataset=found, agreed=values.pop("agreement_sha256"), **values)
        return answer(request, _shown(actor, made.pk), status=201)


class AccessRequestView(APIView):
    @documented("Read an access request", answers=shape(AccessRequestShape), tag="access")
    def get(self, request: Request, request_id: int) -> Response:
        return answer(request, _shown(reader_of(request), request_id))


class AccessDecisionView(APIView):
    """Granting makes a grant, or widens the one that the asker has."""

    @documented(
        "Decide on an access request", request=AccessDecisionInput, answers=shape(AccessRequestShape), tag="access"
    )
    def post(self, request: Request, request_id: int) -> Response:
        actor = reader_of(request)
        found = get_request(actor=actor, request_id=request_id)
        given = AccessDecisionInput(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        decide_request(actor=actor, request=found, answer=values.pop("decision"), **values)
        return answer(request, _shown(actor, request_id))


class AccessCancellationView(APIView):
    @documented("Take an access request back", answers=shape(AccessRequestShape), tag="access")
    def post(self, request: Request, request_id: int) -> Response:
        actor = reader_of(request)
        cancel_request(actor=actor, request=get_request(actor=actor, request_id=request_id))
        return answer(request, _shown(actor, request_id))


class AccessRemarksView(APIView):
    """The conversation between the asker and the maintainers."""

    @documented("Read a request's conversation", answers=page_of(RemarkShape), tag="access")
    def get(self, request: Request, request_id: int) -> Response:
        found = get_request(actor=reader_of(request), request_id=request_id)
        return paged(request, found.remarks.select_related("author"), access_remark_shape)

    @documented(
        "Ask or answer about a request",
        request=AccessRemarkInput,
        answers=shape(RemarkShape),
        status=201,
        tag="access",
    )
    def post(self, request: Request, request_id: int) -> Response:
        actor = reader_of(request)
        found = get_request(actor=actor, request_id=request_id)
        given = AccessRemarkInput(data=request.data)
        given.is_valid(raise_exception=True)
        remark = add_access_remark(actor=actor, request=found, text=given.validated_data["text"])
        return Response(access_remark_shape(remark), status=201)


def _shown(actor: Actor, request_id: int) -> AccessRequestShape:
    return access_request_shape(get_request(actor=actor, request_id=request_id))
