from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.actor import actor_of
from catalog.api.conditional import answer
from catalog.api.openapi import documented, page_of, shape
from catalog.api.pagination import paged
from catalog.api.represent import review_shape
from catalog.api.shapes import ReviewShape
from catalog.errors import Invalid
from catalog.models import Review, ReviewState
from catalog.selectors.reviews import get_review, visible_reviews
from catalog.services.reviews import decide_review


class DecisionInput(serializers.Serializer[Review]):
    decision = serializers.ChoiceField(choices=["approve", "request_changes"])
    reason = serializers.CharField(required=False, allow_blank=True, max_length=10_000, default="")


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
            raise Invalid(fields={"state": [f"Use one of {', '.join(ReviewState.values)}."]})
        return paged(request, visible_reviews(actor_of(request), state=state), review_shape)


class ReviewView(APIView):
    @documented("Read a review", answers=shape(ReviewShape), tag="reviews")
    def get(self, request: Request, review_id: int) -> Response:
        return answer(request, review_shape(get_review(actor=actor_of(request), review_id=review_id)))


class DecisionView(APIView):
    """Approving publishes the version. Whoever submitted it can't approve it."""

    @documented("Decide on a version", request=DecisionInput, answers=shape(ReviewShape), tag="reviews")
    def post(self, request: Request, review_id: int) -> Response:
        given = DecisionInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        review = get_review(actor=actor, review_id=review_id)
        decide_review(actor=actor, review=review, **given.validated_data)
        return answer(request, review_shape(get_review(actor=actor, review_id=review_id)))
