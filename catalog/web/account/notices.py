"""What one was told: a list, each with a way to what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Notice
from catalog.selectors.notices import count_unread, notices_of
from catalog.services.notifying.letters import Letter, letter_of
from catalog.services.notifying.notices import mark_read
from catalog.web.frame.pages import page_numbers
from catalog.web.frame.refusals import page_for_users

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice and its words."""

    notice: Notice
    letter: Letter


@page_for_users
def notices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All notices, or with ``?show=unread`` those that were not read, newest first."""
    only_unread = request.GET.get("show") == "unread"
    shown = Paginator(notices_of(actor, unread=only_unread), PAGE_SIZE).get_page(request.GET.get("page"))
    written = ((notice, letter_of(notice)) for notice in shown)
    context = {
        "nav": "notices",
        "page": shown,
        "pages": page_numbers(shown),
        "only_unread": only_unread,
        "unread": count_unread(actor),
        "notices": [Shown(notice, letter) for notice, letter in written if letter is not None],
    }
    return render(request, "catalog/notices.html", context)


@page_for_users
def go(request: HttpRequest, actor: Actor, notice_id: int) -> HttpResponse:
    """To what a notice is about; it counts as read from then on."""
    del request
    found = notices_of(actor).filter(pk=notice_id).first()
    letter = letter_of(found) if found is not None else None
    if letter is None:
        raise NotFound
    mark_read(actor=actor, ids=[notice_id])
    return redirect(letter.path)


@require_POST
@page_for_users
def read_all(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Mark all as read."""
    count = mark_read(actor=actor)
    if count:
        said = ngettext("%(count)d notice is marked as read.", "%(count)d notices are marked as read.", count)
        messages.success(request, said % {"count": count})
    else:
        messages.info(request, _("All were read already."))
    return redirect("catalog:notices")
