"""The editor of a rule set: rules are added, changed, removed and tried on any table, then made a version.

What is worked on is kept for the person (quality.web.set_draft); nobody else sees it before it is a version, and no
dataset takes a version by itself.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError, NotFound
from catalog.models import Resource
from catalog.numbering import raised
from catalog.selectors.datasets import visible_datasets
from catalog.web.forms.base import PageForm
from catalog.web.frame.refusals import page_for_users, put_into
from quality.models import RuleSet, RuleSetUse
from quality.rules.rule import Rule, RuleType
from quality.services.rule_sets import add_version
from quality.services.trials import MAX_TRIED
from quality.web.any_table import find_table, known_in, offered_tables, try_on_any
from quality.web.forms.rule import RuleForm
from quality.web.forms.set_editor import AnyTableForm, NewVersionForm, TakeForm
from quality.web.rule_sets import maintained, with_rules
from quality.web.rule_types import GROUPS, LABELS
from quality.web.set_draft import SetDraft
from quality.web.shown import shown_changes, shown_rules
from quality.web.trial import Trial


@page_for_users
def editor(request: HttpRequest, actor: Actor, owner: str, name: str) -> HttpResponse:
    """The rules as they will be, what is different from the last version, a trial of all, and the version's making."""
    rule_set = maintained(actor, owner, name)
    draft = SetDraft(request, rule_set)
    is_trial = request.POST.get("do") == "try"
    sent = request.POST or None
    tables = _table_form(request if is_trial else None, actor, draft)
    form = NewVersionForm(None if is_trial else sent, initial={"number": raised(draft.newest.number, "minor")})
    trial = None
    if is_trial:
        trial = _tried(actor, draft, tables, [Rule.from_stored(item) for item in draft.rules][:MAX_TRIED])
    elif request.method == "POST" and form.is_valid() and _is_made(request, actor, draft, form):
        return redirect("quality:rule_set", owner=owner, name=name)
    shown = _context(actor, draft) | {"form": tables if tables.errors else form, "version_form": form}
    context = shown | {"trial_form": tables, "trial": trial, "most_tried": MAX_TRIED}
    status = 400 if form.errors or tables.errors else 200
    return render(request, "quality/rule_set_version.html", context, status=status)


@page_for_users
def choose(request: HttpRequest, actor: Actor, owner: str, name: str) -> HttpResponse:
    """The types of rules in words, by group."""
    rule_set = maintained(actor, owner, name)
    groups = [(group, [(kind.value, LABELS[kind]) for kind in kinds]) for group, kinds in GROUPS]
    return render(request, "quality/rule_set_choose.html", {**_nav(rule_set), "groups": groups})


@page_for_users
def add(request: HttpRequest, actor: Actor, owner: str, name: str, rule_type: str) -> HttpResponse:
    """A new rule of a type."""
    draft = SetDraft(request, maintained(actor, owner, name))
    if rule_type not in set(RuleType):
        raise NotFound(_("There is no such type of rule."))
    return _edited(request, actor, draft, RuleType(rule_type), None)


@page_for_users
def edit(request: HttpRequest, actor: Actor, owner: str, name: str, rule_id: str) -> HttpResponse:
    """A rule of the next version."""
    draft = SetDraft(request, maintained(actor, owner, name))
    rule = draft.find(rule_id)
    return _edited(request, actor, draft, rule.type, rule)


@require_POST
@page_for_users
def remove(request: HttpRequest, actor: Actor, owner: str, name: str, rule_id: str) -> HttpResponse:
    """Leave a rule out of the next version."""
    SetDraft(request, maintained(actor, owner, name)).remove(rule_id)
    return redirect("quality:rule_set_version", owner=owner, name=name)


@require_POST
@page_for_users
def take(request: HttpRequest, actor: Actor, owner: str, name: str) -> HttpResponse:
    """Copy the rules that one of the organization's datasets has."""
    rule_set = maintained(actor, owner, name)
    form = TakeForm(request.POST, datasets=with_rules(actor, rule_set.organization))
    if not form.is_valid():
        messages.error(request, _("Choose a dataset that has rules."))
        return redirect("quality:rule_set_version", owner=owner, name=name)
    try:
        added = SetDraft(request, rule_set).add(form.rules)
    except CatalogError as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, ngettext("%(n)d rule is added.", "%(n)d rules are added.", added) % {"n": added})
    return redirect("quality:rule_set_version", owner=owner, name=name)


