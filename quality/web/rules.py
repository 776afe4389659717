"""The rules of a dataset: its own, those of the attached sets; sets are attached and detached, rules removed here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError, Forbidden, NotFound
from catalog.permissions import Action, can, require
from catalog.selectors.datasets import get_dataset
from catalog.web.dataset.head import Head, open_head
from catalog.web.frame.refusals import page, page_for_users, put_into
from quality.rules.rule import Rule
from quality.selectors.rule_sets import get_rule_set, get_rule_set_version, visible_rule_sets
from quality.services.rule_sets import attach_rule_set, detach_rule_set
from quality.services.rules import remove_rule
from quality.services.trials import MAX_TRIED
from quality.web.forms.rule_set import AttachForm
from quality.web.shown import shown_rules, shown_uses
from quality.web.trial import Trial, TrialForm, try_on


@page
def rules(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """All rules in sentences; POST tries all of them on a version, for those who may have the values."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="quality")
    form = TrialForm(request.POST or None, head=head)
    trial = None
    if request.method == "POST":
        require(actor, Action.DOWNLOAD, head.dataset)
        trial = _trial_of_all(actor, head, form)
    context = {**_context(actor, head), "trial_form": form, "form": form, "trial": trial}
    return render(request, "quality/rules.html", context, status=400 if form.errors else 200)


def _trial_of_all(actor: Actor, head: Head, form: TrialForm) -> Trial | None:
    if not form.is_valid():
        return None
    try:
        table = form.cleaned_data["on"].partition("/")[2]
        rules = [Rule.from_stored(item) for item in head.dataset.all_rules]
        tried = [rule for rule in rules if rule.table in ("", table)]
        asked = list({rule.question: rule for rule in tried}.values())[:MAX_TRIED]
        return try_on(actor=actor, head=head, chosen=form.cleaned_data["on"], rules=asked)
    except CatalogError as refusal:
        put_into(form, refusal)
        return None


def _context(actor: Actor, head: Head) -> dict[str, Any]:
    uses = shown_uses(head.dataset)
    may_edit = can(actor, Action.EDIT, head.dataset)
    attached = {use.use.rule_set_id for use in uses}
    sets = [found for found in visible_rule_sets(actor) if found.pk not in attached] if may_edit else []
    return {
        "nav": "datasets",
        "head": head,
        "own": shown_rules(head.dataset.rules),
        "uses": uses,
        "may_edit": may_edit,
        "may_try": head.may.download,
        "is_more_than_tried": len(head.dataset.all_rules) > MAX_TRIED,
        "most_tried": MAX_TRIED,
        "attach_form": AttachForm(sets=sets) if sets else None,
    }


@require_POST
@page_for_users
def remove(request: HttpRequest, actor: Actor, owner: str, dataset: str, rule_id: str) -> HttpResponse:
    """Take one of the dataset's own rules away."""
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    remove_rule(actor=actor, dataset=found, rule_id=rule_id)
    messages.success(request, _("The rule is removed. The draft’s tables are checked again."))
    return redirect("quality:rules", owner=owner, dataset=dataset)


@require_POST
@page_for_users
def attach(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Attach a version of a set, also in the place of another version of it."""

    def done() -> str:
        reference, _sign, number = _posted(request, "rule_set").partition("@")
        set_owner, _sign, name = reference.partition("/")
        version = get_rule_set_version(get_rule_set(actor=actor, owner=set_owner, name=name), number)
        use = attach_rule_set(actor=actor, dataset=found, version=version)
        return _("%(set)s %(version)s is attached. The draft’s tables are checked again.") % {
            "set": use.rule_set.title,
            "version": version.number,
        }

    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    require(actor, Action.EDIT, found)
    return _told(request, owner, dataset, done)


@require_POST
@page_for_users
def detach(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Let the dataset go without a set."""

    def done() -> str:
        set_owner, _sign, name = _posted(request, "rule_set").partition("/")
        detach_rule_set(actor=actor, dataset=found, owner=set_owner, name=name)
        return _("The rule set is detached. The draft’s tables are checked again.")

    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    require(actor, Action.EDIT, found)
    return _told(request, owner, dataset, done)


def _told(request: HttpRequest, owner: str, dataset: str, do: Callable[[], str]) -> HttpResponse:
    """Back to the list, with what was done or why it was not; what a list showed may be gone by now."""
    try:
        messages.success(request, do())
    except Forbidden:
        raise
    except CatalogError as refusal:
        messages.error(request, refusal.sentence if isinstance(refusal, NotFound) else refusal.words)
    return redirect("quality:rules", owner=owner, dataset=dataset)


def _posted(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "")
