"""Documents of a version: what there is, the bytes of each, and what a draft's owner says of them."""

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.represent import document_shape
from catalog.api.manners.shapes import DocumentShape, DocumentsShape
from catalog.api.versions import find_version
from catalog.connections import give_back_connections
from catalog.models import Document
from catalog.selectors.datasets import get_document
from catalog.services.delivering.documents import find_document_download, record_document_read
from catalog.services.delivering.entitlements import entitle
from catalog.services.publishing.documents import DESCRIPTION_LENGTH, TITLE_LENGTH, edit_document, remove_document
from catalog.transport.delivery import respond


class DocumentChanges(serializers.Serializer[Document]):
    title = serializers.CharField(required=False, allow_blank=True, max_length=TITLE_LENGTH)
    description = serializers.CharField(required=False, allow_blank=True, max_length=DESCRIPTION_LENGTH)


def _find(request: Request, address: tuple[str, str, str], name: str) -> tuple[Actor, Document]:
    actor, version = find_version(request, *address)
    return actor, get_document(version=version, name=name)


class DocumentsView(APIView):
    @documented("List a version's documents", answers=shape(DocumentsShape), tag="versions")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        _, found = find_version(request, owner, dataset, version)
        documents = list(found.documents.all())
        for document in documents:
            document.version = found
        return answer(request, {"documents": [document_shape(document) for document in documents]})


class DocumentView(APIView):
    """A document's bytes as they were uploaded: always an attachment, under the same right as the tables'."""

    @documented(
        "Download a document",
        answers=OpenApiTypes.BINARY,
        parameters=[OpenApiParameter("stream", bool, description="Send the bytes instead of a redirect")],
        tag="delivery",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str, name: str) -> HttpResponseBase:
        actor, found = _find(request, (owner, dataset, version), name)
        entitlement = entitle(actor=actor, version=found.version)
        download = find_document_download(entitlement=entitlement, document=found)
        response = respond(request._request, download)
        if request.method == "GET" and response.status_code in {200, 206, 302}:
            record_document_read(entitlement=entitlement, document=found, span=request.headers.get("Range", ""))
        give_back_connections()
        return response

    @documented(
        "Change what is said of a draft's document",
        request=DocumentChanges,
        answers=shape(DocumentShape),
        tag="versions",
    )
    def patch(self, request: Request, owner: str, dataset: str, version: str, name: str) -> Response:
        given = DocumentChanges(data=request.data)
        given.is_valid(raise_exception=True)
        actor, found = _find(request, (owner, dataset, version), name)
        found = edit_document(actor=actor, document=found, **given.validated_data)
        return answer(request, document_shape(found))

    @documented("Take a document out of a draft", status=204, tag="versions")
    def delete(self, request: Request, owner: str, dataset: str, version: str, name: str) -> Response:
        actor, found = _find(request, (owner, dataset, version), name)
        remove_document(actor=actor, document=found)
        return Response(status=204)
