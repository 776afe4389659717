"""API tokens: made here, shown once, revoked here."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.models import Token
from catalog.selectors.tokens import limit_names
from catalog.services.membership.tokens import create_token, revoke_token
from catalog.web.forms.token import TokenForm
from catalog.web.frame.refusals import page_for_users, put_into


@never_cache
@page_for_users
def tokens(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One's tokens in force, and a form for a new one; its secret stands on the answer and nowhere else."""
    form = TokenForm(request.POST or None)
    made: Token | None = None
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = create_token(actor=actor, **form.cleaned_data)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            form = TokenForm()
    own = list(Token.objects.in_force().filter(user=actor.user))
    names = limit_names(own)
    context = {
        "nav": "tokens",
        "form": form,
        "made": made,
        "secret": secret,
        "tokens": [(token, [*names.datasets(token), *names.organizations(token)]) for token in own],
    }
    return render(request, "catalog/tokens.html", context, status=400 if form.errors else 200)


@require_POST
@page_for_users
def revoke(request: HttpRequest, actor: Actor, token_id: int) -> HttpResponse:
    """End a token at once."""
    revoke_token(actor=actor, token_id=token_id)
    messages.success(request, _("The token is revoked. Whatever used it is refused from now on."))
    return redirect("catalog:tokens")
