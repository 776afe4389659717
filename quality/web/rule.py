"""One rule: its type is chosen in words, then its fields are filled in, tried on a table, and saved."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError, NotFound
from catalog.permissions import Action, require
from catalog.web.dataset.head import Head, open_head
from catalog.web.frame.refusals import page_for_users, put_into
from quality.rules.rule import Rule, RuleType
from quality.services.rules import add_rules, find_rule, replace_rule
from quality.web.forms.rule import RuleForm
from quality.web.rule_types import GROUPS, LABELS
from quality.web.trial import Trial, TrialForm, known_of, try_on


@page_for_users
def choose(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The types of rules in words, by group."""
    head = _head(request, actor, owner, dataset)
    groups = [(group, [(kind.value, LABELS[kind]) for kind in kinds]) for group, kinds in GROUPS]
    return render(request, "quality/rule_choose.html", {"nav": "datasets", "head": head, "groups": groups})


@page_for_users
def add(request: HttpRequest, actor: Actor, owner: str, dataset: str, rule_type: str) -> HttpResponse:
    """A new rule of a type."""
    head = _head(request, actor, owner, dataset)
    if rule_type not in set(RuleType):
        raise NotFound(_("There is no such type of rule."))
    return _edited(request, actor, head, RuleType(rule_type), None)


@page_for_users
def edit(request: HttpRequest, actor: Actor, owner: str, dataset: str, rule_id: str) -> HttpResponse:
    """One of the dataset's own rules."""
    head = _head(request, actor, owner, dataset)
    rule = find_rule(head.dataset.rules, rule_id)
    return _edited(request, actor, head, rule.type, rule)


def _head(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> Head:
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="quality")
    require(actor, Action.EDIT, head.dataset)
    return head


def _edited(request: HttpRequest, actor: Actor, head: Head, kind: RuleType, old: Rule | None) -> HttpResponse:
    form = RuleForm(request.POST or None, rule_type=kind, known=known_of(head), rule=old)
    trial_form = TrialForm(request.POST or None, head=head)
    trial = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "save":
            if _save(request, actor, head, form, old):
                return redirect("quality:rules", owner=head.dataset.organization.slug, dataset=head.dataset.slug)
        else:
            trial = _try(actor, head, form, trial_form)
    context = {
        "nav": "datasets",
        "head": head,
        "form": form,
        "trial_form": trial_form,
        "trial": trial,
        "label": LABELS[kind],
        "old": old,
    }
    return render(request, "quality/rule.html", context, status=400 if form.errors else 200)


def _save(request: HttpRequest, actor: Actor, head: Head, form: RuleForm, old: Rule | None) -> bool:
    """Whether it is saved; if not, the form says why."""
    rule = form.rule.to_json()
    try:
        if old is None:
            is_new = bool(add_rules(actor=actor, dataset=head.dataset, rules=[rule]))
        else:
            is_new = form.rule.id == old.id or not _is_asked(head, form.rule)
            if is_new:
                replace_rule(actor=actor, dataset=head.dataset, rule_id=old.id, rule=rule)
    except CatalogError as refusal:
        put_into(form, refusal)
        return False
    if not is_new:
        form.add_error(None, _("The dataset asks this already, in another rule."))
        return False
    messages.success(request, _("The rule is saved. The draft’s tables are checked again."))
    return True


def _is_asked(head: Head, rule: Rule) -> bool:
    return rule.question in {Rule.from_stored(item).question for item in head.dataset.rules}


def _try(actor: Actor, head: Head, form: RuleForm, chosen: TrialForm) -> Trial | None:
    """What would fail; None, and the reason in the form, where it can't be tried."""
    if not chosen.is_valid():
        for problem in chosen.errors.get("on", []):
            form.add_error(None, problem)
        return None
    try:
        return try_on(actor=actor, head=head, chosen=chosen.cleaned_data["on"], rules=[form.rule])
    except CatalogError as refusal:
        put_into(form, refusal)
        return None
