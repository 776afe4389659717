"""Step 1: files and description on one page. The upload runs while the person types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.licenses import all_licenses
from catalog.permissions import Action, can
from catalog.selectors.datasets import get_resource
from catalog.services.publishing.resources import remove_resource
from catalog.services.publishing.starting import EMPTY, LATEST
from catalog.services.publishing.versions import open_draft, restart_draft
from catalog.web.frame.refusals import page_for_users
from ingest.files.media_types import SUPPORTED
from ingest.limits import Limits
from ingest.selectors.uploads import list_jobs, list_unfinished
from ingest.services.uploads import get_upload
from ingest.web.description import save_description
from ingest.web.draft import Draft, moved_on, open_draft_of
from ingest.web.forms import ShareForm, recommended_licenses
from ingest.web.jobs import Job
from ingest.web.shown_import import ShownImport, shown_import
from ingest.web.steps import FILES, is_untouched, steps
from ingest.web.suggested import suggestions


@page_for_users
def files(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The upload panel, what became of each file, and the description."""
    draft = open_draft_of(actor, owner, dataset)
    if gone := moved_on(request, draft):
        return gone
    return show_files(request, actor, draft)


@page_for_users
def describe(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Save what is valid of the description: by itself while it is typed, or with the button."""
    draft = open_draft_of(actor, owner, dataset)
    if request.method != "POST":
        return redirect("ingest:share_dataset", owner=owner, dataset=dataset)
    form = _form(actor, draft, request.POST)
    save_description(actor=actor, dataset=draft.dataset, form=form)
    if "HX-Request" in request.headers:
        return render(request, "ingest/parts/saved.html", {"form": form, "now": timezone.localtime()})
    if form.errors:
        return show_files(request, actor, draft, form=form, status=400)
    return redirect("ingest:share_dataset", owner=owner, dataset=dataset)


@page_for_users
def tables(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The fragment that lists the draft's tables."""
    draft = open_draft_of(actor, owner, dataset)
    context = {
        "draft": draft,
        "untouched": is_untouched(draft, draft.tables),
        "steps": steps(draft, FILES),
        "is_piece": True,
    }
    return render(request, "ingest/parts/tables.html", context)


@require_POST
@page_for_users
def remove_table(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Take a table out of the draft."""
    draft = open_draft_of(actor, owner, dataset)
    if draft.version is not None:
        table = get_resource(version=draft.version, name=request.POST.get("table", ""))
        remove_resource(actor=actor, resource=table)
    return redirect("ingest:share_dataset", owner=owner, dataset=dataset)


@require_POST
@page_for_users
def start_again(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Begin the version anew: with no table, or with those of the latest one."""
    draft = open_draft_of(actor, owner, dataset)
    start_from = EMPTY if request.POST.get("start_from") == EMPTY else LATEST
    if draft.version is None:
        open_draft(actor=actor, dataset=draft.dataset, start_from=start_from)
    else:
        restart_draft(actor=actor, version=draft.version, start_from=start_from)
    return redirect("ingest:share_dataset", owner=owner, dataset=dataset)


@page_for_users
def job(request: HttpRequest, actor: Actor, upload_id: str) -> HttpResponse:
    """The fragment of one upload's stages; the last one asks no more. 204 while nothing has changed."""
    shown = Job(get_upload(actor=actor, upload_id=str(upload_id)))
    if request.GET.get("seen") == shown.digest:
        return HttpResponse(status=204)
    response = render(request, "ingest/parts/job.html", {"job": shown})
    response["Cache-Control"] = "no-store"
    # A document may be stored before anybody asks for the first time.
    is_news = bool(request.GET.get("seen")) or (shown.is_document and shown.is_stored)
    if is_news and (sentence := _news(shown)):
        changed = ("cf:documents" if shown.is_document else "cf:tables", "cf:import")
        response["HX-Trigger"] = json.dumps({"cf:say": {"sentence": sentence}, **{name: {} for name in changed}})
    return response


def _news(shown: Job) -> str:
    """What a screen reader says when an upload has come to an end."""
    name = shown.upload.filename
    if shown.is_rejected:
        return _("%(name)s was not accepted.") % {"name": name}
    if shown.is_failed:
        return _("%(name)s could not be processed; it is tried again.") % {"name": name}
    if shown.is_document and shown.is_stored:
        return _("%(name)s is in the documents.") % {"name": name}
    if shown.is_checked:
        return _("%(name)s is stored and checked.") % {"name": name}
    return _("%(name)s is stored; the checks run.") % {"name": name} if shown.is_stored else ""


def _form(actor: Actor, draft: Draft, data: Any = None) -> ShareForm:
    return ShareForm(
        data,
        initial=ShareForm.initial_of(draft.dataset),
        may_change_access=can(actor, Action.GRANT, draft.dataset),
    )


def show_files(
    request: HttpRequest,
    actor: Actor,
    draft: Draft,
    *,
    form: ShareForm | None = None,
    shown: ShownImport | None = None,
    purpose: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with what was typed in ``form`` or beside the address, and in the choice of what files do."""
    context = {
        "nav": "share",
        "steps": steps(draft, FILES),
        "untouched": is_untouched(draft, draft.tables),
        "draft": draft,
        "form": form or _form(actor, draft),
        "import": shown or shown_import(actor, draft.dataset),
        "purpose": purpose or {},
        "licenses": all_licenses().values(),
        "recommended": recommended_licenses(),
        "jobs": [Job(item) for item in list_jobs(actor=actor, dataset=draft.dataset, draft=draft.version)],
        "unfinished": list_unfinished(actor=actor, dataset=draft.dataset),
        "supported": _(SUPPORTED),
        "limit": settings.UPLOAD_LIMIT_BYTES,
        "unpacked": Limits().max_unpacked_bytes,
        "document_limit": settings.DOCUMENT_LIMIT_BYTES,
        "days": settings.UPLOAD_DAYS,
        "suggested": suggestions(draft, actor),
    }
    return render(request, "ingest/files.html", context, status=status)
