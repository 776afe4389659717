"""The parts of the Hugging Face Hub's API that its clients read datasets by, below /hf (HF_ENDPOINT=https://site/hf).

A dataset is a repository, a version a revision of it. What it says is open as everywhere here; its files are for those
who may have the bytes. Clients tell refusals apart by the headers X-Error-Code and X-Error-Message.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.errors import Forbidden, NotFound
from catalog.models import Dataset, Document, Resource, Token, Version
from catalog.permissions import require_download, require_user
from catalog.protocols.documents.croissant import croissant
from catalog.protocols.huggingface import layout, shapes
from catalog.protocols.huggingface.card import card, card_data
from catalog.protocols.huggingface.reads import note_document_read, note_read
from catalog.protocols.huggingface.revisions import RevisionNotFound, find_version, split_revision
from catalog.protocols.parameters import whole_number
from catalog.protocols.release import Release, read_release
from catalog.selectors.datasets import get_dataset, get_document, get_resource, visible_datasets
from catalog.services.delivering.documents import find_document_download
from catalog.services.delivering.downloads import find_download
from catalog.services.delivering.entitlements import entitle
from catalog.transport import delivery
from catalog.transport.etags import is_known

ROOT = f"{settings.BASE_URL}/hf"
PAGE = 1_000
COMMIT = "X-Repo-Commit"


class EntryNotFound(NotFound):
    """The version has no file or folder of that name."""


class HubView(APIView):
    """What all addresses have in common: how refusals are told."""

    parser_classes = (FormParser, JSONParser)
    schema = None
    commit = ""

    def handle_exception(self, exc: Exception) -> Response:
        """The API's problem document, with the headers that the Hub's clients look at."""
        response = super().handle_exception(exc)
        problem = response.data or {}
        message = f"{problem.get('detail', '')} {problem.get('remedy', '')}".strip()
        if isinstance(exc, AuthenticationFailed):
            message = "Invalid credentials in Authorization header"
        response["X-Error-Message"] = _plain(message)
        if code := _error_code(exc):
            response["X-Error-Code"] = code
        if self.commit:
            response[COMMIT] = self.commit
        response.data = {**problem, "error": message}
        return response

    def open(self, request: Request, owner: str, name: str, revision: str = "main") -> tuple[Actor, Version]:
        """The version that a revision names. Raises NotFound, RevisionNotFound."""
        actor = actor_of(request)
        dataset = get_dataset(actor=actor, owner=owner.lower(), slug=name.lower())
        found = find_version(actor=actor, dataset=dataset, revision=revision)
        self.commit = found.manifest_sha256[:40]
        return actor, found


class NowhereView(HubView):
    """Any other repository: those of the Hub with one name, models, what is written."""

    def get(self, request: Request, rest: str = "") -> Response:
        raise NotFound(gettext("There is no %(rest)s here.") % {"rest": rest or "such repository"})


class DatasetsView(HubView):
    """Datasets that may be seen, newest first; ``search``, ``author``, ``filter`` and ``limit`` as the Hub has them."""

    def get(self, request: Request) -> Response:
        asked = request.query_params
        limit = whole_number("limit", asked.get("limit"))
        size, skip = PAGE if limit is None else min(limit, PAGE), whole_number("cursor", asked.get("cursor")) or 0
        found = visible_datasets(actor_of(request)).filter(latest__isnull=False)
        if author := asked.get("author"):
            found = found.filter(organization__slug=author.lower())
        for tag in asked.getlist("filter"):
            found = found.filter(_tagged(tag))
        for word in asked.get("search", "").split():
            found = found.filter(
                Q(title__icontains=word) | Q(slug__icontains=word) | Q(organization__slug__icontains=word)
            )
        rows = list(found.order_by("-modified", "pk")[skip : skip + size + 1])
        headers = {}
        if len(rows) > size:
            pairs = [(key, value) for key in asked for value in asked.getlist(key) if key != "cursor"]
            query = urlencode([*pairs, ("cursor", str(skip + size))])
            headers["Link"] = f'<{ROOT}/api/datasets?{query}>; rel="next"'
        items = [shapes.repository(row, row.latest) for row in rows[:size] if row.latest is not None]
        return Response(items, headers=headers)


class InfoView(HubView):
    def get(self, request: Request, owner: str, name: str, revision: str = "main") -> Response:
        _, version = self.open(request, owner, name, revision)
        release = read_release(version)
        blobs = request.query_params.get("blobs", "").lower() in {"1", "true"}
        found = layout.files(release, card(release))
        return Response(shapes.info(version.dataset, version, found, card_data(release), blobs=blobs))


class TreeView(HubView):
    """What lies in a folder of a version."""

    def get(self, request: Request, owner: str, name: str, rest: str) -> Response:
        revision, path = split_revision(rest)
        _, version = self.open(request, owner, name, revision)
        release = read_release(version)
        asked = request.query_params
        recursive, expand = (asked.get(word, "").lower() in {"1", "true"} for word in ("recursive", "expand"))
        found = layout.files(release, card(release))
        entries = layout.below(found, path, recursive=recursive)
        if not entries:
            raise EntryNotFound(
                gettext("Version %(number)s has no folder %(path)s.") % {"number": release.number, "path": f"{path!r}"}
            )
        return Response([shapes.tree_item(entry, release, expand=expand) for entry in entries])


class PathsView(HubView):
    """Files and folders by their names; those that are not there are left out."""

    def post(self, request: Request, owner: str, name: str, revision: str) -> Response:
        _, version = self.open(request, owner, name, revision)
        release = read_release(version)
        paths = _sent(request, "paths")
        expand = bool(paths) and (_sent(request, "expand") or ["false"])[0].lower() in {"1", "true"}
        found = layout.files(release, card(release))
        entries = [entry for path in paths[:PAGE] if (entry := layout.named(found, path)) is not None]
        return Response([shapes.tree_item(entry, release, expand=expand) for entry in entries])


class RefsView(HubView):
    def get(self, request: Request, owner: str, name: str) -> Response:
        actor, latest = self.open(request, owner, name)
        return Response(shapes.references(_published(actor, latest.dataset), latest))


class CommitsView(HubView):
    """The versions up to a revision, newest first."""

    def get(self, request: Request, owner: str, name: str, revision: str) -> Response:
        actor, version = self.open(request, owner, name, revision)
        older = [item for item in _published(actor, version.dataset) if (item.sequence or 0) <= (version.sequence or 0)]
        return Response(shapes.commits(older, owner))


class ParquetView(HubView):
    """The addresses of all Parquet files of the latest version."""

    def get(self, request: Request, owner: str, name: str) -> Response:
        _, version = self.open(request, owner, name)
        release = read_release(version)
        return Response(shapes.parquet_urls(release, f"{ROOT}/datasets/{release.id}/resolve/{release.commit}"))


class CroissantView(HubView):
    """The latest version as Croissant."""

    def get(self, request: Request, owner: str, name: str) -> Response:
        _, version = self.open(request, owner, name)
        return Response(croissant(read_release(version), spec="1.0"))


class ResolveView(HubView):
    """A file of a version: card, a table's Parquet, a document. It leaves as catalog/transport/delivery.py says."""

    def get(self, request: Request, owner: str, name: str, rest: str) -> HttpResponseBase:
        revision, path = split_revision(rest)
        actor, version = self.open(request, owner, name, revision)
        release = read_release(version)
        readme = card(release)
        if path == layout.README:
            return _text(request, readme, release)
        found = layout.named(layout.files(release, readme), path)
        if not isinstance(found, layout.RepoFile):
            raise EntryNotFound(
                gettext("Version %(number)s has no file %(path)s.") % {"number": release.number, "path": f"{path!r}"}
            )
        if found.document:
            response = _document(request, actor, get_document(version=version, name=found.document))
        else:
            response = _part(request, actor, get_resource(version=version, name=found.table), found.position)
        response[COMMIT] = release.commit
        response["X-Linked-Size"], response["X-Linked-Etag"] = str(found.size), f'"{found.sha256}"'
        return response


