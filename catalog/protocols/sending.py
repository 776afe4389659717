"""A document on its way out: with ETag and Last-Modified, and not sent where the client has it (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.http import http_date, parse_http_date_safe
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from catalog.transport.etags import is_known


class OwnFormat(DefaultContentNegotiation):
    """For views that answer with documents of their own: neither Accept nor ``?format=`` chooses a renderer."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        renderer: BaseRenderer = renderers[0]
        return renderer, str(renderer.media_type)


def send(
    request: Request,
    body: str | bytes,
    media_type: str,
    *,
    modified: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The document, or 304. Private: what is in it depends on who asks."""
    data = body.encode() if isinstance(body, str) else body
    etag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    said = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization, Cookie",
        **({"Last-Modified": http_date(modified.timestamp())} if modified else {}),
        **(headers or {}),
    }
    if _is_there(request, etag, modified):
        return HttpResponse(status=304, headers=said)
    return HttpResponse(data, content_type=media_type, headers=said)


def _is_there(request: Request, etag: str, modified: datetime | None) -> bool:
    known = request.headers.get("If-None-Match")
    if known is not None:
        return is_known(known, etag)
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", "") or "")
    return since is not None and modified is not None and int(modified.timestamp()) <= since
