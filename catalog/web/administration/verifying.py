"""The organization's tick, for staff: given and taken away, each time with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.selectors.datasets import get_organization
from catalog.services.membership.verifying import unverify_organization, verify_organization
from catalog.web.administration.staff import page_for_staff
from catalog.web.forms.administration import VerifyForm
from catalog.web.frame.refusals import put_into
from catalog.web.organization.organization_tabs import tabs_of


@page_for_staff
def verify(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """The form; POST gives the tick, or takes it away with ``do=remove``."""
    found = get_organization(slug=owner)
    is_removed = request.POST.get("do") == "remove"
    # What was said when it was given is no reason to take it away: the field begins empty.
    form = VerifyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        change = unverify_organization if is_removed else verify_organization
        try:
            change(actor=actor, organization=found, reason=form.cleaned_data["reason"])
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            said = _("%(title)s is no longer verified.") if is_removed else _("%(title)s is verified.")
            messages.success(request, said % {"title": found.title})
            return redirect("catalog:organization", owner=found.slug)
    context = {**tabs_of(actor, found), "form": form}
    return render(request, "catalog/organization_verify.html", context, status=400 if form.errors else 200)
