from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.conditional import answer
from catalog.api.openapi import documented, shape
from catalog.api.resources import find_resource
from catalog.api.shapes import RowsShape
from catalog.services.rows import MAX_ROWS, read_rows


class RowsInput(serializers.Serializer[Any]):
    offset = serializers.IntegerField(min_value=0, max_value=10**15, required=False, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=MAX_ROWS, required=False, default=50)
    columns = serializers.CharField(required=False, allow_blank=True, default="", max_length=100_000)


class RowsView(APIView):
    """A page of a table's rows, of any version that you may download."""

    @documented(
        "Read rows",
        answers=shape(RowsShape),
        parameters=[
            OpenApiParameter("offset", int),
            OpenApiParameter("limit", int),
            OpenApiParameter("columns", str, description="Names, with commas between them; all when empty"),
        ],
        tag="delivery",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        given = RowsInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        actor, found = find_resource(request, owner, dataset, version, resource)
        columns = [name for name in values["columns"].split(",") if name] or None
        page = read_rows(actor=actor, resource=found, offset=values["offset"], limit=values["limit"], columns=columns)
        body: RowsShape = {
            "columns": list(page.columns),
            "rows": [list(row) for row in page.rows],
            "total": page.total,
            "offset": page.offset,
        }
        return answer(request, body)
