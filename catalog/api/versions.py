import hashlib

from django.http import HttpResponse
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import keys, storage
from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.listing import list_files
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.api.manners.represent import version_shape, version_summary
from catalog.api.manners.shapes import FilesShape, VersionShape, VersionSummary
from catalog.errors import NotFound
from catalog.models import Version
from catalog.models.version import PUBLIC_STATES
from catalog.selectors.datasets import get_dataset, get_version, list_versions
from catalog.services.publishing.versions import (
    edit_note,
    open_draft,
    restart_draft,
    submit_version,
    take_back,
    withdraw_version,
)
from catalog.transport.etags import is_known

_START = r"^(latest|empty|\d+\.\d+\.\d+)\Z"


class StartInput(serializers.Serializer[Version]):
    """Which tables a new draft has: those of the latest version, of one with a number, or none."""

    start_from = serializers.RegexField(_START, required=False, max_length=32)


class DraftInput(StartInput):
    note = serializers.CharField(required=False, allow_blank=True, max_length=10_000)


class SubmissionInput(serializers.Serializer[Version]):
    note = serializers.CharField(allow_blank=True, max_length=10_000)
    number = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=32)


class WithdrawalInput(serializers.Serializer[Version]):
    reason = serializers.CharField(allow_blank=True, max_length=10_000)


def find_version(
    request: Request, owner: str, dataset: str, version: str, *, alone: bool = False
) -> tuple[Actor, Version]:
    """The version at an address, as the request's actor sees it; ``alone`` as of get_dataset. Raises NotFound."""
    actor = actor_of(request)
    found = get_dataset(actor=actor, owner=owner, slug=dataset, alone=alone)
    return actor, get_version(actor=actor, dataset=found, version=version, alone=alone)


class VersionsView(APIView):
    @documented("List versions, newest first", answers=page_of(VersionSummary), tag="versions")
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        return paged(request, list_versions(actor=actor, dataset=found), version_summary)

    @documented("Open a draft", request=StartInput, answers=shape(VersionShape), status=201, tag="versions")
    def post(self, request: Request, owner: str, dataset: str) -> Response:
        given = StartInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        draft = open_draft(actor=actor, dataset=found, start_from=given.validated_data.get("start_from"))
        return answer(request, version_shape(draft), status=201)


class VersionView(APIView):
    """``version`` is a number such as 1.2.0, ``latest`` or ``draft``."""

    @documented("Read a version", answers=shape(VersionShape), tag="versions")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        _, found = find_version(request, owner, dataset, version)
        return answer(request, version_shape(found))

    @documented(
        "Change a draft's note, or have it start again", request=DraftInput, answers=shape(VersionShape), tag="versions"
    )
    def patch(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        given = DraftInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor, found = find_version(request, owner, dataset, version)
        values = given.validated_data
        if "start_from" in values:
            found = restart_draft(actor=actor, version=found, start_from=values["start_from"])
        if "note" in values:
            found = edit_note(actor=actor, version=found, note=values["note"])
        return answer(request, version_shape(found))


class SubmissionView(APIView):
    """To the stewards, or published directly where the organisation allows it and every check passed."""

    @documented("Submit a draft", request=SubmissionInput, answers=shape(VersionShape), tag="versions")
    def post(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        given = SubmissionInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor, found = find_version(request, owner, dataset, version)
        values = given.validated_data
        found = submit_version(actor=actor, version=found, note=values["note"], number=values.get("number"))
        return answer(request, version_shape(found))


class TakeBackView(APIView):
    @documented("Take a submitted version back to draft", answers=shape(VersionShape), tag="versions")
    def post(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        actor, found = find_version(request, owner, dataset, version)
        return answer(request, version_shape(take_back(actor=actor, version=found)))


class WithdrawalView(APIView):
    """The version keeps resolving, with the reason; its bytes are not served any more."""

    @documented("Withdraw a published version", request=WithdrawalInput, answers=shape(VersionShape), tag="versions")
    def post(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        given = WithdrawalInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor, found = find_version(request, owner, dataset, version)
        found = withdraw_version(actor=actor, version=found, reason=given.validated_data["reason"])
        return answer(request, version_shape(found))


class ManifestView(APIView):
    """The frozen manifest, byte for byte as it was published; its sha256 is the version's manifest_sha256."""

    @documented("Read a version's manifest", answers={"type": "object"}, tag="versions")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> HttpResponse:
        _, found = find_version(request, owner, dataset, version)
        if found.state not in PUBLIC_STATES or found.number is None:
            raise NotFound(gettext("Only published versions have a manifest."))
        etag = f'"{found.manifest_sha256}"'
        headers = {"ETag": etag, "X-Content-SHA256": found.manifest_sha256}
        if is_known(request.headers.get("If-None-Match", ""), etag):
            return HttpResponse(status=304, headers=headers)
        data = storage.read_bytes(keys.manifest(found.dataset_id, found.number))
        if hashlib.sha256(data).hexdigest() != found.manifest_sha256:
            raise storage.ObjectMissing("the manifest in the bucket is not the one that was published")
        return HttpResponse(data, content_type="application/json", headers=headers)


class FilesView(APIView):
    """Every file of a version with size and sha256; with ``links=1`` also a URL to fetch each without a token."""

    @documented(
        "List a version's files",
        answers=shape(FilesShape),
        parameters=[
            OpenApiParameter("links", bool, description="Add download_url, valid for a few minutes"),
            OpenApiParameter("sha256", str, many=True, description="Only the files with this sha256"),
        ],
        tag="versions",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        actor, found = find_version(request, owner, dataset, version)
        with_links = request.query_params.get("links") in {"1", "true"}
        files: FilesShape = {
            "dataset": f"{owner}/{dataset}",
            "version": found.number,
            "manifest_sha256": found.manifest_sha256 or None,
            "files": list_files(
                actor, found, with_links=with_links, wanted=set(request.query_params.getlist("sha256"))
            ),
        }
        if with_links:
            return Response(files, headers={"Cache-Control": "no-store"})
        return answer(request, files)
