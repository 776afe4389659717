"""Standard schemas: all of them, one with its columns, versions and uses, and the forms that make a version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from catalog import markdown
from catalog.actor import Actor
from catalog.errors import CatalogError, NotFound
from catalog.models import Dataset, Organization, Role, StandardSchema
from catalog.numbering import parse
from catalog.permissions import has_role, require_role
from catalog.selectors.datasets import get_dataset, get_organization, get_schema, visible_datasets
from catalog.selectors.schemas import Change, change_from, list_schemas, versions_of
from catalog.services.cataloguing.schemas import create_schema
from catalog.table_schema import Field, TableSchema
from catalog.web.forms.standard_schema import MOST_ROWS, DescriptorForm, NewSchemaForm, RowForm, SchemaForm
from catalog.web.frame.pages import page_numbers
from catalog.web.frame.refusals import page, page_for_users, put_into
from catalog.web.organization.organization_tabs import tabs_of
from catalog.web.report.number_words import reason_words

BLANK_ROWS = 3
MORE_ROWS = 5
USES_SHOWN = 100
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ShownRules:
    """What a page says of a column's values."""

    constraints: dict[str, Any]
    is_key: bool


@dataclass(frozen=True)
class Editor:
    """The forms of one version that is being written; ``descriptor`` or ``rows``, whichever the address asks for."""

    whole: SchemaForm
    rows: list[RowForm]
    descriptor: DescriptorForm | None

    @property
    def forms(self) -> list[Any]:
        return [self.whole, *self.rows, *([self.descriptor] if self.descriptor else [])]

    def is_valid(self) -> bool:
        # Every form is asked, so that all problems are shown and not only the first row's.
        valid = [form.is_valid() for form in self.forms]
        return all(valid)

    def to_descriptor(self, base: TableSchema | None) -> dict[str, Any]:
        """What was written; keys to other tables and the words for "missing" stay as they were."""
        if self.descriptor is not None:
            found: dict[str, Any] = self.descriptor.cleaned_data["descriptor"]
            return found
        kept = base.to_descriptor() if base is not None else {}
        used = [row for row in self.rows if not row.is_empty]
        return {
            **kept,
            "fields": [row.to_field().to_descriptor() for row in used],
            "primaryKey": [row.cleaned_data["name"].strip() for row in used if row.cleaned_data["is_key"]],
        }


