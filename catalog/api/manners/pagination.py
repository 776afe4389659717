from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar, cast

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework import exceptions, pagination
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.errors import NotFound

M = TypeVar("M", bound=Model)
M_co = TypeVar("M_co", bound=Model, covariant=True)


class Rows(Protocol[M_co]):
    """What there is to page through: a queryset, or what a search found."""

    def count(self) -> int: ...
    def __getitem__(self, wanted: slice) -> Iterable[M_co]: ...


class Pages(pagination.PageNumberPagination):
    """``?page=2&page_size=50``; at most 100 a page."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


def paged(request: Request, rows: QuerySet[M] | Rows[M], shown: Callable[[M], Any], **extra: Any) -> Response:
    """A page of ``rows``, each as ``shown``; ``extra`` stands beside count, next, previous and results.

    Raises NotFound for a page that does not exist.
    """
    return paged_with(request, rows, lambda page: [shown(row) for row in page], **extra)


def paged_with(
    request: Request, rows: QuerySet[M] | Rows[M], shown: Callable[[list[M]], list[Any]], **extra: Any
) -> Response:
    """As ``paged``, for what is known of a page at once."""
    pages = Pages()
    try:
        page = pages.paginate_queryset(cast("QuerySet[M]", rows), request)
    except exceptions.NotFound:
        raise NotFound(_("There is no such page."), remedy=_("Begin at page 1.")) from None
    response = pages.get_paginated_response(shown(list(page or [])))
    response.data.update(extra)
    return response
