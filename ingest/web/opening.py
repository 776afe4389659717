"""How a text file is opened: its owner picks the readable lines, and clicks the line that names the columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import Invalid, NotFound
from catalog.models import Resource
from catalog.web.frame.refusals import page_for_users
from ingest.recipes.opening import AS_FOUND, ENCODINGS, LINES, Opening, opening_of
from ingest.selectors.beginnings import can_be_opened_otherwise, first_lines, read_beginning, samples
from ingest.services.recipes import open_otherwise
from ingest.web.draft import moved_on, open_draft_of, table_of
from ingest.web.steps import CLEAN, steps


@page_for_users
def opening(request: HttpRequest, actor: Actor, owner: str, dataset: str, table: str) -> HttpResponse:
    """The first lines of the file; a click has the table read again."""
    draft = open_draft_of(actor, owner, dataset)
    if gone := moved_on(request, draft):
        return gone
    resource = table_of(draft, table)
    if not can_be_opened_otherwise(resource):
        raise NotFound
    refusal = ""
    if request.method == "POST":
        try:
            open_otherwise(actor=actor, resource=resource, opening=_said(request.POST, opening_of(resource.recipe)))
        except Invalid as error:
            refusal = error.words
        else:
            return redirect("ingest:clean", owner=owner, dataset=dataset, table=table)
    context = {"nav": "share", "steps": steps(draft, CLEAN), "draft": draft, "table": resource, "refusal": refusal}
    return render(request, "ingest/opening.html", context | _shown(resource), status=400 if refusal else 200)


def _said(sent: QueryDict, before: Opening) -> Opening:
    """What a button says, beside what was said before. Raises Invalid."""
    header, encoding = sent.get("header", ""), sent.get("encoding", "")
    if "as_found" in sent:
        return AS_FOUND
    if encoding in ENCODINGS:
        return replace(before, encoding=encoding)
    if header.isascii() and header.isdigit() and int(header) <= LINES:
        return replace(before, header=int(header))
    raise Invalid(_("Choose one of the lines or encodings that are shown."))


def _shown(resource: Resource) -> dict[str, Any]:
    """The lines, as the table was read. The codec's own name stands for one with a mark."""
    data = read_beginning(resource)
    encoding = str(resource.source["encoding"])
    return {
        "lines": list(enumerate(first_lines(data, encoding), start=1)),
        "header": resource.source.get("header_line") or 0,
        "samples": samples(data, encoding),
        "is_said": opening_of(resource.recipe) != AS_FOUND,
        "encoding": encoding,
    }