@page
def list_all(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every schema by its newest version; ``?organization=`` those of one."""
    owner = request.GET.get("organization", "").replace("\0", "")
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    organization = get_organization(slug=owner) if owner else None
    found = list_schemas(actor=actor, organization=organization, text=text)
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "nav": "datasets",
        "text": text,
        "page": shown,
        "pages": page_numbers(shown),
        "schemas": shown.object_list,
        "may_create": organization is not None and has_role(actor, organization, Role.MAINTAINER),
        "makers": [] if organization else _maintained(actor),
        **({} if organization is None else dict(tabs_of(actor, organization))),
    }
    return render(request, "catalog/standard_schemas.html", context)


@page
def schema(request: HttpRequest, actor: Actor, name: str, number: str = "") -> HttpResponse:
    """One version (the newest without a number) with its columns, and the datasets that conform to any."""
    found = get_schema(f"{name}@{number}" if number else name)
    versions = versions_of(name)
    uses = visible_datasets(actor).filter(conforms_to__name=name).order_by("title")
    context = {
        "nav": "datasets",
        "schema": found,
        "description": markdown.render(found.description),
        "fields": _columns(found),
        "versions": [(item.schema, _said(item)) for item in versions],
        "newest": versions[0].schema,
        "uses": uses[:USES_SHOWN],
        "uses_count": uses.count(),
        "may_edit": has_role(actor, found.organization, Role.MAINTAINER),
    }
    return render(request, "catalog/standard_schema.html", context)


@page_for_users
def create(request: HttpRequest, actor: Actor, owner: str) -> HttpResponse:
    """A new schema of an organization, by its maintainers; ``?from=`` begins with a dataset's table."""
    organization = get_organization(slug=owner)
    require_role(actor, organization, Role.MAINTAINER, scope="upload")
    taken = _table_of(actor, request.GET.get("from", ""))
    whole = NewSchemaForm(request.POST or None)
    datasets = Dataset.objects.filter(organization=organization, latest__isnull=False).order_by("title")[:USES_SHOWN]
    more = {"datasets": datasets, "from": request.GET.get("from", "")}
    return _edit(request, actor, organization, whole, base=taken, before=None, more=more)


@page_for_users
def new_version(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    """The next version of a schema, which begins with the newest one."""
    newest = get_schema(name)
    require_role(actor, newest.organization, Role.MAINTAINER, scope="upload")
    major, minor, _patch = parse(newest.version)
    said = {"version": f"{major}.{minor + 1}.0", "title": newest.title, "description": newest.description}
    whole = SchemaForm(request.POST or None, initial=said)
    base = TableSchema.from_descriptor(newest.descriptor)
    return _edit(request, actor, newest.organization, whole, base=base, before=newest, more={})


def _edit(
    request: HttpRequest,
    actor: Actor,
    organization: Organization,
    whole: SchemaForm,
    *,
    base: TableSchema | None,
    before: StandardSchema | None,
    more: dict[str, Any],
) -> HttpResponse:
    wants_rows = request.POST.get("do") == "more"
    editor = _editor(request, whole, base, add=MORE_ROWS if wants_rows else 0)
    is_sent = request.method == "POST" and not wants_rows
    if is_sent and editor.is_valid():
        made = _save(actor, organization, editor, base, before)
        if made is not None:
            messages.success(request, _("%(schema)s is here.") % {"schema": made})
            return redirect("catalog:standard_schema_version", name=made.name, number=made.version)
    has_problems = is_sent and any(form.errors for form in editor.forms)
    context = {
        "nav": "organizations",
        "organization": organization,
        "form": whole,
        "editor": editor,
        "before": before,
        "has_problems": has_problems,
        "is_sent": is_sent,
        "may_add": len(editor.rows) < MOST_ROWS,
        **more,
    }
    return render(request, "catalog/standard_schema_edit.html", context, status=400 if has_problems else 200)


def _columns(schema: StandardSchema) -> list[tuple[Field, ShownRules]]:
    table = TableSchema.from_descriptor(schema.descriptor)
    return [
        (item, ShownRules(item.constraints.to_descriptor(), item.name in table.primary_key)) for item in table.fields
    ]


def _said(change: Change) -> list[str]:
    """What a version changed, in sentences; nothing of the first."""
    if change.proposal is None:
        return []
    return reason_words(change.proposal, within=change.schema.name) or [_("Only meanings and rules changed.")]


def _editor(request: HttpRequest, whole: SchemaForm, base: TableSchema | None, *, add: int) -> Editor:
    data = request.POST or None
    is_wide = base is not None and len(base.fields) > MOST_ROWS - BLANK_ROWS
    if request.GET.get("as") == "json" or is_wide:
        text = json.dumps((base or _EXAMPLE).to_descriptor(), ensure_ascii=False, indent=2)
        form = DescriptorForm(data, initial={"descriptor": text})
        return Editor(whole, [], form)
    if data is None:
        known = [RowForm(prefix=f"c{n}", base=base, column=item) for n, item in enumerate(base.fields if base else ())]
        first = len(known)
        count = first + (BLANK_ROWS if known else MORE_ROWS)
        return Editor(whole, [*known, *(RowForm(prefix=f"c{n}", base=None) for n in range(first, count))], None)
    sent = request.POST.get("rows", "")
    rows = min(MOST_ROWS, int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else 0)
    bound = [RowForm(data, prefix=f"c{n}", base=base) for n in range(rows)]
    blank = [RowForm(prefix=f"c{n}", base=None) for n in range(rows, min(MOST_ROWS, rows + add))]
    return Editor(whole, [*bound, *blank], None)


_EXAMPLE = TableSchema.from_descriptor({"fields": [{"name": "id", "type": "integer"}]})


def _save(
    actor: Actor, organization: Organization, editor: Editor, base: TableSchema | None, before: StandardSchema | None
) -> StandardSchema | None:
    """The version that was made; None where the forms say why not."""
    whole = editor.whole
    descriptor = editor.to_descriptor(base)
    if before is not None and _is_too_low(whole, before, descriptor):
        return None
    values = {name: whole.cleaned_data[name] for name in ("version", "title", "description")}
    name = before.name if before is not None else whole.cleaned_data["name"]
    try:
        return create_schema(actor=actor, organization=organization, name=name, descriptor=descriptor, **values)
    except CatalogError as refusal:
        put_into(whole, refusal)
        return None


def _is_too_low(whole: SchemaForm, before: StandardSchema, descriptor: dict[str, Any]) -> bool:
    """Whether the number says less than the change: who reads “1.2.0” relies on that no column is gone."""
    try:
        asked = change_from(before, TableSchema.from_descriptor(descriptor).to_descriptor())
    except CatalogError as refusal:
        put_into(whole, refusal)
        return True
    number = whole.cleaned_data["version"]
    if parse(number) >= parse(asked.number):
        return False
    words = {"number": number, "asked": asked.number}
    whole.add_error("version", _("%(number)s is lower than %(asked)s, which the changes ask for.") % words)
    return True


def _table_of(actor: Actor, reference: str) -> TableSchema | None:
    """The schema of the first table of ``owner/dataset``'s latest version; None where nothing is asked for."""
    if not reference:
        return None
    owner, _slash, slug = reference.replace("\0", "").partition("/")
    dataset = get_dataset(actor=actor, owner=owner, slug=slug)
    table = None if dataset.latest is None else dataset.latest.resources.order_by("position").first()
    if table is None:
        raise NotFound(_("This dataset has no published table."))
    return TableSchema.from_descriptor(table.schema)


def _maintained(actor: Actor) -> list[Organization]:
    """Organizations for which the reader may make a schema."""
    if actor.user is None:
        return []
    roles = actor.user.memberships.filter(role__in=Role.at_least(Role.MAINTAINER))
    return list(Organization.objects.filter(pk__in=roles.values("organization")).order_by("title"))
