"""The view that does nothing; Django's settings have to stand before it is imported."""

from __future__ import annotations

import os

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

CONSTANT = {"title": "bare", "keywords": ["one", "two"], "description": "x" * int(os.environ.get("BARE_BYTES", "4000"))}


class BareView(APIView):
    def get(self, _request: Request, **_names: str) -> Response:
        return Response(CONSTANT)
