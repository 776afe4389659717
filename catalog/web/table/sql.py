"""The SQL panel of a dataset's Data tab, and the page of a query under its permanent address; both without scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.actor import Actor
from catalog.errors import CatalogError, Forbidden
from catalog.models import StoredQuery
from catalog.querying.asking import QueryStopped
from catalog.querying.messages import Column
from catalog.querying.presence import watch
from catalog.rows.query import family_of
from catalog.services.delivering.entitlements import VersionWithdrawn, require_bytes
from catalog.services.delivering.queries import Answer, Asked, find_query, run_query
from catalog.web.dataset.head import Head, open_head
from catalog.web.frame.refusals import page, status_of

SHOWN_ROWS = 200
"""Rows of an answer on the page; the downloads have them all."""
_CELL = 500
_NUMBERS = {"integer", "decimal", "float"}
_CLIENT_GONE = 499
_DOWNLOADS = {"csv": "CSV", "xlsx": "Excel", "parquet": "Parquet", "arrow": "Arrow", "json": "JSON"}


@dataclass(frozen=True, slots=True)
class Download:
    """A way to have the answer whole."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` is None where the value is missing."""

    text: str | None
    is_number: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """What was asked and what came of it."""

    sql: str
    columns: tuple[Column, ...] = ()
    rows: list[list[Cell]] = field(default_factory=list)
    is_cut: bool = False
    is_answered: bool = False
    permanent: str = ""
    downloads: tuple[Download, ...] = ()
    refusal: CatalogError | None = None


@page
def sql(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str = "") -> HttpResponse:
    """A form for SQL over the version's tables, and the answer under it."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="data")
    context: dict[str, Any] = {"nav": "datasets", "head": head}
    if head.resource is None:
        return render(request, "catalog/sql.html", context)
    try:
        require_bytes(actor=actor, resource=head.resource)
    except (Forbidden, VersionWithdrawn) as refusal:
        context["gate"] = refusal
        return render(request, "catalog/sql.html", context, status=status_of(refusal))
    text = request.GET.get("sql", "").replace("\r\n", "\n")
    if not text.strip():
        context["panel"] = Panel(_example(head))
        return render(request, "catalog/sql.html", context)
    try:
        context["panel"] = _asked(request, actor, head, text)
    except QueryStopped:
        return HttpResponse(status=_CLIENT_GONE)
    refused = context["panel"].refusal
    return render(request, "catalog/sql.html", context, status=status_of(refused) if refused else 200)


@page
def query(request: HttpRequest, actor: Actor, sha256: str) -> HttpResponse:
    """A query that is kept: its text, its tables, how it is cited, and its answer for whoever may have the bytes."""
    stored = find_query(actor=actor, sha256=sha256)
    try:
        answer = run_query(actor=actor, asked=Asked(text=stored.text, limit=SHOWN_ROWS), tick=watch(request.META))
    except QueryStopped:
        return HttpResponse(status=_CLIENT_GONE)
    address = reverse("api:query", args=[sha256])
    context = {
        "nav": "datasets",
        "stored": stored,
        "panel": _panel(stored.text, answer, address, {}),
        "tables": [_table(name) for name in stored.tables],
        "citation": _citation(stored),
    }
    return render(request, "catalog/query.html", context)


def _asked(request: HttpRequest, actor: Actor, head: Head, text: str) -> Panel:
    try:
        answer = run_query(
            actor=actor, asked=Asked(text=text, limit=SHOWN_ROWS), bound=head.version, tick=watch(request.META)
        )
    except CatalogError as refusal:
        return Panel(text, refusal=refusal)
    return _panel(text, answer, f"{head.api}/sql", {"sql": text})


def _panel(text: str, answer: Answer, address: str, given: dict[str, str]) -> Panel:
    rows: list[list[Cell]] = []
    numbers = [family_of(column.type) in _NUMBERS for column in answer.columns]
    if answer.file is not None:
        with answer.file as file:
            rows = [
                [Cell(_shown(value), is_number) for value, is_number in zip(row, numbers, strict=True)]
                for row in json.load(file)["rows"]
            ]
    more = {"limit": str(settings.QUERY_ROWS)}
    downloads = tuple(
        Download(label, f"{address}?{urlencode({**given, 'format': name, **more})}")
        for name, label in _DOWNLOADS.items()
    )
    return Panel(
        sql=text,
        columns=answer.columns,
        rows=rows,
        is_cut=answer.partial,
        is_answered=True,
        permanent=f"{settings.BASE_URL}{reverse('catalog:query', args=[answer.sha256])}" if answer.sha256 else "",
        downloads=downloads,
    )


def _shown(cell: Any) -> str | None:
    if cell is None:
        return None
    text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
    return text[:_CELL]


def _example(head: Head) -> str:
    if head.resource is None:
        return ""
    return f'SELECT *\nFROM "{head.resource.name}"\nLIMIT 20'


@dataclass(frozen=True, slots=True)
class CitedTable:
    """A table of a kept query, with the address of its version."""

    name: str
    href: str


def _table(full: str) -> CitedTable:
    dataset, _at, rest = full.partition("@")
    owner, slug = dataset.split("/")
    number, _slash, _name = rest.partition("/")
    return CitedTable(full, reverse("catalog:version", args=[owner, slug, number]))


def _citation(stored: StoredQuery) -> str:
    tables = ", ".join(stored.tables)
    address = f"{settings.BASE_URL}{reverse('catalog:query', args=[stored.sha256])}"
    return _("Query %(name)s of %(day)s over %(tables)s. %(address)s") % {
        "name": stored.sha256[:12],
        "day": stored.created.date().isoformat(),
        "tables": tables,
        "address": address,
    }
