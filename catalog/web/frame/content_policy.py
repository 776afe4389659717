"""The Content-Security-Policy of the site's answers, as django-csp writes it, put together once and not for each."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_OWN = ("_csp_config", "_csp_update", "_csp_replace", "_csp_exempt")


class ContentPolicy(CSPMiddleware):
    """No page of ours has a nonce, so that the policy is the same for all; a view that has its own keeps it."""

    def process_request(self, request: HttpRequest) -> None:
        """Without a nonce there is nothing to prepare."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if settings.DEBUG or any(hasattr(response, name) for name in _OWN):
            return super().process_response(request, response)
        if not request.path_info.startswith(self._elsewhere):
            response.headers.setdefault(HEADER, self._policy)
        return response

    @cached_property
    def _policy(self) -> str:
        return build_policy(**asdict(PolicyParts()))

    @cached_property
    def _elsewhere(self) -> tuple[str, ...]:
        return tuple(settings.CONTENT_SECURITY_POLICY["EXCLUDE_URL_PREFIXES"])
