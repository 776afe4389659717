"""Step 1 of "Share data": the files that explain the tables."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Document
from catalog.selectors.datasets import get_document
from catalog.services.publishing.documents import edit_document, remove_document
from catalog.web.frame.refusals import page_for_users
from ingest.services.documents import keep_as_document
from ingest.services.uploads import get_upload
from ingest.web.draft import Draft, open_draft_of


@page_for_users
def documents(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The fragment that lists the draft's documents; alone it is not for reading, and leads to the page."""
    draft = open_draft_of(actor, owner, dataset)
    if "HX-Request" not in request.headers:
        return _to_list(owner, dataset)
    response = render(request, "ingest/parts/documents.html", {"draft": draft})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page_for_users
def describe(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Keep the title and the description that were typed for a document."""
    draft = open_draft_of(actor, owner, dataset)
    edit_document(
        actor=actor,
        document=_document(draft, request),
        title=request.POST.get("title", ""),
        description=request.POST.get("description", ""),
    )
    messages.success(request, _("Saved what is said of %(name)s.") % {"name": request.POST.get("document", "")})
    return _to_list(owner, dataset)


@require_POST
@page_for_users
def remove(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Take a document out of the draft."""
    draft = open_draft_of(actor, owner, dataset)
    found = _document(draft, request)
    remove_document(actor=actor, document=found)
    messages.success(request, _("%(name)s is not in the draft any more.") % {"name": found.name})
    return _to_list(owner, dataset)


@require_POST
@page_for_users
def keep(request: HttpRequest, actor: Actor, upload_id: str) -> HttpResponse:
    """Add a refused file to the documents, with the bytes that are here already."""
    upload = get_upload(actor=actor, upload_id=str(upload_id))
    keep_as_document(actor=actor, upload=upload)
    messages.success(request, _("%(name)s is being added to the documents.") % {"name": upload.filename})
    return _to_list(upload.dataset.organization.slug, upload.dataset.slug)


def _document(draft: Draft, request: HttpRequest) -> Document:
    if draft.version is None:
        raise NotFound
    return get_document(version=draft.version, name=request.POST.get("document", ""))


def _to_list(owner: str, dataset: str) -> HttpResponse:
    return redirect(f"{reverse('ingest:share_dataset', args=[owner, dataset])}#documents")
