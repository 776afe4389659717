"""In which format an answer is wanted: by ``format``, else by the Accept header (RFC 9110, 12.5.1), else JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from catalog.querying.asking import FormatUnknown
from catalog.querying.messages import FORMATS, Format

MEDIA_TYPES: Mapping[Format, str] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_BY_MEDIA_TYPE: dict[str, Format] = {kind.partition(";")[0]: name for name, kind in MEDIA_TYPES.items()}


class OwnFormats(BaseContentNegotiation):
    """For views that choose the format themselves; what they refuse is always a problem in JSON."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return next((parser for parser in parsers if request.content_type.startswith(parser.media_type)), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type


def format_of(request: Request, wanted: str = "") -> Format:
    """``wanted`` counts where it is given. Raises FormatUnknown."""
    if wanted:
        if wanted not in FORMATS:
            raise FormatUnknown(
                _("“%(wanted)s” is none.") % {"wanted": wanted[:50]},
                remedy=_("Ask for one of %(formats)s.") % {"formats": ", ".join(FORMATS)},
            )
        return wanted
    for kind in _accepted(request.headers.get("Accept", "")):
        if kind in _BY_MEDIA_TYPE:
            return _BY_MEDIA_TYPE[kind]
        if kind in {"*/*", "application/*"}:
            return "json"
    return "json"


def _accepted(header: str) -> list[str]:
    """Media types by their weight, the largest first; those of one weight as they are written."""
    found = []
    for item in header.lower().split(","):
        kind, *parameters = (part.strip() for part in item.split(";"))
        weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        try:
            found.append((-float(weight), kind))
        except ValueError:
            continue
    return [kind for weight, kind in sorted(found, key=lambda pair: pair[0]) if weight < 0]


__all__ = ["MEDIA_TYPES", "OwnFormats", "format_of"]