@require_POST
@page_for_users
def discard(request: HttpRequest, actor: Actor, owner: str, name: str) -> HttpResponse:
    """Begin again from the last version."""
    SetDraft(request, maintained(actor, owner, name)).discard()
    messages.success(request, _("What you had changed is forgotten."))
    return redirect("quality:rule_set_version", owner=owner, name=name)


def _edited(request: HttpRequest, actor: Actor, draft: SetDraft, kind: RuleType, old: Rule | None) -> HttpResponse:
    sent = request.POST or None
    is_trial = request.POST.get("do") == "try"
    tables = _table_form(request if is_trial else None, actor, draft)
    form = RuleForm(sent, rule_type=kind, known=known_in(_at_hand(actor, draft)), rule=old)
    trial = None
    if request.method == "POST" and form.is_valid():
        if is_trial:
            trial = _tried(actor, draft, tables, [form.rule])
        elif _is_kept(draft, form, old):
            owner = draft.rule_set.organization.slug
            return redirect("quality:rule_set_version", owner=owner, name=draft.rule_set.name)
    shown: PageForm = tables if tables.errors else form
    context = {**_nav(draft.rule_set), "form": form, "trial_form": tables, "trial": trial, "label": LABELS[kind]}
    status = 400 if shown.errors else 200
    return render(request, "quality/rule_set_rule.html", {**context, "old": old, "wrong": shown}, status=status)


def _is_kept(draft: SetDraft, form: RuleForm, old: Rule | None) -> bool:
    """Whether it is among the rules of the next version now; if not, the form says why."""
    rule = form.rule.to_json()
    try:
        is_kept = bool(draft.add([rule])) if old is None else draft.replace(old.id, rule)
    except CatalogError as refusal:
        put_into(form, refusal)
        return False
    if not is_kept:
        form.add_error(None, _("The rule set asks this already, in another rule."))
    return is_kept


def _is_made(request: HttpRequest, actor: Actor, draft: SetDraft, form: NewVersionForm) -> bool:
    try:
        made = add_version(actor=actor, rule_set=draft.rule_set, rules=draft.rules, **form.cleaned_data)
    except CatalogError as refusal:
        put_into(form, refusal)
        return False
    draft.discard()
    said = _("Version %(number)s is made. Datasets take it when their owners say so.")
    messages.success(request, said % {"number": made.number})
    return True


def _table_form(request: HttpRequest | None, actor: Actor, draft: SetDraft) -> AnyTableForm:
    sent = None if request is None else request.POST
    return AnyTableForm(sent, tables=offered_tables(actor=actor, rule_set=draft.rule_set), initial={"on": draft.on})


def _tried(actor: Actor, draft: SetDraft, form: AnyTableForm, rules: list[Rule]) -> Trial | None:
    """What would fail; None, and the reason in the form, where it can't be tried."""
    if not form.is_valid():
        return None
    try:
        found = try_on_any(actor=actor, address=form.address, rules=rules)
    except CatalogError as refusal:
        # Also what may not be seen or had is a matter of what was typed here.
        form.add_error("other", refusal.words)
        return None
    draft.look_at(form.address)
    return found


def _at_hand(actor: Actor, draft: SetDraft) -> Resource | None:
    """The table that was tried last, if it still is there for the person."""
    if not draft.on:
        return None
    try:
        return find_table(actor=actor, address=draft.on)
    except CatalogError:
        return None


def _nav(rule_set: RuleSet) -> dict[str, Any]:
    return {"nav": "organizations", "organization": rule_set.organization, "rule_set": rule_set}


def _context(actor: Actor, draft: SetDraft) -> dict[str, Any]:
    rule_set = draft.rule_set
    uses = RuleSetUse.objects.filter(rule_set=rule_set, dataset__in=visible_datasets(actor).values("pk"))
    datasets = with_rules(actor, rule_set.organization)
    return {
        **_nav(rule_set),
        "draft": draft,
        "rules": shown_rules(draft.rules),
        "changes": shown_changes(draft.newest.rules, draft.rules),
        "before": draft.newest,
        "uses": uses.select_related("dataset__organization", "version").order_by("dataset__title"),
        "take_form": TakeForm(datasets=datasets) if datasets else None,
    }
