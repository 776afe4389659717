from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.manners.actor import actor_of
from catalog.api.manners.conditional import answer
from catalog.api.manners.openapi import documented, page_of, shape
from catalog.api.manners.pagination import paged
from catalog.api.manners.remembered import remembered_dataset
from catalog.api.manners.represent import dataset_for, dataset_shape
from catalog.api.manners.shapes import DatasetShape, FacetShape
from catalog.errors import Invalid
from catalog.models import Access, Dataset, StandardSchema, UpdateFrequency
from catalog.selectors.datasets import get_dataset, get_organization, get_schema
from catalog.selectors.search import FACETS, SORTS, Query, search
from catalog.services.cataloguing.datasets import Description, create_dataset, update_dataset

FILTERS = [
    OpenApiParameter("q", str, description="Words of title, column, keyword, organization or description"),
    *[
        OpenApiParameter(name, str, many=True, description=f"Only of this {name}; repeated: any of them")
        for name in FACETS
    ],
    OpenApiParameter("sort", str, enum=list(SORTS)),
    OpenApiParameter("page", int),
    OpenApiParameter("page_size", int),
]


class DatasetChanges(serializers.Serializer[Dataset]):
    title = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    methods = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    known_limits = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    license = serializers.CharField(required=False, allow_blank=True, max_length=100)
    attribution = serializers.CharField(required=False, allow_blank=True, max_length=500)
    keywords = serializers.ListField(child=serializers.CharField(max_length=64), required=False)
    contact_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    contact_email = serializers.CharField(required=False, allow_blank=True, max_length=254)
    access = serializers.ChoiceField(choices=Access.choices, required=False)
    conforms_to = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=150)
    max_refused_percent = serializers.IntegerField(required=False, min_value=0, max_value=100)
    update_frequency = serializers.ChoiceField(choices=UpdateFrequency.choices, required=False, allow_blank=True)


class DatasetInput(DatasetChanges):
    organization = serializers.CharField(max_length=96)
    title = serializers.CharField(max_length=200)
    slug = serializers.CharField(max_length=96, required=False, allow_blank=True)


def read_query(request: Request) -> Query:
    """The search of a request. Raises Invalid."""
    sort = request.query_params.get("sort", "relevance")
    if sort not in SORTS:
        raise Invalid(fields={"sort": [_("Sort by %(sorts)s.") % {"sorts": ", ".join(SORTS)}]})
    chosen: dict[str, list[str]] = {name: values for name in FACETS if (values := request.query_params.getlist(name))}
    everything = [
        request.query_params.get("q", ""),
        *(value for values in chosen.values() for value in values),
    ]
    if any("\0" in text for text in everything):
        raise Invalid(fields={"q": [_("The character NUL can't be searched.")]})
    return Query(text=request.query_params.get("q", ""), chosen=chosen, sort=sort)


def _conforms_to(values: dict[str, Any]) -> StandardSchema | bool | None:
    if "conforms_to" not in values:
        return False
    reference = values.pop("conforms_to")
    return get_schema(reference) if reference else None


class DatasetsView(APIView):
    @documented("List datasets", answers=page_of(DatasetShape), parameters=FILTERS, tag="datasets")
    def get(self, request: Request) -> Response:
        rows = search(actor=actor_of(request), query=read_query(request))
        return paged(request, rows, dataset_shape)

    @documented("Register a dataset", request=DatasetInput, answers=shape(DatasetShape), status=201, tag="datasets")
    def post(self, request: Request) -> Response:
        given = DatasetInput(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        schema = _conforms_to(values)
        organization = get_organization(slug=values.pop("organization"))
        slug = values.pop("slug", "")
        actor = actor_of(request)
        dataset = create_dataset(
            actor=actor,
            organization=organization,
            slug=slug,
            conforms_to=schema if isinstance(schema, StandardSchema) else None,
            description=Description(**values),
        )
        return answer(request, dataset_for(actor, dataset), status=201)


class SearchView(APIView):
    """Search with facets: for each choice, how many datasets it would give."""

    @documented(
        "Search datasets",
        answers=page_of(
            DatasetShape,
            facets={"type": "object", "additionalProperties": {"type": "array", "items": shape(FacetShape)}},
        ),
        parameters=FILTERS,
        tag="datasets",
    )
    def get(self, request: Request) -> Response:
        found = search(actor=actor_of(request), query=read_query(request))
        facets: dict[str, list[FacetShape]] = {
            name: [{"value": v.value, "label": v.label, "count": v.count, "active": v.active} for v in values]
            for name, values in found.facets().items()
        }
        return paged(request, found, dataset_shape, facets=facets)


class DatasetView(APIView):
    @documented("Read a dataset", answers=shape(DatasetShape), tag="datasets")
    def get(self, request: Request, owner: str, dataset: str) -> Response:
        actor = actor_of(request)
        if actor.is_anonymous and (known := remembered_dataset(owner, dataset)) is not None:
            return answer(request, known.data, etag=known.etag)
        return answer(request, dataset_for(actor, get_dataset(actor=actor, owner=owner, slug=dataset)))

    @documented("Change a dataset's description", request=DatasetChanges, answers=shape(DatasetShape), tag="datasets")
    def patch(self, request: Request, owner: str, dataset: str) -> Response:
        given = DatasetChanges(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        actor = actor_of(request)
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        schema = _conforms_to(values)
        found = update_dataset(actor=actor, dataset=found, description=Description(**values), conforms_to=schema)
        return answer(request, dataset_for(actor, found))