def _part(request: Request, actor: Actor, resource: Resource, position: int) -> HttpResponseBase:
    entitlement = entitle(actor=actor, version=resource.version)
    download = find_download(entitlement=entitlement, resource=resource, kind="parquet", part=position)
    response = delivery.respond(request._request, download)
    if _is_sent(request, response):
        note_read(actor=actor, resource=resource, download=download)
    return response


def _document(request: Request, actor: Actor, document: Document) -> HttpResponseBase:
    entitlement = entitle(actor=actor, version=document.version)
    download = find_document_download(entitlement=entitlement, document=document)
    response = delivery.respond(request._request, download)
    if _is_sent(request, response):
        note_document_read(entitlement=entitlement, document=document)
    return response


def _is_sent(request: Request, response: HttpResponseBase) -> bool:
    return request.method == "GET" and response.status_code in {200, 206, 302}


class WhoView(HubView):
    """Whom a token speaks for."""

    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        require_user(actor, scope="read")
        user = actor.user
        assert user is not None  # noqa: S101 -- for mypy; require_user has refused nobody.
        token = request.auth if isinstance(request.auth, Token) else None
        organizations = [
            {"type": "org", "name": item.slug, "fullname": item.title} for item in user.organizations.all()
        ]
        access = {"displayName": token.name if token else "session", "role": "read"}
        return Response(
            {
                "type": "user",
                "id": f"{user.pk:024x}",
                "name": user.username,
                "fullname": user.name or user.username,
                "orgs": organizations,
                "auth": {"type": "access_token", "accessToken": access},
            }
        )


