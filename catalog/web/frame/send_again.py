"""Back from the sign-in, with the form that could not be taken before it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from catalog.actor import Actor
from catalog.web.frame.kept import drop, kept_for, show_kept
from catalog.web.frame.refusals import page_for_users


@page_for_users
def send_again(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form that was kept, to be sent by the person who has signed in. A form of its own drops it."""
    del actor
    if request.method == "POST":
        drop(request)
        return redirect("catalog:home")
    form = kept_for(request)
    if form is None:
        return redirect("catalog:home")
    return show_kept(request, form, status=200)
