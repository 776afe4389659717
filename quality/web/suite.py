"""A dataset's rules as a suite of Great Expectations, and such a suite as rules; what has no counterpart is told."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.models import Dataset
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset
from catalog.web.dataset.head import open_head
from catalog.web.frame.refusals import page, page_for_users, put_into
from quality.rules.gx_json import LeftOut, from_suite, to_suite
from quality.rules.rule import InvalidRule, Rule
from quality.rules.sentences import sentence
from quality.services.rules import add_rules
from quality.web.forms.suite import SuiteForm
from quality.web.shown import ShownRule, shown_rule


@dataclass(frozen=True, slots=True)
class ReadSuite:
    """What a suite says as rules: those that the dataset does not ask yet, how many it does, and what is left out."""

    new: tuple[ShownRule, ...]
    known: int
    left_out: tuple[LeftOut, ...]


@page
def export(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The suite as a file that Great Expectations reads."""
    del request  # The address says all.
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    suite, _left = to_suite(_rules(found), name=f"{owner}/{dataset}")
    text = json.dumps(suite, ensure_ascii=False, indent=2)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{owner}-{dataset}-suite.json"'
    return answer


@page_for_users
def suite(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The link to the export, and the form of the import: it is read and shown first, and applied when that is said."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="quality")
    require(actor, Action.EDIT, head.dataset)
    form = SuiteForm(request.POST or None, request.FILES or None)
    read = None
    if request.method == "POST" and form.is_valid():
        read = _read(head.dataset, form)
        if read is not None and request.POST.get("do") == "apply" and _applied(request, actor, head.dataset, form):
            return redirect("quality:rules", owner=owner, dataset=dataset)
    rules = _rules(head.dataset)
    _suite, left = to_suite(rules, name="")
    context = {
        "nav": "datasets",
        "head": head,
        "form": form,
        "read": read if not form.errors else None,
        "given": form.given if read is not None else "",
        "rules": len(rules),
        "left_out": [(sentence(rules[item.number - 1]), item.why) for item in left],
    }
    return render(request, "quality/suite.html", context, status=400 if form.errors else 200)


def _rules(dataset: Dataset) -> list[Rule]:
    return [Rule.from_stored(item) for item in dataset.all_rules]


def _read(dataset: Dataset, form: SuiteForm) -> ReadSuite | None:
    try:
        rules, left = from_suite(form.suite)
    except InvalidRule as refusal:
        for problem in refusal.problems:
            form.add_error(None, problem.sentence)
        return None
    asked = {Rule.from_stored(item).question for item in dataset.rules}
    new = [rule for rule in rules if rule.question not in asked]
    return ReadSuite(tuple(shown_rule(rule) for rule in new), len(rules) - len(new), left)


def _applied(request: HttpRequest, actor: Actor, dataset: Dataset, form: SuiteForm) -> bool:
    """Whether the suite's rules are the dataset's now; if not, the form says why."""
    rules, _left = from_suite(form.suite)
    try:
        added = len(add_rules(actor=actor, dataset=dataset, rules=[rule.to_json() for rule in rules]))
    except CatalogError as refusal:
        put_into(form, refusal)
        return False
    said = ngettext("%(n)d rule is added.", "%(n)d rules are added.", added) % {"n": added}
    messages.success(request, said)
    return True
