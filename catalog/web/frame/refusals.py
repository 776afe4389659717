"""A refusal on its way to a person: the right page for it, or the form again with what was typed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from catalog.actor import Actor
from catalog.errors import CatalogError, Conflict, Forbidden, Invalid, NotFound, TooLarge, TooMany, Unavailable
from catalog.permissions import NotSignedIn, require_user
from catalog.selectors.datasets import DatasetMoved
from catalog.services.delivering.entitlements import VersionWithdrawn
from catalog.table_schema import InvalidSchema
from catalog.web.frame.actor import actor_of
from catalog.web.frame.errors import show_error
from catalog.web.frame.kept import keep

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# The first family that fits gives the status; a refusal of no family is the request's fault.
STATUSES: tuple[tuple[type[CatalogError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (VersionWithdrawn, 410),
    (Conflict, 409),
    (TooLarge, 413),
    (TooMany, 429),
    (Unavailable, 503),
    (Invalid, 400),
)


def status_of(refusal: CatalogError) -> int:
    """The HTTP status of a refusal's family."""
    return next((status for family, status in STATUSES if isinstance(refusal, family)), 400)


def page(view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]) -> View[P]:
    """A page's view: called with the actor, its refusals become pages.

    NotSignedIn leads to the sign-in page and back; the others are shown with their sentence and remedy.
    """

    @functools.wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, actor_of(request), *args, **kwargs)
        except DatasetMoved as moved:
            return _lead_to(request, moved)
        except NotSignedIn:
            return lead_to_sign_in(request)
        except CatalogError as refusal:
            return refuse(request, refusal)

    return answer


def page_for_users(view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]) -> View[P]:
    """A page that means nothing without a person: signed-out visitors are led to the sign-in page first."""

    @functools.wraps(view)
    def checked(request: HttpRequest, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        require_user(actor, scope="read")
        return view(request, actor, *args, **kwargs)

    return page(checked)


def lead_to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in and back. A form that was sent comes back with its words; a piece of a page takes the page along.

    htmx would put the sign-in where the piece should stand: it is told to go there (https://htmx.org/headers/hx-redirect/).
    """
    back = reverse("catalog:send_again") if keep(request) else _return_address(request)
    answer = redirect_to_login(back)
    if request.headers.get("HX-Request") != "true":
        return answer
    return HttpResponse(status=401, headers={"HX-Redirect": answer.url})


def _lead_to(request: HttpRequest, moved: DatasetMoved) -> HttpResponse:
    """To the page under the dataset's name of today; 308 keeps a form that was sent."""
    path = moved.path_of(request.path)
    if path is None:
        return refuse(request, moved)
    query = request.META.get("QUERY_STRING", "")
    status = 301 if request.method in {"GET", "HEAD"} else 308
    location = f"{path}?{query}" if query else path
    return HttpResponse(status=status, headers={"Location": location, "Cache-Control": "private, no-cache"})


def refuse(request: HttpRequest, refusal: CatalogError) -> HttpResponse:
    """The refusal as a page of its own."""
    return show_error(
        request,
        status=status_of(refusal),
        title=str(refusal.title),
        sentence="" if refusal.sentence == refusal.title else refusal.sentence,
        remedy=refusal.remedy,
    )


def put_into(form: BaseForm, refusal: CatalogError) -> None:
    """Show a refusal in the form that caused it: at the fields that it names, else on top.

    Raises the refusal again when it is about what the person may see or do: that is no matter of typing.
    """
    if isinstance(refusal, NotFound | Forbidden):
        raise refusal
    if isinstance(refusal, InvalidSchema):
        for problem in refusal.problems:
            form.add_error(None, problem)
        return
    fields = refusal.fields if isinstance(refusal, Invalid) else {}
    placed = False
    for name, sentences in fields.items():
        target = name if name in form.fields else None
        for sentence in sentences:
            form.add_error(target, sentence)
            placed = True
    if not placed:
        form.add_error(None, refusal.words)


def _return_address(request: HttpRequest) -> str:
    """Where to go after signing in: this page, or the page that held the form that was sent, or the piece."""
    is_piece = request.headers.get("HX-Request") == "true"
    if request.method in {"GET", "HEAD"} and not is_piece:
        return request.get_full_path()
    referrer = request.headers.get("HX-Current-URL" if is_piece else "Referer", "")
    own = request.build_absolute_uri("/")
    return "/" + referrer.removeprefix(own) if referrer.startswith(own) else "/"
