"""All of one's uploads, with what became of each."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.web.frame.pages import page_numbers
from catalog.web.frame.refusals import page_for_users
from ingest.selectors.uploads import list_uploads
from ingest.services.uploads import cancel_upload, get_upload
from ingest.web.jobs import Job

PAGE_SIZE = 25


@page_for_users
def uploads(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The list, newest first."""
    shown = Paginator(list_uploads(actor=actor), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "work",
        "page": shown,
        "pages": page_numbers(shown),
        "jobs": [Job(item) for item in shown],
    }
    return render(request, "ingest/uploads.html", context)


@require_POST
@page_for_users
def cancel(request: HttpRequest, actor: Actor, upload_id: str) -> HttpResponse:
    """Give an unfinished upload up; its parts are dropped."""
    upload = get_upload(actor=actor, upload_id=str(upload_id))
    cancel_upload(actor=actor, upload=upload)
    messages.success(request, _("The upload of %(name)s was cancelled.") % {"name": upload.filename})
    if request.POST.get("back") == "share":
        owner, slug = upload.dataset.organization.slug, upload.dataset.slug
        return redirect("ingest:share_dataset", owner=owner, dataset=slug)
    return redirect("ingest:uploads")
