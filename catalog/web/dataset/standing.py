"""Embargo, deprecation and name of a dataset, embargo and deprecation of a version, for maintainers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.actor import Actor
from catalog.errors import CatalogError, Invalid, NotFound
from catalog.models import Dataset, Version
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_organization
from catalog.selectors.successors import find_successor, find_successor_version
from catalog.services.cataloguing.deprecation import (
    deprecate_dataset,
    deprecate_version,
    restore_dataset,
    restore_version,
)
from catalog.services.cataloguing.renaming import rename_dataset
from catalog.services.publishing.embargo import set_dataset_embargo, set_version_embargo
from catalog.web.access.grants import renamed
from catalog.web.dataset.head import Head, open_head
from catalog.web.forms.standing import DeprecationForm, EmbargoForm, RenamingForm
from catalog.web.frame.days import start_of
from catalog.web.frame.refusals import page_for_users, put_into

Change = Callable[[], Dataset | Version]


@page_for_users
def dataset_standing(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Three forms; ``do`` says which one was sent."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="edit")
    found = head.dataset
    require(actor, Action.RENAME, found)
    do = request.POST.get("do", "")
    forms = {
        "embargo": EmbargoForm(_sent(request, do, "embargo"), initial={"until_on": found.embargo_until}),
        "deprecate": DeprecationForm(
            _sent(request, do, "deprecate"),
            initial={"reason": found.deprecated_reason, "successor": _name(found.successor)},
            hint=gettext_lazy("The other dataset, as organization/name."),
        ),
        "rename": RenamingForm(
            _sent(request, do, "rename"), initial={"slug": found.slug, "organization": found.organization.slug}
        ),
    }
    changes: dict[str, Change] = {
        "embargo": lambda: set_dataset_embargo(
            actor=actor, dataset=found, until=start_of(_data(forms["embargo"])["until_on"])
        ),
        "lift": lambda: set_dataset_embargo(actor=actor, dataset=found, until=None),
        "deprecate": lambda: deprecate_dataset(
            actor=actor,
            dataset=found,
            reason=_data(forms["deprecate"])["reason"],
            successor=find_successor(actor=actor, name=_data(forms["deprecate"])["successor"]),
        ),
        "restore": lambda: restore_dataset(actor=actor, dataset=found),
        "rename": lambda: _rename(actor, found, _data(forms["rename"])),
    }
    changed = _changed(request, do, forms, changes)
    if isinstance(changed, Dataset):
        return redirect("catalog:dataset_standing", owner=changed.organization.slug, dataset=changed.slug)
    return _render(request, head, forms, None)


@page_for_users
def version_standing(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str) -> HttpResponse:
    """Two forms; ``do`` says which one was sent."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="versions")
    require(actor, Action.DEPRECATE, head.dataset)
    found = head.version
    if found is None:
        raise NotFound
    do = request.POST.get("do", "")
    forms = {
        "embargo": EmbargoForm(_sent(request, do, "embargo"), initial={"until_on": found.embargo_until}),
        "deprecate": DeprecationForm(
            _sent(request, do, "deprecate"),
            initial={
                "reason": found.deprecated_reason,
                "successor": found.successor.number if found.successor else "",
            },
            hint=gettext_lazy("The number of another version."),
        ),
    }
    changes: dict[str, Change] = {
        "embargo": lambda: set_version_embargo(
            actor=actor, version=found, until=start_of(_data(forms["embargo"])["until_on"])
        ),
        "lift": lambda: set_version_embargo(actor=actor, version=found, until=None),
        "deprecate": lambda: deprecate_version(
            actor=actor,
            version=found,
            reason=_data(forms["deprecate"])["reason"],
            successor=find_successor_version(
                actor=actor, dataset=head.dataset, number=_data(forms["deprecate"])["successor"]
            ),
        ),
        "restore": lambda: restore_version(actor=actor, version=found),
    }
    if _changed(request, do, forms, changes) is not None:
        return redirect("catalog:version_standing", owner=owner, dataset=dataset, version=version)
    return _render(request, head, forms, found)


def _render(request: HttpRequest, head: Head, forms: dict[str, Any], version: Version | None) -> HttpResponse:
    form = next((item for item in forms.values() if item.errors), None)
    context = {"nav": "datasets", "head": head, "forms": forms, "form": form, "version": version}
    return render(request, "catalog/standing.html", context, status=200 if form is None else 400)


def _changed(
    request: HttpRequest, do: str, forms: dict[str, Any], changes: dict[str, Change]
) -> Dataset | Version | None:
    """What the change gave; None where nothing was sent, or where the form says what is wrong with it."""
    if request.method != "POST":
        return None
    if do not in changes:
        raise Invalid(fields={"do": [_("Choose what to change.")]})
    form = forms.get(do)
    if form is not None and not form.is_valid():
        return None
    try:
        changed = changes[do]()
    except CatalogError as refusal:
        if form is None:
            raise
        put_into(form, renamed(refusal, until="until_on") if isinstance(refusal, Invalid) else refusal)
        return None
    messages.success(request, _("Saved."))
    return changed


def _rename(actor: Actor, dataset: Dataset, data: dict[str, Any]) -> Dataset:
    try:
        organization = get_organization(slug=data["organization"].strip())
    except NotFound as refusal:
        raise Invalid(fields={"organization": [refusal.sentence]}) from None
    return rename_dataset(actor=actor, dataset=dataset, slug=data["slug"].strip(), organization=organization)


def _sent(request: HttpRequest, do: str, name: str) -> Any:
    return request.POST if request.method == "POST" and do == name else None


def _data(form: BaseForm) -> dict[str, Any]:
    return form.cleaned_data


def _name(dataset: Dataset | None) -> str:
    return "" if dataset is None else f"{dataset.organization.slug}/{dataset.slug}"
