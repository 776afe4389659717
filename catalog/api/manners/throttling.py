"""Allowances over HTTP: 429 with Retry-After, and what is left of them on every answer.

The header fields are those of draft-ietf-httpapi-ratelimit-headers-10: ``RateLimit-Policy: "requests";q=600;w=60`` and
``RateLimit: "requests";r=599;t=60``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from catalog.allowances.counter import Spent
from catalog.allowances.quotas import charge_request
from catalog.allowances.rates import Policy, spend_request
from catalog.api.manners.actor import actor_of

if TYPE_CHECKING:
    # The views' module imports this one, by its name in the settings.
    from rest_framework.views import APIView

_ATTRIBUTE = "rate_spent"


class Allowance(BaseThrottle):
    """Counts a request by the view's ``rate_policy`` ("requests" where it names none)."""

    def __init__(self) -> None:
        self._spent: Spent | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether the request is within its allowance. Raises QuotaSpent for the person's day."""
        policy: Policy = getattr(view, "rate_policy", "requests")
        actor = actor_of(request)
        charge_request(actor)
        self._spent = spend_request(actor, policy)
        if self._spent is None:
            return True
        setattr(request._request, _ATTRIBUTE, (policy, self._spent))
        return not self._spent.is_over

    def wait(self) -> float | None:
        """Seconds until there is something left again."""
        return None if self._spent is None else self._spent.reset


class RateLimitHeaders:
    """The middleware that says on each answer of the API what is left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        found: tuple[Policy, Spent] | None = getattr(request, _ATTRIBUTE, None)
        if found is not None:
            policy, spent = found
            response["RateLimit-Policy"] = f'"{policy}";q={spent.limit};w={spent.window}'
            response["RateLimit"] = f'"{policy}";r={spent.remaining};t={spent.reset}'
        return response
