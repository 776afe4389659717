from collections.abc import Callable

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.api.manners.represent import remark_shape, review_shape
from catalog.api.manners.shapes import RemarkShape, ReviewShape
from catalog.api.personal import held_shape
from catalog.errors import Invalid
from catalog.models import Remark, Review, ReviewState
from catalog.personal.kinds import PersonalKind
from catalog.selectors.reviews import get_review, visible_reviews
from catalog.services.reviewing.conversation import REMARK_LIMIT, add_remark, claim_review, release_review
from catalog.services.reviewing.failures import WORDS
from catalog.services.reviewing.failures import calls_of as failure_calls_of
from catalog.services.reviewing.personal import calls_of
from catalog.services.reviewing.reviews import DECISIONS, decide_review
from catalog.services.reviewing.settling import NOTE_LIMIT


class PersonalWordInput(serializers.Serializer[Review]):
    decision = serializers.ChoiceField(choices=["accept", "return"])
    note = serializers.CharField(required=False, allow_blank=True, max_length=NOTE_LIMIT, default="")


class FailureWordInput(serializers.Serializer[Review]):
    table = serializers.CharField(max_length=200)
    rule = serializers.CharField(max_length=200)
    decision = serializers.ChoiceField(choices=list(WORDS))
    note = serializers.CharField(max_length=NOTE_LIMIT)


class RemarkInput(serializers.Serializer[Remark]):
    text = serializers.CharField(max_length=REMARK_LIMIT)


class DecisionInput(serializers.Serializer[Review]):
    """``personal`` has a word on each kind of personal data that the version is held for, by the kind.

    ``failures`` has a word on each check that failed: ``table`` and ``rule`` as the reports name them.
    """

    decision = serializers.ChoiceField(choices=list(DECISIONS))
    personal = serializers.DictField(child=PersonalWordInput(), required=False)
    failures = FailureWordInput(many=True, required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=10_000, default="")

    def validate_personal(self, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        if unknown := value.keys() - set(PersonalKind):
            raise serializers.ValidationError(f"No kind of personal data: {', '.join(sorted(unknown))}.")
        return value


class ReviewsView(APIView):
    @documented(
        "List reviews",
        answers=page_of(ReviewShape),
        parameters=[OpenApiParameter("state", str, enum=ReviewState.values)],
        tag="reviews",
    )
    def get(self, request: Request) -> Response:
        state = request.query_params.get("state")
        if state and state not in ReviewState.values:
            raise Invalid(
                fields={"state": [_("Use one of %(reviewstate)s.") % {"reviewstate": ", ".join(ReviewState.values)}]}
            )
        return paged(request, visible_reviews(actor_of(request), state=state), review_shape)


class ReviewView(APIView):
    @documented("Read a review", answers=shape(ReviewShape), tag="reviews")
    def get(self, request: Request, review_id: int) -> Response:
        return answer(request, _shape(get_review(actor=actor_of(request), review_id=review_id)))


class DecisionView(APIView):
    """Approving publishes the version. Whoever submitted it can't approve it."""

    @documented("Decide on a version", request=DecisionInput, answers=shape(ReviewShape), tag="reviews")
    def post(self, request: Request, review_id: int) -> Response:
        given = DecisionInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        review = get_review(actor=actor, review_id=review_id)
        values = given.validated_data
        words = {
            "personal": calls_of(values.get("personal", {})),
            "failures": failure_calls_of(values.get("failures", ())),
        }
        decide_review(actor=actor, review=review, **{**values, **words})
        return answer(request, _shape(get_review(actor=actor, review_id=review_id)))


class ClaimView(APIView):
    """A claim tells other stewards that somebody is looking; it keeps nobody from deciding."""

    @documented("Take a review", answers=shape(ReviewShape), tag="reviews")
    def put(self, request: Request, review_id: int) -> Response:
        return self._change(request, review_id, claim_review)

    @documented("Give a review back", answers=shape(ReviewShape), tag="reviews")
    def delete(self, request: Request, review_id: int) -> Response:
        return self._change(request, review_id, release_review)

    def _change(self, request: Request, review_id: int, change: Callable[..., Review]) -> Response:
        actor = actor_of(request)
        change(actor=actor, review=get_review(actor=actor, review_id=review_id))
        return answer(request, _shape(get_review(actor=actor, review_id=review_id)))


class RemarksView(APIView):
    """The conversation about a version: for those who made it, and for stewards."""

    @documented("Read the conversation", answers=page_of(RemarkShape), tag="reviews")
    def get(self, request: Request, review_id: int) -> Response:
        review = get_review(actor=actor_of(request), review_id=review_id)
        return paged(request, review.remarks.select_related("author"), remark_shape)

    @documented(
        "Say something about a version", request=RemarkInput, answers=shape(RemarkShape), status=201, tag="reviews"
    )
    def post(self, request: Request, review_id: int) -> Response:
        actor = actor_of(request)
        review = get_review(actor=actor, review_id=review_id)
        given = RemarkInput(data=request.data)
        given.is_valid(raise_exception=True)
        remark = add_remark(actor=actor, review=review, text=given.validated_data["text"])
        return Response(remark_shape(remark), status=201)


def _shape(review: Review) -> ReviewShape:
    """One review with the kinds of personal data that it has to say something of."""
    return {**review_shape(review), "held": held_shape(review.version)}
