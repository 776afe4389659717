"""What people say of columns and rows, served beside the data (W3C Web Annotation: body, target, motivation)."""

import json
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.actor import Actor
from catalog.api.annotation_shapes import AgreementShape, AnnotationShape, agreement_shape, annotation_shape
from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged_with
from catalog.api.resources import find_resource
from catalog.errors import Invalid
from catalog.models import Annotation, AnnotationAspect, AnnotationKind, AnnotationState, Dataset, Resource
from catalog.selectors.annotations import AnnotationFilter, agreement_on, get_annotation, visible_annotations
from catalog.selectors.datasets import get_dataset
from catalog.services.annotating.annotated_rows import Fit, shown_fits
from catalog.services.annotating.annotations import (
    LABEL_LIMIT,
    TEXT_LIMIT,
    RowMeant,
    decide_annotation,
    propose_correction,
    propose_description,
    propose_label,
    withdraw_annotation,
)
from catalog.storage import attachment
from catalog.transport.csv_lines import csv_line, harmless

FILTERS = [
    OpenApiParameter("kind", str, enum=AnnotationKind.values),
    OpenApiParameter("column", str),
    OpenApiParameter("state", str, enum=AnnotationState.values),
    OpenApiParameter("label", str),
]
CSV_COLUMNS = (
    "id",
    "kind",
    "state",
    "column",
    "aspect",
    "label",
    "row_key",
    "row",
    "before",
    "value",
    "reason",
    "author",
    "created",
    "decided_by",
    "decided_at",
    "decision_note",
    "version",
    "applied_in",
)


class Labelled(serializers.Serializer[Annotation]):
    """``label`` is an attribute of every field of the framework, so that it can't be declared as one."""

    def get_fields(self) -> dict[str, Any]:
        label = serializers.CharField(max_length=LABEL_LIMIT, required=False, allow_blank=True, default="")
        return {**super().get_fields(), "label": label}


class FilterInput(Labelled):
    kind = serializers.ChoiceField(AnnotationKind.choices, required=False, default="")
    column = serializers.CharField(max_length=255, required=False, default="", trim_whitespace=False)
    state = serializers.ChoiceField(AnnotationState.choices, required=False, default="")


class AnnotationInput(Labelled):
    """A column: ``column``, ``aspect``, ``value``. A correction: a row, ``column``, ``value``, ``reason``.

    A label: a row, ``label``, ``value``. A row is told by ``row_key``, or by ``row`` from 1 in this version.
    """

    kind = serializers.ChoiceField(AnnotationKind.choices)
    column = serializers.CharField(max_length=255, required=False, default="", trim_whitespace=False)
    aspect = serializers.ChoiceField(AnnotationAspect.choices, required=False, default="")
    row_key = serializers.DictField(required=False, allow_null=True, default=None)
    row = serializers.IntegerField(min_value=1, max_value=2**62, required=False, allow_null=True, default=None)
    value = serializers.JSONField(required=True, allow_null=True)
    reason = serializers.CharField(max_length=TEXT_LIMIT, required=False, allow_blank=True, default="")


class AnnotationDecisionInput(serializers.Serializer[Annotation]):
    decision = serializers.ChoiceField(choices=["accept", "decline"])
    reason = serializers.CharField(max_length=TEXT_LIMIT, required=False, allow_blank=True, default="")


class AnnotationWithdrawalInput(serializers.Serializer[Annotation]):
    reason = serializers.CharField(max_length=TEXT_LIMIT, required=False, allow_blank=True, default="")


