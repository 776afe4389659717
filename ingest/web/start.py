"""Share data, the beginning: whose dataset and what it is called, or a new version of one."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.models import Dataset, Organization, Role
from catalog.services.cataloguing.datasets import Description, create_dataset
from catalog.services.membership.organizations import create_organization
from catalog.slugs import slug_of
from catalog.web.frame.refusals import page_for_users, put_into
from ingest.web.forms import StartForm

DATASETS_SHOWN = 50


@page_for_users
def start(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a dataset and go on to its files, or choose a dataset of one's own."""
    organizations = _organizations(actor)
    chosen = request.GET.get("organization") or (organizations[0].slug if organizations else None)
    form = StartForm(request.POST or None, organizations=organizations, initial={"organization": chosen})
    if request.method == "POST" and form.is_valid():
        try:
            dataset = _create(actor, form)
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            return redirect("ingest:share_dataset", owner=dataset.organization.slug, dataset=dataset.slug)
    mine = Dataset.objects.filter(organization__in=organizations).select_related("organization", "latest")
    context = {
        "nav": "share",
        "form": form,
        "organizations": organizations,
        "datasets": mine.order_by("-modified")[:DATASETS_SHOWN],
        "opens_new": bool(form["new_title"].value() or form.errors.keys() & {"new_title", "new_slug"}),
    }
    return render(request, "ingest/start.html", context, status=400 if form.errors else 200)


@transaction.atomic
def _create(actor: Actor, form: StartForm) -> Dataset:
    data = form.cleaned_data
    title = (data["new_title"] or "").strip()
    if title:
        slug = data["new_slug"] or slug_of(title, fallback="")
        organization = create_organization(actor=actor, slug=slug, title=title)
    else:
        organization = data["organization"]
    description = Description(title=data["title"])
    return create_dataset(actor=actor, organization=organization, description=description, slug=data["slug"])


def _organizations(actor: Actor) -> list[Organization]:
    """Those to which the person may upload by a role of their own."""
    if actor.user is None:
        return []
    roles = actor.user.memberships.filter(role__in=Role.at_least(Role.CONTRIBUTOR))
    return list(Organization.objects.filter(pk__in=roles.values("organization")).order_by("title"))
