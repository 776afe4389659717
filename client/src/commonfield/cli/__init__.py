"""The command line `commonfield`. Exit codes are in commonfield/cli/exits.py and in the README."""

from __future__ import annotations

import sys
import warnings

import click

from commonfield._version import __version__
from commonfield.cli.account import login, logout, profiles, whoami
from commonfield.cli.cached import cache
from commonfield.cli.data import download, load
from commonfield.cli.discover import info, search, versions
from commonfield.cli.doctor import doctor
from commonfield.cli.exits import Commands
from commonfield.cli.fingerprint import fingerprint
from commonfield.cli.output import complain
from commonfield.cli.publish import attach, push
from commonfield.cli.quality import annotate, diff, findings, list_annotations, report, rules
from commonfield.client import Client


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--profile", metavar="NAME", help="Use this profile instead of the default one.")
@click.option("--url", metavar="URL", help="Speak to this registry instead of the profile's.")
@click.version_option(__version__, prog_name="commonfield")
@click.pass_context
def cli(context: click.Context, profile: str | None, url: str | None) -> None:
    """Search, load, download and publish the datasets of a Commonfield registry.

    Begin with `commonfield login https://…`; public data need no login, only --url or COMMONFIELD_URL.
    """
    client = Client(url, profile=profile)
    context.obj = client
    context.call_on_close(client.close)


for command in (
    login, logout, profiles, whoami, search, info, versions, load, download, push, attach, report, findings,
    diff, rules, list_annotations, annotate, fingerprint, cache, doctor,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """The entry point of the script `commonfield` and of `python -m commonfield`."""
    warnings.showwarning = lambda message, *_args, **_kwargs: complain(f"Caution: {message}")
    sys.exit(cli.main(prog_name="commonfield"))
