"""The three servers for a test session: started before Django reads its settings, gone at its end."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stack

URLS = ("DATABASE_URL", "BROKER_URL", "S3_ENDPOINT_URL")


def start_servers() -> dict[str, str]:
    """Start whichever servers the environment names no URL for; return the variables that lead to them.

    Call it at the top of tests/conftest.py and put the answer into os.environ. They stop, and their folder
    goes, when the process ends; kill -9 of the process ends them too (only the temporary folder stays).
    """
    folder = Path(tempfile.mkdtemp(prefix="commonfield-tests-"))
    # PostgreSQL's own user must pass through if we are root.
    folder.chmod(0o711)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    stack = Stack(folder, ports=Ports.free(), durable=False)
    environment = stack.start()
    atexit.register(stack.stop)
    return {"VAR_DIR": str(folder / "application"), **environment}


def put_into_environment() -> None:
    """Start the servers and let this process, and all that it starts, find them."""
    os.environ.update(start_servers())
