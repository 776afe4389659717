"""The icon that browsers ask for by a name of their own, beside pages that are none of ours."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.templatetags.static import static


def favicon(request: HttpRequest) -> HttpResponse:
    """To the mark."""
    del request
    return HttpResponsePermanentRedirect(static("commonfield/mark.svg"))
