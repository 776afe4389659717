from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.represent import finding_groups, resource_shape
from catalog.api.manners.shapes import FindingsShape, ResourceShape
from catalog.api.versions import find_version
from catalog.models import Resource
from catalog.permissions import sees_values
from catalog.selectors.datasets import get_resource
from catalog.services.publishing.resources import edit_resource, remove_resource, request_check


class ResourceChanges(serializers.Serializer[Resource]):
    title = serializers.CharField(required=False, allow_blank=True, max_length=200)
    schema = serializers.DictField(required=False)


def find_resource(
    request: Request, owner: str, dataset: str, version: str, resource: str, *, alone: bool = False
) -> tuple[Actor, Resource]:
    """The table at an address, as the request's actor sees it; ``alone`` as of get_dataset. Raises NotFound."""
    actor, found = find_version(request, owner, dataset, version, alone=alone)
    return actor, get_resource(version=found, name=resource, alone=alone)


class ResourceView(APIView):
    @documented("Read a table's description", answers=shape(ResourceShape), tag="resources")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        _, found = find_resource(request, owner, dataset, version, resource)
        return answer(request, resource_shape(found))

    @documented(
        "Change a draft table's title or schema",
        request=ResourceChanges,
        answers=shape(ResourceShape),
        tag="resources",
    )
    def patch(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        given = ResourceChanges(data=request.data)
        given.is_valid(raise_exception=True)
        actor, found = find_resource(request, owner, dataset, version, resource)
        values = given.validated_data
        edit_resource(actor=actor, resource=found, title=values.get("title"), schema=values.get("schema"))
        _, found = find_resource(request, owner, dataset, version, resource)
        return answer(request, resource_shape(found))

    @documented("Take a table out of a draft", status=204, tag="resources")
    def delete(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        actor, found = find_resource(request, owner, dataset, version, resource)
        remove_resource(actor=actor, resource=found)
        return Response(status=204)


class CheckView(APIView):
    @documented("Check a draft's table again", status=202, tag="quality")
    def post(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        actor, found = find_resource(request, owner, dataset, version, resource)
        request_check(actor=actor, resource=found)
        return Response(status=202)


class FindingsView(APIView):
    """What was wrong with the file, grouped; cell values only for those who may have the bytes."""

    @documented("Read a table's findings", answers=shape(FindingsShape), tag="quality")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        actor, found = find_resource(request, owner, dataset, version, resource)
        with_values = sees_values(actor, found.version)
        groups = finding_groups(found.findings, with_values=with_values)
        return answer(request, {"count": found.findings_count, "groups": groups})
