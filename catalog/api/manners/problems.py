"""Every error of the API is a problem document (RFC 9457): stable code, a sentence, and what to do."""

from __future__ import annotations

import http
import logging
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from catalog.errors import CatalogError, Conflict, Forbidden, Invalid, NotFound, TooLarge, TooMany, Unavailable
from catalog.permissions import NotSignedIn
from catalog.querying.asking import FormatUnknown, QueryRefused
from catalog.rows.query import QueryInvalid
from catalog.selectors.datasets import DatasetMoved
from catalog.services.delivering.entitlements import VersionWithdrawn
from catalog.storage import ObjectMissing
from catalog.table_schema import InvalidSchema

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"

# The one table from kinds of refusal to HTTP; the first that fits counts.
_STATUSES: tuple[tuple[type[CatalogError], int], ...] = (
    (NotSignedIn, 401),
    (NotFound, 404),
    (Forbidden, 403),
    (VersionWithdrawn, 410),
    (Conflict, 409),
    (TooLarge, 413),
    (TooMany, 429),
    (Unavailable, 503),
    (QueryRefused, 400),
    (QueryInvalid, 400),
    (FormatUnknown, 400),
    (InvalidSchema, 422),
    (Invalid, 422),
)
_CODES: dict[int, str] = {
    400: "malformed",
    401: "not-signed-in",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    415: "media-type-not-supported",
    429: "too-many-requests",
}


def status_of(refusal: CatalogError) -> int:
    return next((status for family, status in _STATUSES if isinstance(refusal, family)), 400)


def problem(
    status: int,
    code: str,
    title: str,
    *,
    detail: str = "",
    remedy: str = "",
    headers: dict[str, str] | None = None,
    **extra: Any,
) -> Response:
    """A problem document as a response."""
    body = {
        "type": f"{settings.BASE_URL}/docs/errors#{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail or title,
        "remedy": remedy,
        **extra,
    }
    return Response(body, status=status, headers=headers or {}, content_type=MEDIA_TYPE)


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: whatever was raised becomes a problem, never a stack trace."""
    if isinstance(error, DatasetMoved) and (moved := _moved(error, context)) is not None:
        return moved
    refusal = _known(error)
    if refusal is not None:
        return _of_refusal(refusal)
    if isinstance(error, PermissionDenied):
        return problem(403, "forbidden", "You may not do this")
    if isinstance(error, ObjectMissing):
        return problem(
            503,
            "bytes-missing",
            "The bytes are not where they should be",
            remedy="This is a fault of ours. Tell the operators the address that you asked for.",
        )
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    reference = uuid.uuid4().hex[:12]
    logger.error("unforeseen %s (reference %s)", type(error).__name__, reference, exc_info=error)
    return problem(
        500,
        "internal",
        "Something went wrong on our side",
        remedy=f"Try again; if it stays, tell the operators the reference {reference}.",
        reference=reference,
    )


def _moved(error: DatasetMoved, context: dict[str, Any]) -> Response | None:
    """308 to the address with the dataset's name of today, method and query kept; None where it is not in the path."""
    request = context.get("request")
    path = error.path_of(request.path) if request is not None else None
    if path is None or request is None:
        return None
    query = request.META.get("QUERY_STRING", "")
    # Not to be kept: who may not see the dataset is not to be told its name by a cache.
    headers = {"Location": f"{path}?{query}" if query else path, "Cache-Control": "private, no-cache"}
    return problem(
        308, error.code, str(error.title), detail=error.sentence, remedy=error.remedy, headers=headers, **error.extra
    )


def _known(error: Exception) -> CatalogError | None:
    """The refusal that an error is, or amounts to."""
    if isinstance(error, CatalogError):
        return error
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, OperationalError | InterfaceError):
        # It is away, or restarting, or had to end a deadlock: nothing was changed, and later it will do.
        logger.error("the database does not answer", exc_info=error)
        return Unavailable(_("The database does not answer."), remedy=_("Try again in a minute."))
    return None


def _of_refusal(refusal: CatalogError) -> Response:
    status = status_of(refusal)
    headers = {"WWW-Authenticate": 'Bearer realm="commonfield"'} if status == 401 else {}
    if wait := getattr(refusal, "wait", None):
        headers["Retry-After"] = str(wait)
    extra = dict(refusal.extra)
    if isinstance(refusal, InvalidSchema):
        extra["problems"] = list(refusal.problems)
    return problem(
        status,
        refusal.code,
        str(refusal.title),
        detail=refusal.sentence,
        remedy=refusal.remedy,
        headers=headers,
        **extra,
    )


def _of_framework(error: exceptions.APIException) -> Response:
    status = int(error.status_code)
    headers = {}
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    if auth := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(auth)
    if isinstance(error, exceptions.ValidationError):
        fields = {name: list(lines) for name, lines in _flatten(error.detail)}
        return _of_refusal(Invalid(fields=fields, remedy=_("Correct the fields named and send it again.")))
    detail = error.detail if isinstance(error.detail, str) else str(error.default_detail)
    title = http.HTTPStatus(status).phrase.capitalize()
    remedy = f"Wait {headers['Retry-After']} seconds. With a token more is allowed." if status == 429 else ""
    return problem(status, _CODES.get(status, "refused"), title, detail=str(detail), remedy=remedy, headers=headers)


def _flatten(detail: Any, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """DRF's nested error lists as ("parts.0.md5", [sentences])."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _flatten(value, f"{name}.{key}" if name else str(key))
    elif isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        for position, value in enumerate(detail):
            yield from _flatten(value, f"{name}.{position}")
    elif isinstance(detail, list):
        yield name or "request", [str(item) for item in detail]
    else:
        yield name or "request", [str(detail)]
