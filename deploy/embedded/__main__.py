"""Run a command beside throw-away servers: `python -m deploy.embedded COMMAND [ARGUMENT…]`.

For what needs the settings, and perhaps a database, but none of anybody's data: type checks, migration
checks, the API's description. Servers that the environment names are used instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stack


def main(command: list[str]) -> int:
    """Return the command's exit code; 2 if there is none, 1 if the servers could not be started."""
    if not command:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="commonfield-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        try:
            with Stack(Path(folder), ports=Ports.free(), durable=False).running() as environment:
                ours = {"VAR_DIR": str(Path(folder) / "application"), **os.environ, **environment}
                return subprocess.run(command, env=ours, check=False).returncode
        except EmbeddedError as error:
            sys.stderr.write(f"{error}\n")
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
