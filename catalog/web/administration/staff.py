"""Pages for staff. For everybody else they are not there: what one may not see does not exist (R11)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.web.frame.refusals import View, page_for_users

P = ParamSpec("P")


def page_for_staff(view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]) -> View[P]:
    """A page of the administration: signed-out visitors are led to the sign-in page, all but staff find nothing."""

    @functools.wraps(view)
    def checked(request: HttpRequest, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not actor.is_staff:
            raise NotFound
        return view(request, actor, *args, **kwargs)

    return page_for_users(checked)
