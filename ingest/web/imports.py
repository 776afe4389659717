"""A file from a web address: what the form beside the drop zone does."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.actor import Actor
from catalog.errors import CatalogError, Forbidden, NotFound
from catalog.web.frame.refusals import page_for_users
from ingest.models import Upload
from ingest.services.importing import import_file
from ingest.web.draft import Draft, moved_on, open_draft_of
from ingest.web.files import show_files
from ingest.web.forms import ImportForm
from ingest.web.jobs import Job
from ingest.web.shown_import import ShownImport, shown_import


@page_for_users
def import_from(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Have a worker fetch an address. To htmx the answer is the form anew, with the file's stages; else the page."""
    draft = open_draft_of(actor, owner, dataset)
    is_fragment = "HX-Request" in request.headers
    if moved_on(request, draft):
        return _to_page(draft, is_fragment=is_fragment)
    if request.method == "POST":
        return _answer(request, actor, draft, is_fragment=is_fragment)
    if is_fragment:
        return _draw(request, draft, shown_import(actor, draft.dataset))
    return _to_page(draft, is_fragment=False)


def _answer(request: HttpRequest, actor: Actor, draft: Draft, *, is_fragment: bool) -> HttpResponse:
    begun = _begin(actor, draft, ImportForm(request.POST))
    if isinstance(begun, ShownImport):
        if is_fragment:
            return _draw(request, draft, begun)
        return show_files(request, actor, draft, shown=begun, purpose=request.POST, status=400)
    if is_fragment:
        return _draw(request, draft, ShownImport(is_answer=True), begun)
    return _to_page(draft, is_fragment=False)


def _begin(actor: Actor, draft: Draft, form: ImportForm) -> Upload | ShownImport:
    """The import, or the form with what was typed and why nothing is fetched."""
    typed = ShownImport(str(form.data.get("url", "")), is_document="is_document" in form.data, is_answer=True)
    if not form.is_valid():
        return replace(typed, problems=[str(error) for errors in form.errors.values() for error in errors])
    try:
        return import_file(
            actor=actor,
            dataset=draft.dataset,
            url=form.cleaned_data["url"],
            resource=form.resource_name,
            purpose=form.purpose,
            document=form.document,
        )
    except (NotFound, Forbidden):
        # That is about what the person may do, and no matter of typing.
        raise
    except CatalogError as refusal:
        return typed.refused(refusal)


def _draw(request: HttpRequest, draft: Draft, shown: ShownImport, upload: Upload | None = None) -> HttpResponse:
    context = {"draft": draft, "import": shown, "job": None if upload is None else Job(upload)}
    response = render(request, "ingest/parts/imported.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _to_page(draft: Draft, *, is_fragment: bool) -> HttpResponse:
    address = reverse("ingest:share_dataset", args=[draft.dataset.organization.slug, draft.dataset.slug])
    if is_fragment:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
