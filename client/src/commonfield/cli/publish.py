"""push."""

from __future__ import annotations

from dataclasses import asdict

import click

from commonfield.cli.output import json_option, pass_client, progress_bars, say, show_findings, show_json
from commonfield.client import Client
from commonfield.purpose import Mode
from commonfield.push import PushResult

COUNTED = ("inserted", "updated", "unchanged", "deleted", "unknown")


@click.command()
@click.argument("file", type=click.Path(path_type=str))
@click.argument("id")
@click.option("--note", required=True, help="What is new, for the reviewer and the readers.")
@click.option("--title", help="For a new dataset.")
@click.option("--description", help="For a new dataset; Markdown.")
@click.option("--methods", help="For a new dataset: how the data came to be; Markdown.")
@click.option("--known-limits", help="For a new dataset: what the data must not be used for; Markdown.")
@click.option("--license", help="For a new dataset: an SPDX id, such as CC-BY-4.0.")
@click.option("--keyword", "keywords", multiple=True, help="For a new dataset; may be repeated.")
@click.option("--access", type=click.Choice(["public", "registered", "restricted", "private"]))
@click.option("--resource", help="The table's name; without it, the file's.")
@click.option("--number", help="The version's number; without it, the registry proposes one.")
@click.option("--replace", "mode", flag_value="replace", default="replace", help="Be the table of its name (default).")
@click.option("--append", "mode", flag_value="append", help="Add the file's rows to the table.")
@click.option("--upsert", "mode", flag_value="upsert", help="Update the table's rows by key, and add new ones.")
@click.option("--delete", "mode", flag_value="delete", help="Delete the table's rows whose keys the file lists.")
@click.option("--key", "keys", multiple=True, help="A column of the key; may be repeated.")
@click.option("--add-columns", is_flag=True, help="Add columns that the table does not have, instead of refusing.")
@click.option("--start-from", help="A new draft's tables: latest (default), empty, or a version's number.")
@click.option(
    "--document",
    "documents",
    multiple=True,
    type=click.Path(path_type=str),
    help="A file that explains the tables, such as a codebook; may be repeated.",
)
@click.option("--create/--no-create", default=True, show_default=True, help="Make the dataset if needed.")
@click.option("--submit/--no-submit", default=True, show_default=True, help="Send the draft to review.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait for processing and check.")
@json_option
@pass_client
def push(
    client: Client,
    *,
    file: str,
    id: str,
    note: str,
    title: str | None,
    description: str | None,
    methods: str | None,
    known_limits: str | None,
    license: str | None,
    keywords: tuple[str, ...],
    access: str | None,
    resource: str | None,
    number: str | None,
    mode: Mode,
    keys: tuple[str, ...],
    add_columns: bool,
    start_from: str | None,
    documents: tuple[str, ...],
    create: bool,
    submit: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Make FILE part of the draft of dataset ID, and submit it. Interrupted, the same command goes on.

    FILE is a path, or a web address (https://…) from which the registry fetches the file by itself.
    """
    with progress_bars() as report:
        result = client.push(
            file,
            id,
            note=note,
            title=title,
            description=description,
            methods=methods,
            known_limits=known_limits,
            license=license,
            keywords=keywords or None,
            access=access,
            resource=resource,
            number=number,
            mode=mode,
            key=keys or None,
            new_columns="add" if add_columns else "refuse",
            start_from=start_from,
            documents=documents,
            create=create,
            submit=submit,
            wait=wait,
            progress=report,
        )
    if as_json:
        show_json(
            {
                "dataset": result.dataset,
                "created": result.created,
                "submitted": result.submitted,
                "upload": result.upload.raw,
                "version": result.version.raw if result.version else None,
                "findings": [asdict(finding) for finding in result.findings],
            }
        )
        return
    _tell(result)


@click.command()
@click.argument("file", type=click.Path(path_type=str))
@click.argument("id")
@click.option("--title", default="", help="What it is, in a line; without it, a replaced document keeps its own.")
@click.option("--description", default="", help="What a reader finds in it.")
@json_option
@pass_client
def attach(client: Client, *, file: str, id: str, title: str, description: str, as_json: bool) -> None:
    """Add FILE to the documents of dataset ID's draft: a codebook, a readme, a map. Nothing is submitted.

    A document of the same name is replaced. Interrupted, the same command goes on.
    """
    with progress_bars() as report:
        upload = client.attach(file, id, title=title, description=description, progress=report)
    if as_json:
        show_json(upload.raw)
        return
    say(f"Stored: {upload.filename}, a document of the draft.")


def _tell(result: PushResult) -> None:
    if result.created:
        say(f"Dataset {result.dataset} is new.")
    if result.findings:
        show_findings(result.findings)
    if result.upload.state != "stored":
        say(f"Received; the registry works on it (upload {result.upload.id}).")
    elif result.version is not None:
        say(f"Stored: {', '.join(result.upload.resources)}. Quality: {result.version.verdict}.")
        counts = result.upload.counts
        if told := [f"{counts[name]:,} {name}" for name in COUNTED if name in counts]:
            say(f"Rows: {', '.join(told)}.")
        if result.submitted and result.version.state == "published":
            say(f"Published as version {result.version.number}.")
        elif result.submitted:
            say("Submitted: a steward reviews it now.")
        else:
            say("It is in the draft; submit it on its page, or push with --submit.")
    if result.url:
        say(result.url)
