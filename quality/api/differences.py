from __future__ import annotations

from typing import Any, TypedDict

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, shape
from catalog.api.manners.represent import document_shape
from catalog.api.manners.shapes import DocumentShape
from catalog.document_changes import changed_documents
from catalog.models import Version
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset
from catalog.services.publishing.compared import (
    current_difference,
    find_changes,
    get_pair,
    record_changes,
    require_values,
)
from catalog.transport.delivery import respond


class WordShape(TypedDict):
    name: str
    before: Any
    after: Any
    pieces: list[list[str]]


class RowsOfTable(TypedDict):
    """Counts are null where rows were not compared so; ``keyed`` false means that only totals are."""

    before: int
    after: int
    keyed: bool
    key: list[str]
    unkeyed: str
    compared: list[str]
    skipped: int
    added: int | None
    removed: int | None
    changed: int | None
    retyped: int | None
    unchanged: int | None
    unusable: dict[str, Any]
    added_examples: list[dict[str, Any]]
    removed_examples: list[dict[str, Any]]


class CellsOfTable(TypedDict):
    rows: int
    retyped_rows: int
    changed: int
    columns: list[dict[str, Any]]


class TableShape(TypedDict):
    breaking: bool
    columns: list[dict[str, Any]]
    rows: RowsOfTable
    cells: CellsOfTable | None
    drift: list[dict[str, Any]]
    quality: list[dict[str, Any]]
    records: int
    seconds: float
    changes: str | None


class ChangedDocumentShape(TypedDict):
    """A document that was added, changed (by its bytes) or removed; ``before`` or ``after`` is null accordingly."""

    change: str
    name: str
    before: DocumentShape | None
    after: DocumentShape | None


class DifferenceShape(TypedDict):
    """``state`` is queued, running, done or errored; what is of tables and words is null until it is done."""

    dataset: str
    base: str
    version: str
    state: str
    breaking: bool | None
    added: list[str] | None
    removed: list[str] | None
    words: list[WordShape] | None
    tables: dict[str, TableShape] | None
    documents: list[ChangedDocumentShape]


class PairInput(serializers.Serializer[Any]):
    to = serializers.RegexField(r"^(latest|draft|[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9})\Z", required=False)


_TO = OpenApiParameter("to", str, description="The newer version: a number, latest (when left out) or draft")


def _pair(request: Request, owner: str, dataset: str, version: str) -> tuple[Actor, Version, Version]:
    """The actor and the two versions that the address names, the older side first."""
    given = PairInput(data=request.query_params)
    given.is_valid(raise_exception=True)
    actor = actor_of(request)
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    require(actor, Action.DOWNLOAD, found)
    newer = given.validated_data.get("to", "latest")
    base, other = get_pair(actor=actor, dataset=found, base=version, version=newer)
    return actor, base, other


class DifferenceView(APIView):
    """What is different in the version ``to``: schema, rows, cells, drift, quality, words.

    The first to ask has it computed, and is answered 202 until it is there.
    """

    @documented("Compare two versions", answers=shape(DifferenceShape), parameters=[_TO], tag="quality")
    def get(self, request: Request, owner: str, dataset: str, version: str) -> Response:
        actor, base, newer = _pair(request, owner, dataset, version)
        require_values(actor=actor, base=base, version=newer)
        found = current_difference(base=base, version=newer)
        is_there = found.state == "done" and found.is_current
        result = found.result if is_there else {}
        address = f"/api/v1/datasets/{owner}/{dataset}/versions/{base.address}/difference"
        body: DifferenceShape = {
            "dataset": f"{owner}/{dataset}",
            "base": base.address,
            "version": newer.address,
            "state": found.state,
            "breaking": result.get("breaking"),
            "added": result.get("added"),
            "removed": result.get("removed"),
            "words": result.get("words"),
            "tables": _told(result["tables"], address, newer) if is_there else None,
            "documents": _documents(base, newer),
        }
        return answer(request, body, status=202 if found.is_waiting else 200)


def _told(tables: dict[str, Any], address: str, newer: Version) -> dict[str, TableShape]:
    """Each table without what is only for us, and with the address of its file."""
    found: dict[str, TableShape] = {}
    for name, table in tables.items():
        link = f"{address}/{name}.parquet?to={newer.address}" if table["file"] else None
        kept = {key: value for key, value in table.items() if key not in ("state", "file")}
        found[name] = {**kept, "changes": link}  # type: ignore[typeddict-item]
    return found


def _documents(base: Version, newer: Version) -> list[ChangedDocumentShape]:
    return [
        {
            "change": item.change,
            "name": item.name,
            "before": document_shape(item.before) if item.before else None,
            "after": document_shape(item.after) if item.after else None,
        }
        for item in changed_documents(base.documents.all(), newer.documents.all())
    ]


class ChangesView(APIView):
    """Every row that is new, gone or changed, with key, row numbers, and old and new values as text."""

    @documented("Download a table's changes", answers=OpenApiTypes.BINARY, parameters=[_TO], tag="quality")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> HttpResponseBase:
        actor, base, newer = _pair(request, owner, dataset, version)
        download = find_changes(actor=actor, base=base, version=newer, table=resource)
        response = respond(request._request, download)
        if request.method == "GET" and response.status_code in {200, 206, 302}:
            record_changes(actor=actor, base=base, version=newer, download=download)
        return response
