"""One column of a draft, edited in its row of the Schema tab; without scripts on a page of its own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError, NotFound
from catalog.models import Resource
from catalog.permissions import Action, require
from catalog.services.publishing.resources import edit_resource
from catalog.table_schema import Field, TableSchema
from catalog.web.dataset.head import Head, open_head
from catalog.web.forms.schema import MeaningForm
from catalog.web.frame.refusals import page_for_users, put_into
from catalog.web.table.columns import Column, columns_of


@page_for_users
def edit_column(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str) -> HttpResponse:
    """Meaning and unit of the column in ``?column=``; ``closed`` asks for its row as it stands."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="schema")
    require(actor, Action.EDIT, head.dataset)
    if head.resource is None or not head.is_draft:
        raise NotFound(remedy=_("Only a draft’s schema can be changed: make a new version."))
    name = request.GET.get("column", "")
    table = TableSchema.from_descriptor(head.resource.schema)
    field = next((field for field in table.fields if field.name == name), None)
    if field is None:
        raise NotFound(_("The table has no column “%(name)s”.") % {"name": name})
    is_fragment = "HX-Request" in request.headers
    if is_fragment and "closed" in request.GET:
        return _row(request, head, head.resource, name)
    form = MeaningForm(request.POST or None, column=field)
    if request.method == "POST" and form.is_valid() and _saved(actor, head.resource, table, field, form):
        if is_fragment:
            return _row(request, head, head.resource, name, is_saved=True)
        return redirect(_back(head))
    context = {
        **_frame(head, _column(head.resource, name, head)),
        "form": form,
        "address": f"{_address(head)}?{urlencode({'table': head.resource.name, 'column': name})}",
        "back": _back(head),
    }
    if is_fragment:
        # A form that says what is wrong is swapped in like any other.
        return render(request, "catalog/parts/schema_row_form.html", context)
    return render(request, "catalog/schema_column.html", context, status=400 if form.errors else 200)


def _saved(actor: Actor, resource: Resource, table: TableSchema, field: Field, form: MeaningForm) -> bool:
    """Whether it was saved; else the form says why not."""
    changed = form.changed_field()
    if changed == field:
        return True
    try:
        edit_resource(actor=actor, resource=resource, schema=table.with_field(changed).to_descriptor())
    except CatalogError as refusal:
        put_into(form, refusal)
        return False
    resource.refresh_from_db(fields=["schema"])
    return True


def _row(request: HttpRequest, head: Head, resource: Resource, name: str, *, is_saved: bool = False) -> HttpResponse:
    context = {**_frame(head, _column(resource, name, head)), "is_saved": is_saved, "may_edit": True}
    return render(request, "catalog/parts/schema_row.html", context)


def _frame(head: Head, column: Column) -> dict[str, Any]:
    return {"nav": "datasets", "head": head, "column": column, "column_form": _address(head)}


def _column(resource: Resource, name: str, head: Head) -> Column:
    return next(column for column in columns_of(resource, with_values=head.is_served) if column.name == name)


def _address(head: Head) -> str:
    return reverse("catalog:schema_column", args=[head.dataset.organization.slug, head.dataset.slug, "draft"])


def _back(head: Head) -> str:
    return f"{head.base}schema/{head.table_query}"
