"""Asking for access, and the page of a request: its state, its conversation, its decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.actor import Actor
from catalog.errors import CatalogError, Invalid
from catalog.models import AccessRequest, AccessRequestState
from catalog.selectors.access_requests import get_request
from catalog.services.granting.access_requests import (
    Answer,
    add_access_remark,
    ask_access,
    cancel_request,
    decide_request,
    may_decide,
    require_something_to_ask,
)
from catalog.services.granting.agreements import current_agreement
from catalog.web.access.grants import renamed
from catalog.web.dataset.head import open_head
from catalog.web.forms.access import AccessDecisionForm, AccessRemarkForm, AskForm, version_choices
from catalog.web.frame.days import end_of
from catalog.web.frame.refusals import page_for_users, put_into


@page_for_users
def ask(request: HttpRequest, actor: Actor, owner: str, dataset: str) -> HttpResponse:
    """The owner's form, with the agreement beside it."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="access")
    require_something_to_ask(actor, head.dataset)
    agreement = current_agreement(head.dataset)
    form = AskForm(request.POST or None, agreement=agreement, versions=version_choices(head.versions))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = ask_access(
                actor=actor,
                dataset=head.dataset,
                purpose=data["purpose"],
                answers=form.answers,
                agreed=data.get("agreement_sha256", ""),
                versions=data.get("versions") or None,
            )
        except Invalid as refusal:
            keys = {f"answers.{question.key}": f"answer-{question.key}" for question in form.questions}
            put_into(form, renamed(refusal, agreement_sha256="agreed", **keys))
        except CatalogError as refusal:
            put_into(form, refusal)
        else:
            messages.success(request, _("Your request is on its way. The maintainers have been written to."))
            return redirect("catalog:access_request", request_id=made.pk)
    context = {"nav": "datasets", "head": head, "form": form, "agreement": agreement}
    return render(request, "catalog/access_ask.html", context, status=400 if form.errors else 200)


@page_for_users
def request_page(request: HttpRequest, actor: Actor, request_id: int) -> HttpResponse:
    """One request; POST decides it."""
    found = get_request(actor=actor, request_id=request_id)
    versions = version_choices(found.dataset.versions.published().newest_first())
    asked = [] if found.all_versions else [str(version.number) for version in found.versions.all()]
    form = AccessDecisionForm(request.POST or None, versions=versions, initial={"decision": "grant", "versions": asked})
    if request.method == "POST" and form.is_valid() and _decide(request, actor, found, form):
        return redirect("catalog:access_request", request_id=found.pk)
    context = {
        "nav": "work",
        "found": found,
        "asked": asked,
        "remarks": found.remarks.select_related("author"),
        "form": form,
        "remark_form": AccessRemarkForm(),
        "may_decide": may_decide(actor, found),
        "is_mine": found.user_id == actor.user_id,
        "is_waiting": found.state == AccessRequestState.PENDING,
    }
    return render(request, "catalog/access_request.html", context, status=400 if form.errors else 200)


def _decide(request: HttpRequest, actor: Actor, found: AccessRequest, form: AccessDecisionForm) -> bool:
    data = form.cleaned_data
    answer: Answer = "grant" if data["decision"] == "grant" else "deny"
    try:
        decide_request(
            actor=actor,
            request=found,
            answer=answer,
            reason=data["reason"],
            expires_at=end_of(data["expires_on"]) if answer == "grant" else None,
            versions=data.get("versions") or None,
        )
    except Invalid as refusal:
        put_into(form, renamed(refusal, expires_at="expires_on"))
    except CatalogError as refusal:
        put_into(form, refusal)
    else:
        name = {"name": found.user.shown_name}
        said = _("%(name)s may have the data.") if answer == "grant" else _("The request of %(name)s is declined.")
        messages.success(request, said % name)
        return True
    return False


@require_POST
@page_for_users
def remark(request: HttpRequest, actor: Actor, request_id: int) -> HttpResponse:
    """Say something about the request."""
    found = get_request(actor=actor, request_id=request_id)
    try:
        add_access_remark(actor=actor, request=found, text=request.POST.get("text", ""))
    except Invalid as refusal:
        messages.error(request, " ".join(line for lines in refusal.fields.values() for line in lines))
    return redirect("catalog:access_request", request_id=found.pk)


@require_POST
@page_for_users
def cancel(request: HttpRequest, actor: Actor, request_id: int) -> HttpResponse:
    """Take one's request back."""
    cancel_request(actor=actor, request=get_request(actor=actor, request_id=request_id))
    messages.success(request, _("Your request is taken back."))
    return redirect("catalog:access_request", request_id=request_id)
