"""The button that brings a table's accepted annotations into the draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import Conflict, Invalid
from catalog.selectors.datasets import get_dataset
from catalog.web.frame.refusals import page_for_users
from ingest.services.correcting import apply_annotations


@require_POST
@page_for_users
def apply(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Descriptions are in the schema at once; corrections are on their way, and their page says how far."""
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    table = request.POST.get("table", "").replace("\0", "")
    back = f"{reverse('catalog:annotations', args=[owner, dataset])}?{urlencode({'table': table})}"
    try:
        done = apply_annotations(actor=actor, dataset=found, table=table)
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.words)
        return redirect(back)
    if done.described:
        said = ngettext(
            "%(n)d description is in the draft’s schema.",
            "%(n)d descriptions are in the draft’s schema.",
            done.described,
        )
        messages.success(request, said % {"n": done.described})
    if done.refusal is not None:
        messages.error(request, f"{done.refusal.sentence} {done.refusal.remedy}")
    if done.left:
        messages.error(request, _("Some descriptions are of columns that the draft does not have; they stay accepted."))
    return redirect(back) if done.upload is None else redirect("ingest:job", upload_id=done.upload.pk)
