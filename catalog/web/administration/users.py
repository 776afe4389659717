"""People for staff: who they are, when they were last here, and whether they may sign in."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.selectors.users import get_user, list_users, solely_owned
from catalog.services.membership.users import set_active
from catalog.web.administration.staff import page_for_staff
from catalog.web.forms.administration import UsersForm
from catalog.web.frame.pages import page_numbers

PAGE_SIZE = 50


@page_for_staff
def users(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list, by user name."""
    form = UsersForm(request.GET)
    form.is_valid()
    shown = Paginator(list_users(actor=actor, text=form.text, show=form.asked), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {"nav": "administration", "form": form, "page": shown, "pages": page_numbers(shown), "actor": actor}
    return render(request, "catalog/users.html", context)


@page_for_staff
def user(request: HttpRequest, actor: Actor, username: str) -> HttpResponse:
    """One person, and the question whether they shall be kept from signing in; POST does it."""
    found = get_user(actor=actor, username=username)
    if request.method == "POST":
        try:
            changed = set_active(actor=actor, username=username, active=request.POST.get("do") == "activate")
        except CatalogError as refusal:
            messages.error(request, refusal.words)
            return redirect("catalog:user", username=username)
        words = {"name": changed.shown_name}
        said = _("%(name)s may sign in again.") if changed.is_active else _("%(name)s may no longer sign in.")
        messages.success(request, said % words)
        return redirect("catalog:users")
    context = {
        "nav": "administration",
        "person": found,
        "solely_owned": solely_owned(found),
        "tokens": found.tokens.in_force().count(),
        "is_self": found.pk == actor.user_id,
    }
    return render(request, "catalog/user.html", context)
