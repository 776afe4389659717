"""The rule sets of an organization: all that a visitor may see, one with its versions, a new one, a new version."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog import markdown
from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.models import Dataset, Organization, Role
from catalog.numbering import FIRST
from catalog.permissions import has_role, require_role
from catalog.selectors.datasets import get_organization, visible_datasets
from catalog.web.frame.refusals import page, page_for_users, put_into
from quality.models import RuleSet, RuleSetUse
from quality.selectors.rule_sets import get_rule_set, get_rule_set_version, visible_rule_sets
from quality.services.rule_sets import create_rule_set, update_rule_set
from quality.web.forms.rule_set import AboutSetForm, NewSetForm
from quality.web.shown import shown_changes, shown_rules


@page
def list_all(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """The organization's sets that the visitor may see."""
    organization = get_organization(slug=owner)
    context = {
        "nav": "organizations",
        "organization": organization,
        "sets": visible_rule_sets(actor).filter(organization=organization),
        "may_create": has_role(actor, organization, Role.MAINTAINER),
    }
    return render(request, "quality/rule_sets.html", context)


@page
def one(request: HttpRequest, actor: Actor, owner: str, name: str) -> HttpResponse:
    """One set: a version's rules in sentences, the other versions, and the datasets that have it attached."""
    found = get_rule_set(actor=actor, owner=owner, name=name)
    version = get_rule_set_version(found, request.GET.get("version", "").replace("\0", ""))
    versions = list(found.versions.all())
    before = next(iter(versions[versions.index(version) + 1 :]), None)
    uses = RuleSetUse.objects.filter(rule_set=found, dataset__in=visible_datasets(actor).values("pk"))
    context = {
        "nav": "organizations",
        "organization": found.organization,
        "rule_set": found,
        "description": markdown.render(found.description),
        "version": version,
        "rules": shown_rules(version.rules),
        "versions": versions,
        "before": before,
        "changes": shown_changes(before.rules, version.rules) if before is not None else None,
        "uses": uses.select_related("dataset__organization", "version").order_by("dataset__title"),
        "may_edit": has_role(actor, found.organization, Role.MAINTAINER),
    }
    return render(request, "quality/rule_set.html", context)


@page_for_users
def create(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """A new set of the rules that one of the organization's datasets has."""
    organization = get_organization(slug=owner)
    require_role(actor, organization, Role.MAINTAINER, scope="upload")
    form = NewSetForm(
        request.POST or None,
        datasets=with_rules(actor, organization),
        initial={"number": FIRST, "is_shared": True, "dataset": request.GET.get("dataset", "")},
    )
    if request.method == "POST" and form.is_valid():
        data = {key: value for key, value in form.cleaned_data.items() if key != "dataset"}
        try:
            made = create_rule_set(actor=actor, organization=organization, rules=form.rules, **data)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            if not form.rules:
                said = _("%(title)s is made. It has no rules yet: write them, and make a version of them.")
                messages.success(request, said % {"title": made.title})
                return redirect("quality:rule_set_version", owner=owner, name=made.name)
            messages.success(request, _("%(title)s is made. Datasets can attach it.") % {"title": made.title})
            return redirect("quality:rule_set", owner=owner, name=made.name)
    context = {"nav": "organizations", "organization": organization, "form": form}
    return render(request, "quality/rule_set_new.html", context, status=400 if form.errors else 200)


@page_for_users
def edit(request: HttpRequest, actor: Actor, owner: str, name: str) -> HttpResponse:
    """What is said of a set, and who sees it."""
    found = maintained(actor, owner, name)
    initial = {key: getattr(found, key) for key in ("title", "description", "is_shared")}
    form = AboutSetForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            update_rule_set(actor=actor, rule_set=found, **form.cleaned_data)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("quality:rule_set", owner=owner, name=name)
    context = {"nav": "organizations", "organization": found.organization, "rule_set": found, "form": form}
    return render(request, "quality/rule_set_edit.html", context, status=400 if form.errors else 200)


def maintained(actor: Actor, owner: str, name: str) -> RuleSet:
    """A set that the actor may change. Raises NotFound, Forbidden."""
    found = get_rule_set(actor=actor, owner=owner, name=name)
    require_role(actor, found.organization, Role.MAINTAINER, scope="upload")
    return found


def with_rules(actor: Actor, organization: Organization) -> list[Dataset]:
    """The organization's datasets that have rules of their own."""
    return list(visible_datasets(actor).filter(organization=organization).exclude(rules=[]).order_by("title"))
