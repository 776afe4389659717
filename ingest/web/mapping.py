"""Step 2, Map & clean: its entrance, which leads to the table that there is, or past it where nothing was changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from catalog.actor import Actor
from catalog.web.frame.refusals import page_for_users
from ingest.web.changes import total_words
from ingest.web.draft import moved_on, open_draft_of
from ingest.web.steps import CLEAN, is_untouched, steps


@page_for_users
def entrance(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The draft's tables with what was changed in each; ``?look`` stays even if there is nothing to see."""
    draft = open_draft_of(actor, owner, dataset)
    if gone := moved_on(request, draft):
        return gone
    tables = draft.tables
    if not tables:
        return redirect("ingest:share_dataset", owner=owner, dataset=dataset)
    if "look" not in request.GET and is_untouched(draft, tables):
        return redirect("ingest:check", owner=owner, dataset=dataset)
    if len(tables) == 1:
        return redirect("ingest:clean", owner=owner, dataset=dataset, table=tables[0].name)
    context = {
        "nav": "share",
        "steps": steps(draft, CLEAN),
        "draft": draft,
        "tables": [(table, total_words(table.recipe)) for table in tables],
    }
    return render(request, "ingest/mapping.html", context)
