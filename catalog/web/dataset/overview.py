"""A dataset's first tab: what it is, how to load it, its files, how it was made."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog import markdown
from catalog.actor import Actor
from catalog.models import Resource
from catalog.web.dataset.head import Head, open_head
from catalog.web.dataset.signposts import signposts_of
from catalog.web.dataset.snippets import Snippet, load_line
from catalog.web.dataset.structured import structured_data
from catalog.web.frame.refusals import page
from catalog.web.report.recipe import Step, steps_of

FILES_SHOWN = 60


@dataclass(frozen=True, slots=True)
class File:
    """One file that can be downloaded; ``href`` is empty where the reader may not have it."""

    table: str
    name: str
    format: str
    bytes: int
    sha256: str
    href: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the version with the steps that made it."""

    resource: Resource
    steps: tuple[Step, ...]


@page
def overview(request: HttpRequest, actor: Actor, owner: str, dataset: str, version: str = "") -> HttpResponse:
    """The overview of the latest version, or of the one named."""
    head = open_head(request, actor, owner=owner, dataset=dataset, version=version, tab="overview")
    snippet: Snippet | None = None
    if head.version is not None and head.resources:
        snippet = load_line(head, site=settings.BASE_URL)
    files = _files(head)
    signposts = signposts_of(head, of_version=bool(version))
    context = {
        "nav": "datasets",
        "head": head,
        "description": markdown.render(head.dataset.description),
        "methods": markdown.render(head.dataset.methods),
        "known_limits": markdown.render(head.dataset.known_limits),
        "snippet": snippet,
        "files": files[:FILES_SHOWN],
        "more_files": max(0, len(files) - FILES_SHOWN),
        "tables": [_table(head, resource) for resource in head.resources],
        "structured": structured_data(head),
        "signposts": signposts,
    }
    return signposts.put_into(render(request, "catalog/overview.html", context))


def _table(head: Head, resource: Resource) -> Table:
    return Table(resource, steps_of(resource.recipe, with_values=head.is_served))


def _files(head: Head) -> list[File]:
    """The Parquet files of every table, then what was uploaded; one workbook of many sheets is told once."""
    parquet = [file for resource in head.resources for file in _parts(head, resource)]
    originals: dict[str, File] = {}
    for resource in head.resources:
        for source in resource.sources.all():
            address = f"{head.api}/resources/{resource.name}/originals/{source.position}"
            originals.setdefault(
                source.sha256,
                File(
                    table="",
                    name=source.filename,
                    format=str(source.source.get("format", "")).upper(),
                    bytes=source.bytes,
                    sha256=source.sha256,
                    href=_if_served(head, address),
                ),
            )
    return [*parquet, *originals.values()]


def _parts(head: Head, resource: Resource) -> list[File]:
    base = f"{head.api}/resources/{resource.name}"
    parts = list(resource.parts.all())
    several = len(parts) > 1
    return [
        File(
            table=resource.name,
            name=f"{resource.name}-{part.position:05d}.parquet" if several else f"{resource.name}.parquet",
            format="Parquet",
            bytes=part.bytes,
            sha256=part.sha256,
            href=_if_served(head, f"{base}/parts/{part.position}.parquet" if several else f"{base}.parquet"),
        )
        for part in parts
    ]


def _if_served(head: Head, href: str) -> str:
    return href if head.is_served else ""
