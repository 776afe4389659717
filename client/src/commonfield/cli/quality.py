"""report, findings."""

from __future__ import annotations

import click

from commonfield.cli.output import (
    json_option,
    pass_client,
    resource_option,
    say,
    show_findings,
    show_json,
    show_table,
    version_option,
)
from commonfield.client import Client


@click.command()
@click.argument("id")
@version_option
@resource_option
@click.option("--all", "everything", is_flag=True, help="Also what passed.")
@json_option
@pass_client
def report(client: Client, *, id: str, version: str, resource: str | None, everything: bool, as_json: bool) -> None:
    """How a table did against its expectations."""
    found = client.report(id, version=version, resource=resource)
    if as_json:
        show_json(found.raw)
        return
    say(f"{found.resource}: {found.verdict}")
    outcomes = found.outcomes if everything else found.failed
    if not outcomes:
        say(f"All {len(found.outcomes)} expectations passed.")
        return
    show_table(
        ("status", "level", "column", "what", "failing"),
        [
            (outcome.status, outcome.level, outcome.column, outcome.sentence, outcome.failing_count)
            for outcome in outcomes
        ],
    )


@click.command()
@click.argument("id")
@version_option
@resource_option
@json_option
@pass_client
def findings(client: Client, *, id: str, version: str, resource: str | None, as_json: bool) -> None:
    """What was wrong in the uploaded file, and what was changed on its way to data."""
    found = client.findings(id, version=version, resource=resource)
    if as_json:
        show_json([finding.raw for finding in found])
        return
    if not found:
        say("Nothing was found.")
        return
    show_findings(found)
