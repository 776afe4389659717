"""fingerprint."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from commonfield.cli.output import json_option, say, show_json
from commonfield.errors import ChecksumMismatch
from commonfield.fingerprinting import fingerprint as compute


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--is", "expected", metavar="FINGERPRINT", help="End with status 7 if it is not this one.")
@json_option
def fingerprint(paths: tuple[Path, ...], expected: str | None, as_json: bool) -> None:
    """The fingerprint of a table's values: of a Parquet file, or of several that are one table.

    It is the published one (`commonfield info`) if the values and their order are, however the files were written.
    """
    found = compute(list(paths))
    if as_json:
        show_json(asdict(found))
    else:
        say(found.value)
    if expected is not None and expected != found.value:
        raise ChecksumMismatch(f"The fingerprint is {found.value}, not {expected}.", "These are other values.")
