"""The audit trail of a dataset."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.openapi import documented, page_of
from catalog.api.manners.pagination import paged
from catalog.api.manners.shapes import AuditShape
from catalog.models import AuditEvent
from catalog.permissions import Action, require
from catalog.selectors.audit import Asked, list_events
from catalog.selectors.datasets import get_dataset


class AskedInput(serializers.Serializer[Any]):
    who = serializers.CharField(max_length=150, required=False, default="")
    action = serializers.RegexField(r"^[a-z_.]*\Z", max_length=64, required=False, default="")
    about = serializers.CharField(max_length=100, required=False, default="")
    since = serializers.DateField(required=False, default=None)
    until = serializers.DateField(required=False, default=None)
    reads = serializers.BooleanField(required=False, default=None, allow_null=True)


class AuditView(APIView):
    """What was done with the dataset, newest first, reads included, with each entry's place in the chain.

    For maintainers.
    """

    @documented(
        "Read the audit trail",
        answers=page_of(AuditShape),
        parameters=[
            OpenApiParameter("who", str, description="A user name"),
            OpenApiParameter("action", str, description="An action, or how it begins, such as resource."),
            OpenApiParameter("about", str, description="Words of the label"),
            OpenApiParameter("since", OpenApiTypes.DATE),
            OpenApiParameter("until", OpenApiTypes.DATE),
            OpenApiParameter("reads", bool, description="true: only reads of cells; false: all but these"),
        ],
        tag="access",
    )
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        # A plain dict: of a form, a box that is not there would count as one that is not ticked.
        given = AskedInput(data=request.query_params.dict())
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        require(actor, Action.READ_AUDIT, found)
        rows = list_events(actor=actor, dataset=found, asked=Asked(**given.validated_data))
        return paged(request, rows, _audit_shape)


def _audit_shape(event: AuditEvent) -> AuditShape:
    link = event.chained
    return {
        "number": event.pk,
        "at": event.at.isoformat(),
        "actor": event.actor.username if event.actor else None,
        "token": event.token_id,
        "address": event.address,
        "action": event.action,
        "label": event.label,
        "detail": event.detail,
        "chain": None if link is None else {"position": link.position, "sha256": link.sha256},
    }
