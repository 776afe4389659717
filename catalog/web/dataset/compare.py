"""Two versions of a dataset beside each other: what is different in tables, columns, rows, values, checks and words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from catalog.actor import Actor
from catalog.selectors.datasets import get_dataset, list_versions
from catalog.services.publishing.compared import get_pair
from catalog.web.dataset.head import Head
from catalog.web.frame.refusals import page
from catalog.web.report.comparison import comparison_of


@page
def choose(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponseBase:
    """The versions chosen in the form, by the address that they have."""
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    base, version = get_pair(
        actor=actor, dataset=found, base=request.GET.get("from", ""), version=request.GET.get("to", "")
    )
    return redirect("catalog:compare", owner=owner, dataset=dataset, base=base.address, version=version.address)


@page
def differences(request: HttpRequest, actor: Actor, owner: str, dataset: str, base: str, version: str) -> HttpResponse:
    """What is different in ``version``. Whoever may have the bytes has it computed; values are for them alone."""
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    older, newer = get_pair(actor=actor, dataset=found, base=base, version=version)
    head = Head(actor=actor, dataset=found, version=newer, tab="versions")
    context = {
        "nav": "datasets",
        "head": head,
        "base": older,
        "version": newer,
        "versions": list(list_versions(actor=actor, dataset=found)),
        "changes": comparison_of(actor=actor, older=older, newer=newer, tables=head.resources),
    }
    return render(request, "catalog/compare.html", context)
