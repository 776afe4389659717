"""The versions of a dataset, and what its maintainers and submitters do with one of them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError, Conflict
from catalog.models import VersionState
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset, get_version
from catalog.selectors.quality import checks_by_version
from catalog.services.publishing.versions import take_back, withdraw_version
from catalog.web.dataset.head import open_head, verdict_label
from catalog.web.forms.dataset import WithdrawForm
from catalog.web.frame.refusals import page, page_for_users, put_into

_NO_CHECKS = {"passed": 0, "warnings": 0, "failed": 0, "errored": 0}


@page
def versions(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """All versions that the reader may see, newest first."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="versions")
    counts = checks_by_version(head.versions)
    rows = [(version, verdict_label(version, counts.get(version.pk, _NO_CHECKS))) for version in head.versions]
    return render(request, "catalog/versions.html", {"nav": "datasets", "head": head, "rows": rows})


@page_for_users
def withdraw(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str) -> HttpResponse:
    """Withdraw a published version, with the reason that stays on its page."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="versions")
    require(actor, Action.WITHDRAW, head.dataset)
    if head.version is None or head.version.state != VersionState.PUBLISHED:
        raise Conflict(_("Only a published version can be withdrawn."))
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_version(actor=actor, version=head.version, reason=form.cleaned_data["reason"])
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("Version %(number)s is withdrawn.") % {"number": head.version.number})
            return redirect("catalog:version", owner=owner, dataset=dataset, version=head.version.number)
    context = {"nav": "datasets", "head": head, "form": form}
    return render(request, "catalog/withdraw.html", context, status=400 if form.errors else 200)


@require_POST
@page_for_users
def take_back_version(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str) -> HttpResponse:
    """Take a submitted version back from review, to change it."""
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    opened = get_version(actor=actor, dataset=found, version=version)
    take_back(actor=actor, version=opened)
    messages.success(request, _("The version is a draft again. Its review was cancelled."))
    return redirect("catalog:version", owner=owner, dataset=dataset, version="draft")
