"""What the commands print: tables for people, JSON for programs, progress for whoever is watching."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, SpinnerColumn, TaskID, TextColumn, TransferSpeedColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from commonfield.client import Client
from commonfield.progress import Progress, Report
from commonfield.reports import Finding

pass_client: Callable[[Any], Any] = click.make_pass_decorator(Client)
json_option: Callable[[Any], Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of a table."
)
version_option: Callable[[Any], Any] = click.option(
    "--version", default="latest", show_default=True, help="A number such as 1.2.0, latest or draft."
)
resource_option: Callable[[Any], Any] = click.option(
    "--resource", help="Which table of the version, if it has several."
)

_STAGES = {
    "download": "Downloading",
    "upload": "Uploading",
    "queued": "Waiting for a worker",
    "fetch": "Fetching",
    "verify": "Verifying",
    "detect": "Looking at the file",
    "read": "Reading",
    "convert": "Converting",
    "store": "Storing",
    "profile": "Describing",
    "validate": "Validating",
    "check": "Checking quality",
}


def plain(value: object) -> str:
    """Without control characters: a title on the registry must not speak to the user's terminal."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "", "" if value is None else str(value))


def say(sentence: str) -> None:
    click.echo(plain(sentence))


def complain(sentence: str) -> None:
    click.echo(plain(sentence), err=True)


def show_json(document: object) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, err: bool = False) -> None:
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text(plain(value)) for value in row))
    console = Console(stderr=err)
    if not console.is_terminal:
        # A pipe has no width: nothing is cut or wrapped for it.
        console.width = 10_000
    with console.capture() as capture:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()), err=err)


def show_findings(found: Sequence[Finding], *, err: bool = False) -> None:
    show_table(
        ("severity", "column", "times", "what", "first seen"),
        [
            (
                finding.severity,
                finding.column,
                finding.count,
                finding.sentence or finding.title,
                _place(finding),
            )
            for finding in found
        ],
        err=err,
    )


def _place(finding: Finding) -> str:
    if not finding.samples:
        return ""
    sample = finding.samples[0]
    line, row = sample.line, sample.row
    where = [f"line {line}"] if line is not None else [f"row {row}"] if row is not None else []
    return ": ".join([*where, sample.value] if sample.value else where)


@contextmanager
def progress_bars() -> Iterator[Report | None]:
    """A listener that draws bars on stderr; None if that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with Bars(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def draw(progress: Progress) -> None:
            if progress.stage not in tasks:
                words = _STAGES.get(progress.stage, progress.stage.capitalize())
                for task in tasks.values():
                    bars.update(task, visible=False)
                tasks[progress.stage] = bars.add_task(words, total=progress.total)
            bars.update(tasks[progress.stage], completed=progress.done, total=progress.total)

        yield draw
