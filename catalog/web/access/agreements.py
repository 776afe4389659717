"""The agreement of a dataset: read by everybody who sees the dataset, written by its maintainers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.permissions import Action, require
from catalog.selectors.access_requests import get_agreement, signatures_of
from catalog.services.granting.agreements import current_agreement, write_agreement
from catalog.web.dataset.head import open_head
from catalog.web.forms.access import AgreementForm, QuestionForm, QuestionForms
from catalog.web.frame.refusals import page, page_for_users, put_into

SIGNATURES_SHOWN = 50


@page
def agreement(request: HttpRequest, actor: Actor, owner: str, dataset: str, number: int) -> HttpResponse:
    """One agreement as it was written; printed, it is what was signed."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="access")
    found = get_agreement(dataset=head.dataset, number=number)
    in_force = current_agreement(head.dataset)
    context = {"nav": "datasets", "head": head, "agreement": found, "is_in_force": in_force == found}
    if head.may.grant:
        context["signatures"] = signatures_of(head.dataset).filter(agreement=found)[:SIGNATURES_SHOWN]
    return render(request, "catalog/agreement.html", context)


@page_for_users
def edit(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """Write the agreement anew, with the questions; what was signed stays as it was."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="access")
    require(actor, Action.GRANT, head.dataset)
    found = current_agreement(head.dataset)
    form = AgreementForm(request.POST or None, initial={"text": found.text if found else ""})
    questions = QuestionForms(request.POST or None, initial=QuestionForm.initial_of(found), prefix="q")
    if request.method == "POST" and form.is_valid() and questions.is_valid():
        asked = [item.to_json() for item in questions.forms if item.cleaned_data.get("label")]
        try:
            written = write_agreement(
                actor=actor, dataset=head.dataset, text=form.cleaned_data["text"], questions=asked
            )
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("Agreement %(number)s is in force.") % {"number": written.number})
            return redirect("catalog:dataset_access", owner=owner, dataset=dataset)
    context = {"nav": "datasets", "head": head, "form": form, "questions": questions, "agreement": found}
    is_bad = bool(form.errors or questions.total_error_count())
    return render(request, "catalog/agreement_edit.html", context, status=400 if request.POST and is_bad else 200)
