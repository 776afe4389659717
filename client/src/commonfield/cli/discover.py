"""search, info, versions."""

from __future__ import annotations

from typing import get_args

import click

from commonfield.cli.output import json_option, pass_client, say, show_json, show_table, version_option
from commonfield.client import Client
from commonfield.looking import Sort
from commonfield.models import Version


@click.command()
@click.argument("words", nargs=-1)
@click.option("--access", multiple=True, help="public, registered, restricted or private.")
@click.option("--license", multiple=True, help="An SPDX id, such as CC-BY-4.0.")
@click.option("--keyword", multiple=True)
@click.option("--organization", multiple=True)
@click.option("--quality", multiple=True, help="passed, warnings or failed.")
@click.option("--format", multiple=True)
@click.option("--sort", type=click.Choice(get_args(Sort)), default="relevance", show_default=True)
@click.option("--page", type=click.IntRange(1), default=1)
@click.option("--page-size", type=click.IntRange(1, 100), default=20)
@json_option
@pass_client
def search(
    client: Client,
    *,
    words: tuple[str, ...],
    access: tuple[str, ...],
    license: tuple[str, ...],
    keyword: tuple[str, ...],
    organization: tuple[str, ...],
    quality: tuple[str, ...],
    format: tuple[str, ...],
    sort: Sort,
    page: int,
    page_size: int,
    as_json: bool,
) -> None:
    """Find datasets. An option given twice means either; different options must all fit."""
    found = client.search(
        " ".join(words),
        access=access or None,
        license=license or None,
        keyword=keyword or None,
        organization=organization or None,
        quality=quality or None,
        format=format or None,
        sort=sort,
        page=page,
        page_size=page_size,
    )
    if as_json:
        show_json(found.raw)
        return
    if not found.results:
        say("Nothing was found. Try fewer words, or another filter.")
        return
    show_table(
        ("dataset", "title", "version", "rows", "license", "access"),
        [
            (
                item.id,
                item.title,
                item.latest.number if item.latest else "",
                _thousands(item.latest.rows if item.latest else None),
                item.license.id if item.license else "",
                item.access,
            )
            for item in found
        ],
    )
    if found.has_more:
        say(f"{found.count} in all; the next: --page {page + 1}")


@click.command()
@click.argument("id")
@version_option
@json_option
@pass_client
def info(client: Client, *, id: str, version: str, as_json: bool) -> None:
    """What a dataset is, and the tables and columns of one version."""
    dataset = client.dataset(id)
    shown = client.info(id, version=version) if version != "latest" or dataset.latest else None
    if as_json:
        show_json({"dataset": dataset.raw, "version": shown.raw if shown else None})
        return
    say(f"{dataset.title} ({dataset.id})")
    license = dataset.license.id if dataset.license else "no license"
    say(f"{license}, {dataset.access}{f', {dataset.url}' if dataset.url else ''}")
    if dataset.description:
        say(f"\n{dataset.description.strip()}\n")
    if shown is None:
        say("Nothing is published yet.")
        return
    say(f"Version {_name(shown)}: {_thousands(shown.rows)} rows, quality: {shown.verdict}")
    for resource in shown.resources:
        say(f"\n{resource.name}: {_thousands(resource.rows)} rows, {resource.columns} columns")
        show_table(
            ("column", "type", "unit", "description"),
            [
                (field.get("name"), field.get("type"), field.get("unit"), field.get("description"))
                for field in resource.fields
            ],
        )
    if shown.documents:
        say("\nDocuments (commonfield download --documents)")
        rows = [(item.name, item.title, _thousands(item.bytes)) for item in shown.documents]
        show_table(("document", "title", "bytes"), rows)


@click.command()
@click.argument("id")
@json_option
@pass_client
def versions(client: Client, *, id: str, as_json: bool) -> None:
    """All versions of a dataset, newest first."""
    found = client.versions(id)
    if as_json:
        show_json([version.raw for version in found])
        return
    show_table(
        ("version", "state", "published", "rows", "quality", "note"),
        [
            (
                _name(version),
                version.state,
                f"{version.published_at:%Y-%m-%d}" if version.published_at else "",
                _thousands(version.rows),
                version.verdict,
                version.note,
            )
            for version in found
        ],
    )


def _name(version: Version) -> str:
    return version.number or version.state


def _thousands(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
