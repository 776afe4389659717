"""Following a dataset: a page of its own, to which mails lead, and the target of the button beside the title."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.models import Dataset
from catalog.selectors.datasets import get_dataset
from catalog.selectors.following import is_following
from catalog.services.notifying.following import follow_dataset, unfollow_dataset
from catalog.web.frame.refusals import page_for_users


@page_for_users
def follow(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Shows whether one follows it. A form sets it (``do`` is follow or stop) and leads to ``next``, else the dataset.

    Nothing is done by a GET: programs that look at the links of mails would stop it for everybody.
    """
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    if request.method != "POST":
        context = {"dataset": found, "is_following": is_following(actor, found)}
        return render(request, "catalog/follow.html", context)
    if request.POST.get("do") == "stop":
        unfollow_dataset(actor=actor, dataset=found)
        messages.success(request, _("You don’t follow “%(title)s” any more.") % {"title": found.title})
    else:
        follow_dataset(actor=actor, dataset=found)
        messages.success(request, _("You follow “%(title)s”: you are told of what is new.") % {"title": found.title})
    return redirect(_next(request, found))


def _next(request: HttpRequest, dataset: Dataset) -> str:
    """Where the button was pressed, if that is a page of ours."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return address
    return f"/{dataset.organization.slug}/{dataset.slug}/"
