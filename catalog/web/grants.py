"""Who beside the members may have a dataset's data."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError, Invalid
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset
from catalog.services.grants import grant_access, revoke_access
from catalog.web.forms.dataset import GrantForm
from catalog.web.head import open_head
from catalog.web.refusals import page_for_users, put_into


@page_for_users
def grants(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The grants in force, and a form to give one, for maintainers."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="access")
    require(actor, Action.GRANT, head.dataset)
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"]
        try:
            until = _end_of(form.cleaned_data["expires_on"])
            grant_access(actor=actor, dataset=head.dataset, username=username, expires_at=until)
        except Invalid as refusal:
            put_into(form, _renamed(refusal))
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("%(name)s may have the data.") % {"name": username})
            return redirect("catalog:dataset_access", owner=owner, dataset=dataset)
    in_force = head.dataset.access_grants.in_force().select_related("user", "granted_by").order_by("-created")
    context = {"nav": "datasets", "head": head, "form": form, "grants": in_force}
    return render(request, "catalog/grants.html", context, status=400 if form.errors else 200)


@require_POST
@page_for_users
def revoke(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """End a grant at once."""
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    username = request.POST.get("username", "")
    revoke_access(actor=actor, dataset=found, username=username)
    messages.success(request, _("%(name)s may no longer have the data.") % {"name": username})
    return redirect("catalog:dataset_access", owner=owner, dataset=dataset)


def _end_of(day: date | None) -> datetime | None:
    """The first moment after the day, in the site's zone."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _renamed(refusal: Invalid) -> Invalid:
    """The service speaks of a moment, the form has a day."""
    fields = {("expires_on" if name == "expires_at" else name): lines for name, lines in refusal.fields.items()}
    return Invalid(refusal.sentence, remedy=refusal.remedy, fields=fields)
