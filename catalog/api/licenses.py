from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.represent import license_shape
from catalog.api.manners.shapes import LicenseShape
from catalog.licenses import search_licenses


class LicensesView(APIView):
    """Every licence of the SPDX list, those made for data first."""

    @documented(
        "List licences",
        answers={"type": "array", "items": shape(LicenseShape)},
        parameters=[OpenApiParameter("q", str, description="Part of the identifier or the name")],
        tag="datasets",
    )
    def get(self, request: Request) -> Response:
        found = search_licenses(request.query_params.get("q", ""))
        return answer(request, [license_shape(item, full=True) for item in found])
