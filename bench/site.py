"""A site of a bench's own: the three servers with Django of this process beside them, and gunicorn as it is run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from bench.convert import ROOT
from deploy.embedded.ports import Ports, free_ports
from deploy.embedded.stack import Stack


@contextmanager
def connected(folder: Path) -> Iterator[str]:
    """The servers, prepared; Django of this process is connected. Gives the address that the site will have."""
    with tempfile.TemporaryDirectory(dir=folder) as servers:
        # PostgreSQL's own user must pass through if we are root.
        Path(servers).chmod(0o711)
        stack = Stack(Path(servers), ports=Ports.free(), durable=False)
        [port] = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "deploy.settings",
            "VAR_DIR": servers,
            "BASE_URL": url,
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            # What is measured is delivery and not the counting of requests.
            **dict.fromkeys(("RATE_ANONYMOUS", "RATE_SIGNED_IN", "RATE_QUERIES"), "none"),
            **stack.start(),
        }
        try:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("prepare", verbosity=0)
            yield url
        finally:
            stack.stop()


@contextmanager
def serving(application: str, url: str, processes: int) -> Iterator[psutil.Process]:
    """Gunicorn as the product runs it."""
    import deploy.gunicorn as product

    port = url.rpartition(":")[2]
    command = [sys.executable, "-m", "gunicorn", "--workers", str(processes), "--bind", f"127.0.0.1:{port}"]
    if application == "deploy.wsgi":
        # A worker that is replaced in the middle would close the connections that are measured.
        command += ["--config", "deploy/gunicorn.py", "--max-requests", "0"]
    else:
        # The same but for its hook, which makes cells for the product's queries.
        command += ["--worker-class", product.worker_class, "--threads", str(product.threads)]
        command += ["--keep-alive", str(product.keepalive), "--worker-tmp-dir", product.worker_tmp_dir or "/tmp"]  # noqa: S108
        command += ["--no-control-socket"]
    with subprocess.Popen([*command, f"{application}:application"], cwd=ROOT, env=os.environ.copy()) as web:
        try:
            yield psutil.Process(web.pid)
        finally:
            web.terminate()


def wait_for(address: str) -> None:
    """Until it answers with 200. Raises SystemExit after a minute."""
    for _ in range(300):
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit(f"{address} did not answer")
