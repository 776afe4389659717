"""A view that does nothing as one more address of the product's site: what middleware and settings of the site cost."""

from __future__ import annotations

import os

from deploy.wsgi import application  # Sets Django up, which all that follows needs.

# isort: split
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from deploy import urls

CONSTANT = {"title": "bare", "keywords": ["one", "two"], "description": "x" * int(os.environ.get("BARE_BYTES", "4000"))}


class BareView(APIView):
    def get(self, _request: Request, **_names: str) -> Response:
        return Response(CONSTANT)


urls.urlpatterns.insert(0, path("bare/<slug:owner>/<slug:dataset>", BareView.as_view()))
__all__ = ["application"]
