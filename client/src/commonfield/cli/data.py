"""load, download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from commonfield.cli.output import (
    json_option,
    pass_client,
    progress_bars,
    resource_option,
    say,
    show_json,
    show_table,
    version_option,
)
from commonfield.client import Client
from commonfield.errors import MissingExtra
from commonfield.transfer import PARALLEL


@click.command()
@click.argument("id")
@version_option
@resource_option
@click.option("--columns", help="Only these, separated by commas.")
@click.option("--rows", type=click.IntRange(0), default=10, show_default=True, help="How many to print.")
@json_option
@pass_client
def load(
    client: Client,
    *,
    id: str,
    version: str,
    resource: str | None,
    columns: str | None,
    rows: int,
    as_json: bool,
) -> None:
    """Print the first rows of a table, after fetching and verifying it."""
    wanted = [column.strip() for column in columns.split(",")] if columns else None
    with progress_bars() as report:
        options: dict[str, Any] = {"version": version, "resource": resource, "columns": wanted}
        try:
            table = client.load(id, as_="arrow", progress=report, **options)
            names, total, head = table.column_names, table.num_rows, table.slice(0, rows).to_pylist()
        except MissingExtra:
            # Whoever chose polars needs no pyarrow for this.
            frame = client.load(id, as_="polars", progress=report, **options)
            names, total, head = frame.columns, frame.height, frame.head(rows).to_dicts()
    if as_json:
        show_json(head)
        return
    show_table(names, [[row[name] for name in names] for row in head])
    say(f"{len(head):,} of {total:,} rows")


@click.command()
@click.argument("id")
@version_option
@resource_option
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="The folder.")
@click.option("--original", is_flag=True, help="The files as they were uploaded, not Parquet.")
@click.option("--documents", is_flag=True, help="The files that explain the tables, not the tables.")
@click.option("--overwrite", is_flag=True, help="Replace files of another content.")
@click.option("--parallel", type=click.IntRange(1, 32), default=PARALLEL, show_default=True)
@json_option
@pass_client
def download(
    client: Client,
    *,
    id: str,
    version: str,
    resource: str | None,
    to: Path,
    original: bool,
    documents: bool,
    overwrite: bool,
    parallel: int,
    as_json: bool,
) -> None:
    """Fetch a version's files, verified by sha256. Interrupted, the same command goes on."""
    with progress_bars() as report:
        paths = client.download(
            id,
            version=version,
            to=to,
            resource=resource,
            original=original,
            documents=documents,
            overwrite=overwrite,
            parallel=parallel,
            progress=report,
        )
    if as_json:
        show_json([str(path) for path in paths])
        return
    for path in paths:
        say(str(path))
