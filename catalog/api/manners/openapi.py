"""OpenAPI out of the answers' types: one truth for mypy, the documentation and the client."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.plumbing import resolve_type_hint
from drf_spectacular.utils import OpenApiResponse, extend_schema

F = TypeVar("F", bound=Callable[..., Any])

PROBLEM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "remedy": {"type": "string"},
    },
    "required": ["type", "title", "status", "code", "detail", "remedy"],
    "additionalProperties": True,
}


def shape(hint: Any) -> dict[str, Any]:
    """The JSON Schema of a TypedDict (or a list of one)."""
    return dict(resolve_type_hint(hint))  # type: ignore[no-untyped-call]


def page_of(hint: Any, **extra: Any) -> dict[str, Any]:
    """The JSON Schema of a page of such things."""
    link = {"type": ["string", "null"], "format": "uri"}
    properties = {"count": {"type": "integer"}, "next": link, "previous": link}
    return {
        "type": "object",
        "properties": {**properties, "results": {"type": "array", "items": shape(hint)}, **extra},
    }


def documented(
    summary: str, *, tag: str, request: Any = None, answers: Any = None, status: int = 200, **options: Any
) -> Callable[[F], F]:
    """``extend_schema`` with the problem document beside the answer."""
    good = OpenApiResponse(description="No content") if answers is None else OpenApiResponse(answers, summary)
    responses = {
        status: good,
        "4XX": OpenApiResponse(PROBLEM, "A problem document (application/problem+json)"),
    }
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"\(.*\)|'s?", "", summary.lower())).strip("_")
    return extend_schema(
        operation_id=name, summary=summary, request=request, responses=responses, tags=[tag], **options
    )
