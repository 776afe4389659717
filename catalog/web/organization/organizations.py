"""Organisations: all of them, one with its datasets, a new one, and its description."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import markdown
from catalog.actor import Actor
from catalog.due import due_of
from catalog.errors import CatalogError
from catalog.models import Dataset, Organization, Role
from catalog.permissions import require_role
from catalog.selectors.datasets import get_organization, visible_datasets
from catalog.services.membership.organizations import create_organization, update_organization
from catalog.web.forms.organization import NewOrganizationForm, OrganizationForm
from catalog.web.frame.pages import page_numbers
from catalog.web.frame.refusals import page, page_for_users, put_into
from catalog.web.organization.organization_tabs import tabs_of
from catalog.web.search.home import PAGE_SIZE, results_of

LIST_SIZE = 50


@page
def list_all(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All organisations with the number of datasets that the reader can see of each."""
    visible = Dataset.objects.visible_to(actor).values("pk")
    found = Organization.objects.annotate(
        shown_datasets=Count("datasets", filter=Q(datasets__in=visible), distinct=True)
    ).order_by("title")
    shown = Paginator(found, LIST_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "organizations",
        "page": shown,
        "pages": page_numbers(shown),
        "may_create": not actor.is_anonymous,
    }
    return render(request, "catalog/organizations.html", context)


@page
def organization(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """One organisation and its datasets, newest first."""
    found = get_organization(slug=owner)
    datasets = visible_datasets(actor).filter(organization=found).order_by("-modified", "pk")
    pages = Paginator(datasets, PAGE_SIZE)
    shown = pages.get_page(request.GET.get("page"))
    now = timezone.now()
    due = {item.pk: due_of(item) for item in shown}
    context = {
        **tabs_of(actor, found),
        "description": markdown.render(found.description),
        "page": shown,
        "pages": page_numbers(shown),
        "results": [
            (item, moment if (moment := due[item.dataset.pk]) and moment < now else None)
            for item in results_of(shown.object_list)
        ],
        "total": pages.count,
    }
    return render(request, "catalog/organization.html", context)


@page_for_users
def create(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A new organisation; who makes it becomes its owner."""
    form = NewOrganizationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_organization(actor=actor, **form.cleaned_data)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("%(title)s is here. You are its owner.") % {"title": made.title})
            return redirect("catalog:organization", owner=made.slug)
    context = {"nav": "organizations", "form": form}
    return render(request, "catalog/organization_new.html", context, status=_status(form))


@page_for_users
def edit(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """The organisation's description and review policy, by its owners."""
    found = get_organization(slug=owner)
    require_role(actor, found, Role.OWNER, scope="manage")
    initial = {name: getattr(found, name) for name in ("title", "description", "review_policy")}
    form = OrganizationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            update_organization(actor=actor, organization=found, changes=form.cleaned_data)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("catalog:organization", owner=found.slug)
    context = {**tabs_of(actor, found), "form": form}
    return render(request, "catalog/organization_edit.html", context, status=_status(form))


def _status(form: OrganizationForm) -> int:
    return 400 if form.is_bound and form.errors else 200