class AnnotationsView(APIView):
    """Of rows only for those who may have the bytes; proposals only for their authors and the members."""

    @documented("List a table's annotations", answers=page_of(AnnotationShape), parameters=FILTERS, tag="annotations")
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        actor, found = find_resource(request, owner, dataset, version, resource)
        rows = _filtered(request, actor, found)
        whole = found.version.dataset

        def shown(page: list[Annotation]) -> list[AnnotationShape]:
            fits = shown_fits(actor=actor, resource=found, annotations=page)
            return [annotation_shape(item, whole, fits.get(item.pk)) for item in page]

        return paged_with(request, rows, shown)

    @documented(
        "Annotate a column or a row",
        request=AnnotationInput,
        answers=shape(AnnotationShape),
        status=201,
        tag="annotations",
    )
    def post(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        actor, found = find_resource(request, owner, dataset, version, resource)
        given = AnnotationInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = _propose(actor, found, given.validated_data)
        fit = Fit.FITS if made.kind == AnnotationKind.CORRECTION else None
        return Response(annotation_shape(made, found.version.dataset, fit), status=201)


class AnnotationsCsvView(APIView):
    """All of a table's annotations that you can see; values are JSON where they are no texts."""

    @documented(
        "Download a table's annotations as CSV", answers=OpenApiTypes.BINARY, parameters=FILTERS, tag="annotations"
    )
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> HttpResponseBase:
        actor, found = find_resource(request, owner, dataset, version, resource)
        rows = _filtered(request, actor, found)
        headers = {"Content-Disposition": attachment(f"{found.name}.annotations.csv")}
        if request.method == "HEAD":
            return HttpResponse(headers=headers, content_type="text/csv; charset=utf-8")
        lines = _csv_lines(rows, found.version.dataset)
        return StreamingHttpResponse(lines, headers=headers, content_type="text/csv; charset=utf-8")


class AgreementView(APIView):
    @documented(
        "See how far people agree on a label",
        answers=shape(AgreementShape),
        parameters=[OpenApiParameter("label", str, required=True)],
        tag="annotations",
    )
    def get(self, request: Request, owner: str, dataset: str, version: str, resource: str) -> Response:
        actor, found = find_resource(request, owner, dataset, version, resource)
        given = FilterInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        label = given.validated_data["label"]
        if not label:
            raise Invalid(fields={"label": [gettext("Name the label.")]})
        said = agreement_on(actor=actor, version=found.version, table=found.name, label=label)
        return answer(request, agreement_shape(label, said))


class AnnotationView(APIView):
    @documented("Read an annotation", answers=shape(AnnotationShape), tag="annotations")
    def get(self, request: Request, owner: str, dataset: str, annotation_id: int) -> Response:
        _, found, annotation = _find(request, owner, dataset, annotation_id)
        return answer(request, annotation_shape(annotation, found))


class AnnotationDecisionView(APIView):
    """Contributors and stewards of the organization decide, never whoever proposed it."""

    @documented(
        "Decide on an annotation", request=AnnotationDecisionInput, answers=shape(AnnotationShape), tag="annotations"
    )
    def post(self, request: Request, owner: str, dataset: str, annotation_id: int) -> Response:
        actor, found, annotation = _find(request, owner, dataset, annotation_id)
        given = AnnotationDecisionInput(data=request.data)
        given.is_valid(raise_exception=True)
        decide_annotation(actor=actor, annotation=annotation, **given.validated_data)
        return _read(request, actor, found, annotation_id)


class AnnotationWithdrawalView(APIView):
    """Its author takes it back; what was accepted, those who decide do too."""

    @documented(
        "Withdraw an annotation", request=AnnotationWithdrawalInput, answers=shape(AnnotationShape), tag="annotations"
    )
    def post(self, request: Request, owner: str, dataset: str, annotation_id: int) -> Response:
        actor, found, annotation = _find(request, owner, dataset, annotation_id)
        given = AnnotationWithdrawalInput(data=request.data)
        given.is_valid(raise_exception=True)
        row = withdraw_annotation(actor=actor, annotation=annotation, reason=given.validated_data["reason"])
        return answer(request, annotation_shape(row, found))


def _find(request: Request, owner: str, dataset: str, annotation_id: int) -> tuple[Actor, Dataset, Annotation]:
    actor = actor_of(request)
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    return actor, found, get_annotation(actor=actor, dataset=found, annotation_id=annotation_id)


def _read(request: Request, actor: Actor, dataset: Dataset, annotation_id: int) -> Response:
    annotation = get_annotation(actor=actor, dataset=dataset, annotation_id=annotation_id)
    return answer(request, annotation_shape(annotation, dataset))


def _filtered(request: Request, actor: Actor, resource: Resource) -> QuerySet[Annotation]:
    given = FilterInput(data={name: value for name, value in request.query_params.items() if value})
    given.is_valid(raise_exception=True)
    wanted = AnnotationFilter(**given.validated_data)
    return visible_annotations(actor=actor, version=resource.version, table=resource.name, wanted=wanted)


def _propose(actor: Actor, resource: Resource, values: dict[str, Any]) -> Annotation:
    said = {"value": values["value"], "reason": values["reason"]}
    if values["kind"] == AnnotationKind.COLUMN:
        return propose_description(
            actor=actor, resource=resource, column=values["column"], aspect=values["aspect"], **said
        )
    meant = RowMeant(row_key=values["row_key"], row=values["row"])
    if values["kind"] == AnnotationKind.LABEL:
        return propose_label(actor=actor, resource=resource, meant=meant, label=values["label"], **said)
    return propose_correction(actor=actor, resource=resource, meant=meant, column=values["column"], **said)


def _csv_lines(rows: QuerySet[Annotation], dataset: Dataset) -> Iterator[str]:
    yield csv_line(CSV_COLUMNS)
    for row in rows.iterator(chunk_size=1_000):
        shown: dict[str, Any] = dict(annotation_shape(row, dataset))
        yield csv_line([harmless(_cell(shown[name])) for name in CSV_COLUMNS])


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
