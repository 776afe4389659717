"""The tab that says how to use the version: one language at a time, with exact lines."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.actor import Actor
from catalog.web.dataset.head import open_head
from catalog.web.dataset.snippets import snippets_of
from catalog.web.frame.refusals import page


@page
def use(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str = "") -> HttpResponse:
    """Lines for the language in ``?with=``, Python when none is named; for the columns in ``?column=`` alone."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="use")
    wanted_columns = set(request.GET.getlist("column"))
    # All that there are, ticked one by one, are no choice.
    columns = [column.name for column in head.columns if column.name in wanted_columns]
    columns = [] if len(columns) == len(head.columns) else columns
    snippets = snippets_of(head, site=settings.BASE_URL, columns=columns)
    wanted = request.GET.get("with", "python")
    chosen = next((item for item in snippets if item.key == wanted), snippets[0] if snippets else None)
    context = {
        "nav": "datasets",
        "head": head,
        "snippets": snippets,
        "chosen": chosen,
        "chosen_columns": columns,
        "kept": [(name, value) for name in ("with", "table") for value in request.GET.getlist(name)],
        "site": settings.BASE_URL,
    }
    return render(request, "catalog/use.html", context)
