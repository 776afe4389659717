"""cache info, cache clear."""

from __future__ import annotations

from dataclasses import asdict

import click

from commonfield.cli.output import json_option, pass_client, say, show_json
from commonfield.client import Client


@click.group()
def cache() -> None:
    """The verified bytes on this machine."""


@cache.command("info")
@json_option
@pass_client
def cache_info(client: Client, as_json: bool) -> None:
    """Where the cache is, and how large."""
    found = client.cache.info()
    if as_json:
        show_json(asdict(found))
        return
    say(f"{found.path}: {found.files} files, {_size(found.bytes)}, {_size(found.partial_bytes)} unfinished")


@cache.command("clear")
@click.option("--unused-days", type=click.FloatRange(0), help="Only what was not used for so many days.")
@json_option
@pass_client
def cache_clear(client: Client, unused_days: float | None, as_json: bool) -> None:
    """Remove cached bytes; they are fetched again when needed."""
    removed = client.cache.clear(unused_days=unused_days)
    if as_json:
        show_json(asdict(removed))
        return
    say(f"Removed {removed.files} files, {_size(removed.bytes + removed.partial_bytes)}.")


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:,.0f} {unit}" if unit == "B" else f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"
