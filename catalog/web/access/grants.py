"""The Access tab: who may have a dataset's data, and what becomes of one's own wish to have them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError, Invalid
from catalog.permissions import Action, require, require_user
from catalog.selectors.access_requests import (
    ended_requests_of,
    median_days,
    own_request_for,
    waiting_requests,
)
from catalog.selectors.datasets import get_dataset
from catalog.selectors.grants import ended_grants_of, grants_of, held_grants
from catalog.services.granting.access_requests import may_ask
from catalog.services.granting.agreements import current_agreement
from catalog.services.granting.grants import grant_access, revoke_access
from catalog.web.dataset.head import Head, open_head
from catalog.web.forms.access import GrantForm, version_choices
from catalog.web.frame.days import end_of
from catalog.web.frame.refusals import page, page_for_users, put_into

ENDED_SHOWN = 20


@page
def access(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """What one needs to have the data; for maintainers also requests, grants, and a form to give one."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="access")
    found = head.dataset
    form = GrantForm(request.POST or None, versions=version_choices(head.versions))
    if request.method == "POST":
        require_user(actor, scope="manage")
        require(actor, Action.GRANT, found)
        if form.is_valid() and _give(request, actor, head, form):
            return redirect("catalog:dataset_access", owner=owner, dataset=dataset)
    mine = own_request_for(actor, found)
    context = {
        "nav": "datasets",
        "head": head,
        "agreement": current_agreement(found),
        "mine": mine,
        "held": list(held_grants(actor).filter(dataset=found)),
        "may_ask": may_ask(actor, found),
        "median_days": median_days(found),
    }
    if head.may.grant:
        context |= {
            "form": form,
            "waiting": waiting_requests(actor, dataset=found),
            "grants": grants_of(found),
            "ended_grants": ended_grants_of(found, limit=ENDED_SHOWN),
            "ended_requests": ended_requests_of(found, limit=ENDED_SHOWN),
        }
    return render(request, "catalog/access.html", context, status=400 if form.errors else 200)


def _give(request: HttpRequest, actor: Actor, head: Head, form: GrantForm) -> bool:
    data = form.cleaned_data
    try:
        grant = grant_access(
            actor=actor,
            dataset=head.dataset,
            username=data["username"].strip(),
            organization=data["organization"].strip(),
            expires_at=end_of(data["expires_on"]),
            versions=data.get("versions") or None,
        )
    except Invalid as refusal:
        put_into(form, renamed(refusal, expires_at="expires_on"))
    except CatalogError as refusal:
        put_into(form, refusal)
    else:
        messages.success(request, _("%(name)s may have the data.") % {"name": grant.holder})
        return True
    return False


@require_POST
@page_for_users
def revoke(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """End a grant at once."""
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    username, organization = request.POST.get("username", ""), request.POST.get("organization", "")
    revoke_access(actor=actor, dataset=found, username=username, organization=organization)
    messages.success(request, _("%(name)s may no longer have the data.") % {"name": username or organization})
    return redirect("catalog:dataset_access", owner=owner, dataset=dataset)


def renamed(refusal: Invalid, **names: str) -> Invalid:
    """The service speaks of moments and keys, a form has fields of other names."""
    fields = {names.get(name, name): lines for name, lines in refusal.fields.items()}
    return Invalid(refusal.sentence, remedy=refusal.remedy, fields=fields)
