"""What people say of a table's columns and rows: read, proposed, decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.agreement import Agreement
from catalog.errors import CatalogError, NotFound
from catalog.models import Annotation, AnnotationKind, AnnotationState, Resource
from catalog.permissions import require_user
from catalog.selectors.annotations import (
    AnnotationFilter,
    agreement_on,
    get_annotation,
    labels_of,
    visible_annotations,
)
from catalog.services.annotating.annotated_rows import Fit, SeenRow, find_row, shown_fits
from catalog.services.annotating.annotations import (
    Decision,
    RowMeant,
    decide_annotation,
    may_decide,
    propose_correction,
    propose_description,
    propose_label,
    withdraw_annotation,
)
from catalog.services.annotating.applying import accepted
from catalog.web.dataset.head import Head, open_head
from catalog.web.forms.annotation import AnnotationDecisionForm, CorrectionForm, DescriptionForm, LabelForm
from catalog.web.forms.base import PageForm
from catalog.web.frame.pages import page_numbers
from catalog.web.frame.refusals import page, put_into

PAGE_SIZE = 50
LABELS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """An annotation as a page shows it; ``fit`` only of corrections that wait."""

    row: Annotation
    fit: Fit | None

    @property
    def is_stale(self) -> bool:
        return self.fit in {Fit.DIFFERS, Fit.GONE, Fit.UNCLEAR}

    @property
    def key(self) -> list[tuple[str, Any]]:
        return list((self.row.row_key or {}).items())

    @property
    def codes(self) -> list[tuple[str, Any]]:
        return list(self.row.value.items()) if isinstance(self.row.value, dict) else []


@dataclass(slots=True)
class Forms:
    """The forms to propose by: for a column, or for the row that is open; ``sent`` is the one that was filled in."""

    description: DescriptionForm
    correction: CorrectionForm | None = None
    label: LabelForm | None = None
    sent: PageForm | None = None


@page
def overlay(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str = "") -> HttpResponse:
    """A table's annotations with filters, and forms to propose by; POST proposes."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="")
    if head.resource is None:
        raise NotFound(_("There is no table yet to annotate."))
    if request.method == "POST":
        require_user(actor, scope="upload")
    row, refusal = _opened(request, actor, head.resource)
    forms = _forms(request, head.resource, row)
    if request.method == "POST" and forms.sent is not None and forms.sent.is_valid():
        try:
            _propose(actor, head.resource, forms.sent, row)
        except CatalogError as problem:
            put_into(forms.sent, problem)
        else:
            messages.success(request, _("Proposed. Somebody of the organization decides on it."))
            return HttpResponseRedirect(request.get_full_path())
    context = _context(request, actor, head) | {"forms": forms, "row": row, "refusal": refusal, "form": forms.sent}
    status = 400 if forms.sent is not None and forms.sent.errors else 200
    return render(request, "catalog/annotations.html", context, status=status)


@page
def annotation(request: HttpRequest, actor: Actor, owner: str, dataset: str, annotation_id: int) -> HttpResponse:
    """One annotation; POST accepts, declines or withdraws it."""
    head = open_head(request, actor, owner=owner, dataset=dataset, tab="")
    found = get_annotation(actor=actor, dataset=head.dataset, annotation_id=annotation_id)
    form = AnnotationDecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        require_user(actor, scope="read")
        try:
            said = _decide(actor, found, request.POST.get("decision", ""), form.cleaned_data["reason"])
        except CatalogError as problem:
            put_into(form, problem)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(f"{head.home}annotations/?table={found.table}")
    context = {
        "nav": "datasets",
        "head": head,
        "form": form,
        "shown": Shown(found, _fit(actor, head, found)),
        "may_decide": may_decide(actor, head.dataset) and found.author_id != actor.user_id,
        "may_withdraw": _may_withdraw(actor, head, found),
    }
    return render(request, "catalog/annotation.html", context, status=400 if form.errors else 200)