class AuthView(HubView):
    """Whether the caller may have the files of the latest version."""

    def get(self, request: Request, owner: str, name: str) -> Response:
        actor, version = self.open(request, owner, name)
        require_download(actor, version)
        return Response({})


def _error_code(error: Exception) -> str:
    if isinstance(error, RevisionNotFound):
        return "RevisionNotFound"
    if isinstance(error, EntryNotFound):
        return "EntryNotFound"
    if isinstance(error, NotFound):
        return "RepoNotFound"
    # What is not to be seen is not found; whoever is refused sees the dataset and may not have its files.
    return "GatedRepo" if isinstance(error, Forbidden) else ""


def _plain(text: str) -> str:
    """A sentence as a header may have it: in ASCII, on one line."""
    plain = text.translate({0x2026: "...", 0x201C: '"', 0x201D: '"', 0x2019: "'", 0x2013: "-"})
    return " ".join(plain.encode("ascii", "replace").decode().split())


def _tagged(tag: str) -> Q:
    kind, _, value = tag.partition(":")
    if kind == "license":
        return Q(license__iexact=value)
    if tag in {"format:parquet", "modality:tabular", "dataset"}:
        return Q()
    return Q(keywords__contains=[tag])


def _sent(request: Request, name: str) -> list[str]:
    """A field of a form, or of JSON, as texts: older clients send the one, newer the other."""
    given: Any = request.data
    if hasattr(given, "getlist"):
        return [str(item) for item in given.getlist(name)]
    found = given.get(name, []) if isinstance(given, dict) else []
    return [str(item) for item in (found if isinstance(found, list) else [found])]


def _published(actor: Actor, dataset: Dataset) -> list[Version]:
    return list(Version.objects.visible_to(actor).published().filter(dataset=dataset).order_by("-sequence"))


def _text(request: Request, data: bytes, release: Release) -> HttpResponse:
    etag = f'"{layout.git_blob(data)}"'
    headers = {"ETag": etag, COMMIT: release.commit, "Accept-Ranges": "none", "Cache-Control": "private, no-cache"}
    if is_known(request.headers.get("If-None-Match", ""), etag):
        return HttpResponse(status=304, headers=headers)
    headers["Content-Length"] = str(len(data))
    return HttpResponse(data, headers=headers, content_type="text/markdown; charset=utf-8")
