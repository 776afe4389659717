"""doctor."""

from __future__ import annotations

from dataclasses import asdict

import click

from commonfield.cli.output import json_option, pass_client, show_json, show_table
from commonfield.client import Client


@click.command()
@json_option
@pass_client
@click.pass_context
def doctor(context: click.Context, client: Client, as_json: bool) -> None:
    """Look at what works from here: packages, cache, registry, clock, token, storage.

    Ends with status 1 if something is wrong, and says what to do.
    """
    found = client.examine()
    if as_json:
        show_json([asdict(check) for check in found])
    else:
        show_table(
            ("what", "", "found", "do"), [(check.name, check.state, check.sentence, check.remedy) for check in found]
        )
    if any(check.state == "wrong" for check in found):
        context.exit(1)