# ---------------------------------------------------------------- reading
def _context(request: HttpRequest, actor: Actor, head: Head) -> dict[str, Any]:
    resource = cast("Resource", head.resource)
    wanted = _wanted(request)
    rows = visible_annotations(actor=actor, version=resource.version, table=resource.name, wanted=wanted)
    shown = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    items = list(shown.object_list)
    fits = shown_fits(actor=actor, resource=resource, annotations=items)
    names = labels_of(actor=actor, version=resource.version, table=resource.name)[:LABELS_SHOWN]
    agreements: list[tuple[str, Agreement]] = [
        (name, agreement_on(actor=actor, version=resource.version, table=resource.name, label=name)) for name in names
    ]
    return {
        "nav": "datasets",
        "head": head,
        "items": [Shown(item, fits.get(item.pk)) for item in items],
        "page": shown,
        "pages": page_numbers(shown),
        "wanted": wanted,
        "kinds": AnnotationKind.choices,
        "states": AnnotationState.choices,
        "agreements": agreements,
        "actor": actor,
        "may_decide": may_decide(actor, head.dataset),
        "waiting": _waiting(head) if head.may.edit else 0,
    }


def _waiting(head: Head) -> int:
    """How many accepted ones could be brought into the data."""
    table = head.resource.name if head.resource else ""
    kinds = (AnnotationKind.COLUMN, AnnotationKind.CORRECTION)
    return sum(accepted(head.dataset, table, kind).count() for kind in kinds)


def _wanted(request: HttpRequest) -> AnnotationFilter:
    """The filters of the address; what names no kind or state is left alone, as in the search."""

    def given(name: str) -> str:
        return request.GET.get(name, "").replace("\0", "")

    kind, state = given("kind"), given("state")
    return AnnotationFilter(
        kind=kind if kind in AnnotationKind.values else "",
        column=given("column"),
        state=state if state in AnnotationState.values else "",
        label=given("label"),
    )


def _opened(request: HttpRequest, actor: Actor, resource: Resource) -> tuple[SeenRow | None, CatalogError | None]:
    """The row that the address opens, or why it can't be."""
    text = request.GET.get("row", "")
    if not text:
        return None, None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    try:
        return find_row(actor=actor, resource=resource, row=number), None
    except CatalogError as refusal:
        return None, refusal


def _fit(actor: Actor, head: Head, found: Annotation) -> Fit | None:
    resource = next((item for item in head.resources if item.name == found.table), None)
    if resource is None:
        return None
    return shown_fits(actor=actor, resource=resource, annotations=[found]).get(found.pk)


def _may_withdraw(actor: Actor, head: Head, found: Annotation) -> bool:
    if found.state == AnnotationState.PROPOSED:
        return found.author_id == actor.user_id
    is_theirs = found.author_id == actor.user_id or may_decide(actor, head.dataset)
    return found.state == AnnotationState.ACCEPTED and is_theirs


# ---------------------------------------------------------------- proposing and deciding
def _forms(request: HttpRequest, resource: Resource, row: SeenRow | None) -> Forms:
    """All forms of the page, the one that was sent with what was typed."""
    what = request.POST.get("what", "") if request.method == "POST" else ""

    def data(name: str) -> Any:
        return request.POST if what == name else None

    names = [item["name"] for item in resource.schema["fields"]]
    start = {"column": request.GET.get("column", "")}
    forms = Forms(DescriptionForm(data("description"), columns=names, initial=start))
    if row is not None:
        free = [name for name in names if name not in (row.key or {})]
        forms.correction = CorrectionForm(data("correction"), columns=free, initial=start)
        forms.label = LabelForm(data("label"))
    forms.sent = {"description": forms.description, "correction": forms.correction, "label": forms.label}.get(what)
    return forms


def _propose(actor: Actor, resource: Resource, form: PageForm, row: SeenRow | None) -> None:
    given = form.cleaned_data
    if isinstance(form, DescriptionForm):
        propose_description(
            actor=actor,
            resource=resource,
            column=given["column"],
            aspect=given["aspect"],
            value=form.said(),
            reason=given["reason"],
        )
        return
    meant = RowMeant(row=None if row is None else row.number)
    if isinstance(form, CorrectionForm):
        propose_correction(
            actor=actor,
            resource=resource,
            meant=meant,
            column=given["column"],
            value=form.said(),
            reason=given["reason"],
        )
        return
    propose_label(
        actor=actor, resource=resource, meant=meant, label=given["label"], value=given["value"], reason=given["reason"]
    )


def _decide(actor: Actor, found: Annotation, decision: str, reason: str) -> str:
    if decision == "withdraw":
        withdraw_annotation(actor=actor, annotation=found, reason=reason)
        return _("Withdrawn.")
    if decision not in {"accept", "decline"}:
        raise NotFound
    decide_annotation(actor=actor, annotation=found, decision=cast("Decision", decision), reason=reason)
    return _("Accepted.") if decision == "accept" else _("Declined.")
