"""The description of a dataset, by those who may change it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError, Invalid, NotFound
from catalog.models import StandardSchema
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_schema
from catalog.services.cataloguing.datasets import update_dataset
from catalog.web.dataset.head import open_head
from catalog.web.forms.dataset import DescriptionForm, license_choices
from catalog.web.frame.refusals import page_for_users, put_into


@page_for_users
def edit(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Title, description, licence, contact, access, standard schema."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="edit")
    require(actor, Action.EDIT, head.dataset)
    form = DescriptionForm(request.POST or None, initial=DescriptionForm.initial_of(head.dataset))
    if request.method == "POST" and form.is_valid():
        try:
            update_dataset(
                actor=actor,
                dataset=head.dataset,
                description=form.to_description(),
                conforms_to=_schema(form.cleaned_data["conforms_to"]),
            )
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("catalog:dataset", owner=owner, dataset=dataset)
    context = {"nav": "datasets", "head": head, "form": form, "licenses": license_choices()}
    return render(request, "catalog/edit.html", context, status=400 if form.errors else 200)


def _schema(reference: str) -> StandardSchema | None:
    """The standard schema that was typed; none when the field is empty. Raises Invalid."""
    if not reference.strip():
        return None
    try:
        return get_schema(reference.strip())
    except NotFound as refusal:
        raise Invalid(fields={"conforms_to": [refusal.sentence]}) from None
