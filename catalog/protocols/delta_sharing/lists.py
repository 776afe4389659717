"""Pages of the protocol's lists. A page token names the last thing that was shown, so that no page moves."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.protocols.parameters import ParameterInvalid, whole_number

PAGE = 500
Row = TypeVar("Row", bound=Model)


def page(
    request: Request, found: QuerySet[Row], fields: tuple[str, ...], item: Callable[[Row], dict[str, Any]]
) -> Response:
    """``maxResults`` of a list that is in the order of ``fields``, behind ``pageToken``. Raises ParameterInvalid."""
    asked = whole_number("maxResults", request.query_params.get("maxResults"))
    size = PAGE if asked is None else min(asked, PAGE)
    token = request.query_params.get("pageToken", "")
    if token:
        found = found.filter(_behind(fields, _read(token, len(fields))))
    rows = list(found.order_by(*fields)[: size + 1])
    answer: dict[str, Any] = {"items": [item(row) for row in rows[:size]]}
    # At the end the key is left out: Spark's client goes on as long as there is one.
    if len(rows) > size:
        answer["nextPageToken"] = _write([_value(rows[size - 1], field) for field in fields]) if size else token
    return Response(answer)


def _behind(fields: tuple[str, ...], last: list[str]) -> Q:
    """What comes after ``last`` in the order of several fields."""
    behind = Q()
    for place, field in enumerate(fields):
        same = dict(zip(fields[:place], last[:place], strict=True))
        behind |= Q(**same, **{f"{field}__gt": last[place]})
    return behind


def _value(row: Model, field: str) -> str:
    found: Any = row
    for name in field.split("__"):
        found = getattr(found, name)
    return str(found)


def _write(last: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(last).encode()).decode()


def _read(token: str, count: int) -> list[str]:
    try:
        last = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        last = None
    if not isinstance(last, list) or len(last) != count or not all(isinstance(text, str) for text in last):
        raise ParameterInvalid(_("The pageToken is none of ours."), remedy=_("Begin the list anew without it."))
    return last
