"""Two versions of a dataset beside each other: what is different in tables, columns, rows, values, checks and words."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from catalog.actor import Actor
from catalog.differences import StoredDifference, difference_of, without_values
from catalog.models import Resource, Version
from catalog.selectors.datasets import get_dataset, list_versions
from catalog.services.compared import current_difference, get_pair, may_see_values
from catalog.web.columns import columns_of
from catalog.web.difference_words import shown_tables, shown_words
from catalog.web.differences import compare, compare_rows
from catalog.web.head import Head
from catalog.web.refusals import page


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
    with_values = may_see_values(actor=actor, base=older, version=newer)
    known = current_difference(base=older, version=newer) if with_values else difference_of(newer, older)
    head = Head(actor=actor, dataset=found, version=newer, tab="versions")
    old = _tables(older)
    context: dict[str, Any] = {
        "nav": "datasets",
        "head": head,
        "base": older,
        "version": newer,
        "versions": list(list_versions(actor=actor, dataset=found)),
        "with_values": with_values,
        "is_waiting": known is not None and known.is_waiting,
        "is_failed": known is not None and known.state == "errored",
        "strips": _strips(old, head.resources, with_values=with_values),
        **_shown(known, with_values=with_values),
    }
    if not context["result"]:
        # What the two rows of the database say, until somebody has looked into the tables.
        context["first"] = [*compare(old, head.resources), *compare_rows(old, head.resources)]
    return render(request, "catalog/compare.html", context)


def _shown(known: StoredDifference | None, *, with_values: bool) -> dict[str, Any]:
    if known is None or known.state != "done" or not known.is_current:
        return {"result": None}
    result = known.result if with_values else without_values(known.result)
    return {"result": result, "tables": shown_tables(result), "words": shown_words(result["words"])}


def _tables(version: Version) -> list[Resource]:
    return list(version.resources.select_related("report").prefetch_related("parts", "sources"))


def _strips(old: list[Resource], new: list[Resource], *, with_values: bool) -> dict[str, Any]:
    """The pictures of tables that both have, above each other, by name."""
    before = {table.name: table for table in old}
    return {
        table.name: [columns_of(item, with_values=with_values) for item in (before[table.name], table)]
        for table in new
        if table.name in before
    }
