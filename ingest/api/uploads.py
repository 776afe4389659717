from typing import Any, NotRequired, TypedDict

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.api.manners.represent import finding_groups
from catalog.api.manners.shapes import FindingGroupShape
from catalog.models import SourceMode
from catalog.permissions import require_user
from catalog.selectors.datasets import get_dataset
from catalog.services.publishing.documents import DESCRIPTION_LENGTH, TITLE_LENGTH
from ingest.models import NewColumns, Upload, UploadKind
from ingest.progress_of import ProgressShape, progress_of
from ingest.remote.address import shown
from ingest.services import uploads as service
from ingest.services.documents import DocumentWords, initiate_document, keep_as_document
from ingest.services.importing import import_file
from ingest.services.purposes import Purpose


class UploadInput(serializers.Serializer[Upload]):
    dataset = serializers.RegexField(r"^[a-z0-9-]+/[a-z0-9-]+\Z", max_length=200)
    filename = serializers.CharField(max_length=1_000, trim_whitespace=False, required=False)
    size = serializers.IntegerField(max_value=2**62, required=False)
    url = serializers.CharField(max_length=2_000, required=False, allow_blank=True)
    sha256 = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    resource = serializers.CharField(max_length=96, required=False, allow_blank=True, default="")
    mode = serializers.ChoiceField(SourceMode.choices, required=False, default=SourceMode.REPLACE)
    key = serializers.ListField(
        child=serializers.CharField(max_length=255), required=False, default=list, max_length=50
    )
    new_columns = serializers.ChoiceField(NewColumns.choices, required=False, default=NewColumns.REFUSE)
    kind = serializers.ChoiceField(UploadKind.choices, required=False, default=UploadKind.TABLE)
    title = serializers.CharField(required=False, allow_blank=True, max_length=TITLE_LENGTH, default="")
    description = serializers.CharField(required=False, allow_blank=True, max_length=DESCRIPTION_LENGTH, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either bytes are announced by name and size, or an address is given to fetch them from."""
        if attrs["kind"] == UploadKind.DOCUMENT and (attrs["resource"] or attrs["key"] or attrs["mode"] != "replace"):
            raise serializers.ValidationError({"kind": ["A document does nothing to a table."]})
        if attrs.get("url"):
            if "size" in attrs:
                raise serializers.ValidationError({"size": ["What is imported from an address has no size yet."]})
            return attrs
        absent = [name for name in ("filename", "size") if name not in attrs]
        if absent:
            raise serializers.ValidationError({name: ["This field is required."] for name in absent})
        return {name: value for name, value in attrs.items() if name != "url"}


class PartInput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    md5 = serializers.CharField(max_length=64)
    size = serializers.IntegerField(required=False)


class PartsInput(serializers.Serializer[Any]):
    parts = PartInput(many=True)


class CompletionInput(serializers.Serializer[Upload]):
    sha256 = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class UploadShape(TypedDict):
    """``kind`` is table or document; a document is called by ``filename`` and makes no ``resources``."""

    id: str
    dataset: str
    kind: str
    filename: str
    size: int
    state: str
    url: str | None
    sha256: str | None
    progress: ProgressShape
    findings: list[FindingGroupShape]
    resources: list[str]
    mode: str
    key: list[str]
    counts: dict[str, int]
    attempts: int
    error: dict[str, str] | None
    created: str
    finished: str | None
    part_size: NotRequired[int]
    part_count: NotRequired[int]
    links: dict[str, str]


class SignedPartShape(TypedDict):
    number: int
    url: str
    headers: dict[str, str]


class SignedPartsShape(TypedDict):
    parts: list[SignedPartShape]


class StoredPartShape(TypedDict):
    number: int
    size: int


class StoredPartsShape(TypedDict):
    part_size: int
    part_count: int
    parts: list[StoredPartShape]


def _said(error: dict[str, Any] | None) -> dict[str, Any] | None:
    """What went wrong, without the cause inside, which is for operators."""
    return None if error is None else {name: word for name, word in error.items() if name != "cause"}


def upload_shape(upload: Upload) -> UploadShape:
    url = f"{settings.BASE_URL}/api/v1/uploads/{upload.pk}"
    return {
        "id": str(upload.pk),
        "dataset": f"{upload.dataset.organization.slug}/{upload.dataset.slug}",
        "kind": upload.kind,
        "filename": upload.filename,
        "size": upload.size,
        "state": upload.state,
        "url": shown(upload.source_url) if upload.source_url else None,
        "sha256": upload.sha256 or None,
        "progress": progress_of(upload),
        "findings": finding_groups(upload.findings, with_values=True),
        "resources": list(upload.resource_names),
        "mode": upload.mode,
        "key": list(upload.key),
        "counts": dict(upload.counts),
        "attempts": upload.attempts,
        "error": _said(upload.error),
        "created": upload.created.isoformat(),
        "finished": upload.finished_at.isoformat() if upload.finished_at else None,
        "part_size": upload.part_size,
        "part_count": upload.part_count,
        "links": {"self": url, "parts": f"{url}/parts", "complete": f"{url}/complete"},
    }


def _find(request: Request, upload_id: str) -> tuple[Actor, Upload]:
    actor = actor_of(request)
    return actor, service.get_upload(actor=actor, upload_id=str(upload_id))


class UploadsView(APIView):
    """Presigned multipart, straight to the store: begin here, PUT the parts there, complete here."""

    @documented("List your uploads", answers=page_of(UploadShape), tag="uploads")
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        require_user(actor, scope="read")
        rows = Upload.objects.visible_to(actor).filter(created_by=actor.user).select_related("dataset__organization")
        return paged(request, rows, upload_shape)

    @documented(
        "Begin an upload, or have a file imported from a URL",
        request=UploadInput,
        answers=shape(UploadShape),
        status=201,
        tag="uploads",
    )
    def post(self, request: Request) -> Response:
        given = UploadInput(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        actor = actor_of(request)
        owner, _, slug = values.pop("dataset").partition("/")
        dataset = get_dataset(actor=actor, owner=owner, slug=slug)
        purpose = Purpose(values.pop("mode"), tuple(values.pop("key")), values.pop("new_columns"))
        words = DocumentWords(values.pop("title"), values.pop("description"))
        is_document = values.pop("kind") == UploadKind.DOCUMENT
        if "url" in values:
            document = words if is_document else None
            upload = import_file(actor=actor, dataset=dataset, purpose=purpose, document=document, **values)
        elif is_document:
            del values["resource"]
            upload = initiate_document(actor=actor, dataset=dataset, words=words, **values)
        else:
            upload = service.initiate_upload(actor=actor, dataset=dataset, purpose=purpose, **values)
        return Response(upload_shape(upload), status=201)


class UploadView(APIView):
    @documented("Read an upload's state and progress", answers=shape(UploadShape), tag="uploads")
    def get(self, request: Request, upload_id: str) -> Response:
        return answer(request, upload_shape(_find(request, upload_id)[1]))

    @documented("Cancel an upload", status=204, tag="uploads")
    def delete(self, request: Request, upload_id: str) -> Response:
        actor, upload = _find(request, upload_id)
        service.cancel_upload(actor=actor, upload=upload)
        return Response(status=204)


class PartsView(APIView):
    """Which parts the store has (for resuming), and URLs for those that are to be sent."""

    @documented("List the parts that have arrived", answers=shape(StoredPartsShape), tag="uploads")
    def get(self, request: Request, upload_id: str) -> Response:
        actor, upload = _find(request, upload_id)
        stored = service.list_stored_parts(actor=actor, upload=upload)
        body: StoredPartsShape = {
            "part_size": upload.part_size,
            "part_count": upload.part_count,
            "parts": [{"number": part.number, "size": part.size} for part in stored],
        }
        return Response(body)

    @documented("Sign URLs for parts", request=PartsInput, answers=shape(SignedPartsShape), tag="uploads")
    def post(self, request: Request, upload_id: str) -> Response:
        given = PartsInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor, upload = _find(request, upload_id)
        wanted = [service.PartRequest(item["number"], item["md5"]) for item in given.validated_data["parts"]]
        signed = service.sign_parts(actor=actor, upload=upload, parts=wanted)
        body: SignedPartsShape = {
            "parts": [{"number": part.number, "url": part.url, "headers": part.headers} for part in signed]
        }
        return Response(body, headers={"Cache-Control": "no-store"})


class CompletionView(APIView):
    """Joins the parts and wakes a worker. Safe to send again."""

    @documented("Complete an upload", request=CompletionInput, answers=shape(UploadShape), status=202, tag="uploads")
    def post(self, request: Request, upload_id: str) -> Response:
        given = CompletionInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor, upload = _find(request, upload_id)
        service.complete_upload(actor=actor, upload=upload, sha256=given.validated_data["sha256"])
        return Response(upload_shape(_find(request, upload_id)[1]), status=202)


class KeepingView(APIView):
    """A file that was refused because it holds no table becomes a document, with the bytes that are here already."""

    @documented("Keep a refused file as a document", answers=shape(UploadShape), status=201, tag="uploads")
    def post(self, request: Request, upload_id: str) -> Response:
        actor, upload = _find(request, upload_id)
        kept = keep_as_document(actor=actor, upload=upload)
        return Response(upload_shape(kept), status=201)
