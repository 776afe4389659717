"""Rules that a table meets already, out of its profile: a person ticks those that are meant."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.permissions import Action, require
from catalog.web.dataset.head import Head, open_head
from catalog.web.forms.base import PageForm
from catalog.web.frame.refusals import page_for_users, put_into
from quality.rules.proposals import Proposal
from quality.services.rules import add_rules
from quality.services.trials import propose_rules
from quality.web.shown import shown_rule


@page_for_users
def proposals(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """What the profile of one table suggests; of the draft, where there is one. What is not ticked stays unasked."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="quality")
    require(actor, Action.EDIT, head.dataset)
    if head.open_version is not None and head.version != head.open_version:
        head = open_head(request, actor, owner=owner, dataset=dataset, version="draft", tab="quality")
    found = propose_rules(actor=actor, resource=head.resource) if head.resource is not None else []
    form = PageForm(request.POST or None)
    ticked = request.POST.getlist("rule")
    if request.method == "POST" and form.is_valid() and _take(request, actor, head, form, found, ticked):
        return redirect("quality:rules", owner=owner, dataset=dataset)
    context: dict[str, Any] = {
        "nav": "datasets",
        "head": head,
        "form": form,
        "ticked": ticked,
        "proposals": [(shown_rule(item.rule), item.why) for item in found],
        "is_pending": head.resource is not None and not head.resource.profile,
    }
    return render(request, "quality/proposals.html", context, status=400 if form.errors else 200)


def _take(
    request: HttpRequest, actor: Actor, head: Head, form: PageForm, found: list[Proposal], ticked: list[str]
) -> bool:
    """Whether those that were ticked are rules now; if not, the form says why."""
    level = request.POST.get("level", "warning")
    chosen = [{**item.rule.to_json(), "level": level} for item in found if item.rule.id in ticked]
    if not chosen:
        form.add_error(None, _("Tick the rules that you want to keep."))
        return False
    try:
        added = len(add_rules(actor=actor, dataset=head.dataset, rules=chosen))
    except CatalogError as refusal:
        put_into(form, refusal)
        return False
    said = ngettext("%(n)d rule is added.", "%(n)d rules are added.", added) % {"n": added}
    messages.success(request, said)
    return True
