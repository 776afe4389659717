"""What one was told, and what one follows."""

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of, reader_of
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged, paged_with
from catalog.api.manners.represent import dataset_url
from catalog.api.notice_shapes import FollowShape, NoticeShape, ReadShape
from catalog.models import Dataset, Follow, Notice
from catalog.selectors.datasets import get_dataset
from catalog.selectors.following import followed_by
from catalog.selectors.notices import notices_of
from catalog.services.notifying.following import follow_dataset, unfollow_dataset
from catalog.services.notifying.letters import letter_of
from catalog.services.notifying.notices import mark_read

IDS_AT_ONCE = 1_000
_UNREAD = OpenApiParameter("unread", bool, description="Only those that were not read.")


class ReadInput(serializers.Serializer[Notice]):
    """``ids`` None is all of them."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        allow_null=True,
        default=None,
        max_length=IDS_AT_ONCE,
    )


class UnreadInput(serializers.Serializer[Notice]):
    unread = serializers.BooleanField(required=False, default=False)


def _notices_shown(notices: list[Notice]) -> list[NoticeShape]:
    shown: list[NoticeShape] = []
    for notice in notices:
        letter = letter_of(notice)
        # The queryset has none without a dataset.
        if letter is None or notice.dataset is None:
            continue
        shown.append(
            {
                "id": notice.pk,
                "kind": notice.kind,
                "text": letter.subject,
                "quote": letter.quote,
                "dataset": _name(notice.dataset),
                "created": notice.created.isoformat(),
                "read_at": notice.read_at.isoformat() if notice.read_at else None,
                "links": {"dataset": dataset_url(notice.dataset), "page": letter.link},
            }
        )
    return shown


def _follow_shape(follow: Follow) -> FollowShape:
    dataset = follow.dataset
    return {
        "dataset": _name(dataset),
        "title": dataset.title,
        "since": follow.created.isoformat(),
        "latest": dataset.latest.number if dataset.latest else None,
        "links": {"dataset": dataset_url(dataset), "page": f"{settings.BASE_URL}/{_name(dataset)}/"},
    }


def _name(dataset: Dataset) -> str:
    return f"{dataset.organization.slug}/{dataset.slug}"


class NoticesView(APIView):
    @documented("List your notices", answers=page_of(NoticeShape), parameters=[_UNREAD], tag="people")
    def get(self, request: Request) -> Response:
        actor = reader_of(request)
        asked = UnreadInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = notices_of(actor, unread=asked.validated_data["unread"])
        return paged_with(request, rows, _notices_shown)


class NoticesReadView(APIView):
    @documented("Mark notices as read", request=ReadInput, answers=shape(ReadShape), tag="people")
    def post(self, request: Request) -> Response:
        actor = reader_of(request)
        given = ReadInput(data=request.data)
        given.is_valid(raise_exception=True)
        read: ReadShape = {"read": mark_read(actor=actor, ids=given.validated_data["ids"])}
        return Response(read)


class FollowsView(APIView):
    @documented("List what you follow", answers=page_of(FollowShape), tag="people")
    def get(self, request: Request) -> Response:
        return paged(request, followed_by(reader_of(request)), _follow_shape)


class FollowView(APIView):
    """To be told, on the page of notices and by mail, of new versions, embargoes that end, and warnings."""

    @documented("Follow a dataset", answers=shape(FollowShape), tag="people")
    def put(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        follow = follow_dataset(actor=actor, dataset=found)
        return Response(_follow_shape(follow))

    @documented("Stop following a dataset", status=204, tag="people")
    def delete(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        unfollow_dataset(actor=actor, dataset=get_dataset(actor=actor, owner=owner, slug=dataset))
        return Response(status=204)
