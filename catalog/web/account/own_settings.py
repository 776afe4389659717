"""One's own settings on one page: who one is, how pages and mails come, and the doors to the account's own pages."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.models import Membership, Token, User
from catalog.permissions import require_user
from catalog.services.membership.people import update_person
from catalog.web.account.taste import forget_theme, remember_taste
from catalog.web.forms.own_settings import OwnSettingsForm, values_of
from catalog.web.frame.refusals import page_for_users, put_into


@page_for_users
def own_settings(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form, saved as a whole, and beside it the state of the account."""
    user = require_user(actor)
    shown = values_of(user, language=translation.get_language() or "en")
    form = OwnSettingsForm(request.POST) if request.method == "POST" else OwnSettingsForm(initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            saved = update_person(actor=actor, **form.cleaned_data)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            return _saved(request, saved)
    addresses = list(EmailAddress.objects.filter(user=user).order_by("-primary", "email"))
    context = {
        "nav": "settings",
        "form": form,
        "addresses": addresses,
        "unconfirmed": sum(not address.verified for address in addresses),
        "has_second_step": has_second_step(user),
        "is_advised": is_advised(user),
        "token_count": Token.objects.in_force().filter(user=user).count(),
    }
    return render(request, "catalog/settings.html", context, status=400 if form.errors else 200)


def has_second_step(user: User) -> bool:
    """Whether more than the password is asked for at the sign-in."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def is_advised(user: User) -> bool:
    """Whether a second step is advised: for staff and stewards, who decide for others, as long as they have none."""
    decides = user.is_staff or Membership.objects.filter(user=user, is_steward=True).exists()
    return decides and not has_second_step(user)


def _saved(request: HttpRequest, user: User) -> HttpResponse:
    # The answer is in the language that was just chosen.
    with translation.override(user.language):
        messages.success(request, _("Saved."))
    response = redirect("catalog:settings")
    remember_taste(response, user)
    if not user.theme:
        forget_theme(response)
    return response
