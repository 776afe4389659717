"""The variables of a running `manage.py up`, in a file that other commands on the same machine join by.

The file is shell-readable (`set -a; . var/environment`), only its owner can read it, and it goes when `up`
stops.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from deploy.embedded.credentials import write_private

BASE_DIR = Path(__file__).resolve().parent.parent
FILE_VARIABLE = "COMMONFIELD_ENVIRONMENT_FILE"


class EnvironmentFileUnreadable(SystemExit):
    """The file that COMMONFIELD_ENVIRONMENT_FILE names can't be read; the process ends with one line."""


def choose_var(environment: Mapping[str, str]) -> Path:
    """Return the folder of an installation: VAR_DIR, or `var` beside manage.py."""
    return Path(environment.get("VAR_DIR") or BASE_DIR / "var").resolve()


def write_environment(file: Path, variables: Mapping[str, str]) -> None:
    """Write the variables, one `NAME=value` a line, quoted for a shell."""
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in sorted(variables.items())]
    write_private(file, "".join(lines))


def parse_environment(text: str) -> dict[str, str]:
    """Read back what write_environment wrote; empty lines and `#` lines are skipped."""
    pairs = (word.partition("=") for word in shlex.split(text, comments=True))
    return {name: value for name, equals, value in pairs if equals}


def join_running(environment: MutableMapping[str, str]) -> None:
    """Take over the variables of a running `up`, where the environment does not say otherwise.

    COMMONFIELD_ENVIRONMENT_FILE names the file; without it, var/environment is read if it exists and there is
    no DATABASE_URL. Raises EnvironmentFileUnreadable if a file that was named can't be read.
    """
    named = environment.get(FILE_VARIABLE)
    if not named and environment.get("DATABASE_URL"):
        return
    file = Path(named) if named else choose_var(environment) / "environment"
    try:
        variables = parse_environment(file.read_text())
    except (OSError, ValueError) as error:
        if named:
            raise EnvironmentFileUnreadable(f"{FILE_VARIABLE}: {named} can't be read ({error}).") from None
        return
    for name, value in variables.items():
        if not environment.get(name):
            environment[name] = value
