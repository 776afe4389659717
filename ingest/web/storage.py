"""Storage for staff: bytes of each organization, uploads that were never finished, and copies that nobody needs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError, NotFound
from catalog.selectors.datasets import get_organization
from catalog.selectors.storage import in_store, storage_by_organization
from catalog.web.administration.staff import page_for_staff
from catalog.web.frame.pages import page_numbers
from ingest.models import Upload, UploadState
from ingest.services.uploads import cancel_upload, get_upload, leftover_copies, sweep_staged

SHOWN = 50
PAGE_SIZE = 100


@page_for_staff
def storage(request: HttpRequest, _actor: Actor) -> HttpResponse:
    """By organization, and what is on its way."""
    pending = Upload.objects.filter(state=UploadState.PENDING).select_related("dataset__organization", "created_by")
    rows = storage_by_organization()
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "administration",
        "organizations": page.object_list,
        "page": page,
        "pages": page_numbers(page),
        "originals": sum(row.originals.bytes for row in rows),
        "parquet": sum(row.parquet.bytes for row in rows),
        "documents": sum(row.documents.bytes for row in rows),
        "kept": sum(row.total for row in rows),
        "pending": pending.order_by("active_at")[:SHOWN],
        "pending_count": pending.count(),
        "pending_bytes": pending.aggregate(total=Sum("size"))["total"] or 0,
        "shown": SHOWN,
        "leftovers": _leftovers(),
    }
    return render(request, "ingest/storage.html", context)


@page_for_staff
def of_organization(request: HttpRequest, _actor: Actor, owner: str) -> HttpResponse:
    """One organization's objects as the store has them now."""
    found = get_organization(slug=owner)
    context = {"nav": "administration", "organization": found, "found": in_store(found)}
    return render(request, "ingest/storage_of.html", context)


@require_POST
@page_for_staff
def clean_up(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Give an unfinished upload up, or delete the copies that nobody needs."""
    if request.POST.get("do") == "leftovers":
        count = sweep_staged()
        said = ngettext("%(count)s copy was deleted.", "%(count)s copies were deleted.", count)
        messages.success(request, said % {"count": f"{count:,}"})
        return redirect("ingest:storage")
    upload = get_upload(actor=actor, upload_id=_upload_id(request))
    try:
        cancel_upload(actor=actor, upload=upload)
    except CatalogError as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, _("The upload of %(name)s was removed.") % {"name": upload.filename})
    return redirect("ingest:storage")


def _upload_id(request: HttpRequest) -> str:
    try:
        return str(UUID(request.POST.get("upload", "")))
    except ValueError:
        raise NotFound from None


def _leftovers() -> tuple[int, int]:
    """How many copies nobody needs, and their bytes."""
    sizes = [size for _key, size in leftover_copies()]
    return len(sizes), sum(sizes)
