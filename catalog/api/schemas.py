from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.api.manners.represent import schema_shape
from catalog.api.manners.shapes import SchemaShape
from catalog.models import StandardSchema
from catalog.selectors.datasets import get_organization, get_schema
from catalog.services.cataloguing.schemas import create_schema


class SchemaInput(serializers.Serializer[StandardSchema]):
    organization = serializers.CharField(max_length=96)
    name = serializers.CharField(max_length=96)
    version = serializers.CharField(max_length=32)
    title = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000, default="")
    descriptor = serializers.JSONField()


class SchemasView(APIView):
    """Standard schemas: named, versioned Table Schemas that many datasets share."""

    @documented("List standard schemas", answers=page_of(SchemaShape), tag="schemas")
    def get(self, request: Request) -> Response:
        rows = StandardSchema.objects.select_related("organization").order_by("name", "-created")
        return paged(request, rows, schema_shape)

    @documented("Make a standard schema", request=SchemaInput, answers=shape(SchemaShape), status=201, tag="schemas")
    def post(self, request: Request) -> Response:
        given = SchemaInput(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        descriptor = values.pop("descriptor")
        organization = get_organization(slug=values.pop("organization"))
        schema = create_schema(
            actor=actor_of(request),
            organization=organization,
            descriptor=descriptor if isinstance(descriptor, dict) else {},
            **values,
        )
        return answer(request, schema_shape(schema), status=201)


class SchemaView(APIView):
    """The newest version of a standard schema, with the numbers of all of them."""

    @documented("Read a standard schema", answers=shape(SchemaShape), tag="schemas")
    def get(self, request: Request, name: str) -> Response:
        newest = get_schema(name)
        numbers = StandardSchema.objects.filter(name=name).order_by("-created").values_list("version", flat=True)
        return answer(request, {**schema_shape(newest), "versions": list(numbers)})


class SchemaVersionView(APIView):
    @documented("Read one version of a standard schema", answers=shape(SchemaShape), tag="schemas")
    def get(self, request: Request, name: str, number: str) -> Response:
        return answer(request, schema_shape(get_schema(f"{name}@{number}")))
