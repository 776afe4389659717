"""An answer of a cell as a response: its bytes, how many rows they are, and whether there were more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from catalog.api.manners.formats import MEDIA_TYPES
from catalog.connections import give_back_connections
from catalog.querying.messages import Format
from catalog.services.delivering.answers import Collected
from catalog.storage import attachment

_CHUNK = 1 << 18


def send_file(
    request: Request, found: Collected, *, form: Format, name: str, headers: Mapping[str, str]
) -> HttpResponseBase:
    """The answer with ``Row-Count`` and ``Partial``; of HEAD what it would be."""
    said = {
        **headers,
        "Row-Count": str(found.end.rows),
        "Partial": "true" if found.end.partial else "false",
        "Content-Length": str(found.bytes),
        "Content-Disposition": attachment(f"{name}.{form}").replace("attachment", "inline", 1),
    }
    if request.method == "HEAD":
        found.file.close()
        return HttpResponse(headers=said, content_type=MEDIA_TYPES[form])
    give_back_connections()
    return StreamingHttpResponse(_chunks(found.file), headers=said, content_type=MEDIA_TYPES[form])


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
