"""Pages that say no: one template, so that each says what happened, what to do, and where to go on."""

from __future__ import annotations

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


def show_error(
    request: HttpRequest, *, status: int, title: str, sentence: str, remedy: str = "", reference: str = ""
) -> HttpResponse:
    """An error page with that status. ``reference`` is something to quote to an operator."""
    shown = {
        "status": status,
        "title": title,
        "sentence": sentence,
        "remedy": remedy,
        "reference": reference,
    }
    return render(request, "catalog/error.html", {"error": shown}, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: what isn't there, and what the actor may not see."""
    # Http404's own words are for developers (they name URL patterns); ours come as a CatalogError.
    del exception
    return show_error(
        request,
        status=404,
        title=_("There is nothing at this address"),
        sentence=_("It may have moved, or it is not public."),
        remedy=_("Check the address, search below, or sign in."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: seen, and not allowed."""
    del exception
    return show_error(
        request,
        status=403,
        title=_("You may not do this"),
        sentence=_("Your account does not have the role that this page needs."),
        remedy=_("Ask an owner of the organization."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: ours, with a reference that stands in the log beside the trace. It reads no database."""
    reference = secrets.token_hex(4)
    logger.error("reference %s: %s %s failed", reference, request.method, request.path)
    try:
        return render(request, "catalog/error_static.html", {"reference": reference}, status=500)
    except Exception:
        # A broken template or static manifest must not hide the answer.
        logger.exception("reference %s: the error page could not be made either", reference)
        return HttpResponse(f"Something failed on our side. Reference {reference}.", status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is stale: the sign-in changed in another tab, or cookies are refused."""
    logger.info("form token refused on %s: %s", request.path, reason)
    return show_error(
        request,
        status=403,
        title=_("This form is out of date"),
        sentence=_("Its token does not match your session: you may have signed in or out in another tab."),
        remedy=_("Go back, reload the page and send it again. Your browser keeps what you typed."),
    )


__all__ = ["csrf_failed", "forbidden", "not_found", "server_error", "show_error"]
