"""The schema tab: every column with its meaning and what was counted; on a draft its owner edits it."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError, NotFound
from catalog.permissions import Action, require
from catalog.services.publishing.resources import edit_resource
from catalog.table_schema import Field, TableSchema
from catalog.web.dataset.head import Head, open_head
from catalog.web.forms.base import PageForm
from catalog.web.forms.schema import ColumnForm
from catalog.web.frame.pages import page_numbers
from catalog.web.frame.refusals import page, page_for_users, put_into

PAGE_SIZE = 100
"""Columns a page; a form of more would meet DATA_UPLOAD_MAX_NUMBER_FIELDS."""


@page
def schema(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str = "") -> HttpResponse:
    """The columns of one table of the version."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="schema")
    shown = Paginator(head.columns, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "datasets",
        "head": head,
        "page": shown,
        "pages": page_numbers(shown),
        "without_meaning": sum(not column.meaning for column in head.columns),
        "may_edit": head.is_draft and head.may.edit,
        "column_form": reverse("catalog:schema_column", args=[owner, dataset, "draft"]),
    }
    return render(request, "catalog/schema.html", context)


@page_for_users
def edit(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str) -> HttpResponse:
    """A form for a draft's columns, a hundred a page; saving has the table checked again."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="schema")
    require(actor, Action.EDIT, head.dataset)
    if head.resource is None or not head.is_draft:
        raise NotFound(remedy=_("Only a draft’s schema can be changed: make a new version."))
    table = TableSchema.from_descriptor(head.resource.schema)
    shown = Paginator(table.fields, PAGE_SIZE).get_page(request.GET.get("page"))
    forms = _forms(request, table, list(shown), shown.start_index() - 1)
    whole = PageForm(request.POST or None)
    # Every form is asked, so that all problems are shown and not only the first column's.
    valid = [form.is_valid() for form in (*forms, whole)]
    if request.method == "POST" and all(valid):
        try:
            changed = _changed(table, forms)
            edit_resource(actor=actor, resource=head.resource, schema=changed.to_descriptor())
        except CatalogError as refusal:
            put_into(whole, refusal)
        else:
            messages.success(request, _("Saved. The checks run again with it."))
            return redirect(f"{head.base}schema/{head.table_query}")
    failed = any(form.errors for form in [*forms, whole])
    context = {
        "nav": "datasets",
        "head": head,
        "forms": forms,
        "whole": whole,
        "page": shown,
        "pages": page_numbers(shown),
        "action": _address(head, request),
        "has_problems": failed,
    }
    return render(request, "catalog/schema_edit.html", context, status=400 if failed else 200)


def _forms(request: HttpRequest, table: TableSchema, fields: list[Field], first: int) -> list[ColumnForm]:
    return [
        ColumnForm(
            request.POST or None,
            prefix=f"c{first + position}",
            column=field,
            is_key=field.name in table.primary_key,
        )
        for position, field in enumerate(fields)
    ]


def _changed(table: TableSchema, forms: list[ColumnForm]) -> TableSchema:
    """The table's schema with the forms' columns in it; columns of other pages stay as they are."""
    keys = dict.fromkeys(table.primary_key)
    for form in forms:
        table = table.with_field(form.changed_field())
        if form.cleaned_data["is_key"]:
            keys[form.column.name] = None
        else:
            keys.pop(form.column.name, None)
    return replace(table, primary_key=tuple(keys))


def _address(head: Head, request: HttpRequest) -> str:
    organization, slug = head.dataset.organization.slug, head.dataset.slug
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return reverse("catalog:schema_edit", args=[organization, slug, "draft"]) + query
