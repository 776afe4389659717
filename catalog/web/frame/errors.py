"""Pages that say no: one template, so that each says what happened, what to do, and where to go on."""

from __future__ import annotations

import logging
import secrets
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.web.frame.kept import is_ours, kept_form_of, show_kept

logger = logging.getLogger(__name__)
A_MINUTE = 60

RETRY_SECONDS = 30
"""When a page that was asked for while the database was away may be asked for again."""


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
    """500: ours, with a reference that stands in the log beside the trace; 503 while the database is away.

    Django calls it where the exception is handled. It reads no database.
    """
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if is_away else 500
    reference = secrets.token_hex(4)
    logger.error("reference %s: %s %s failed", reference, request.method, request.path)
    try:
        context = {"reference": reference, "status": status}
        response = render(request, "catalog/error_static.html", context, status=status)
    except Exception:
        # A broken template or static manifest must not hide the answer.
        logger.exception("reference %s: the error page could not be made either", reference)
        response = HttpResponse(f"Something failed on our side. Reference {reference}.", status=status)
    if is_away:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token is stale: the sign-in changed in another tab, or cookies are refused."""
    logger.info("form token refused on %s: %s", request.path, reason)
    if request.path.startswith(reverse("account_login")) and request.user.is_authenticated and is_ours(request):
        # The other tab signed in already, which is what was wanted here.
        return redirect("catalog:home")
    is_of_account = request.path.startswith("/accounts/")
    return show_kept(request, None if is_of_account else kept_form_of(request), status=403)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429 of the sign-in and its pages, which count by the minute (allauth's ACCOUNT_RATE_LIMITS)."""
    del exception
    response = show_error(
        request,
        status=429,
        title=_("Too many tries"),
        sentence=_("This page was used more often than is allowed in a minute, so that nobody can guess passwords."),
        remedy=_("Wait %(seconds)s seconds and try again.") % {"seconds": A_MINUTE},
    )
    response["Retry-After"] = str(A_MINUTE)
    return response


__all__ = ["csrf_failed", "forbidden", "not_found", "server_error", "show_error", "too_many"]
