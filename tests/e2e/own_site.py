"""A whole site of its own for a module of browser tests: all that ``manage.py up`` runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from deploy.embedded.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
# What tests/early.py put there leads to the servers of the whole session.
GIVEN = {
    *("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "BASE_URL"),
    *("S3_ENDPOINT_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"),
}
UP = "import sys; from deploy.supervisor import main; sys.exit(main(sys.argv[1:]))"
SEED = """
import django; django.setup()
from allauth.account.models import EmailAddress
from catalog.models import User
from tests.fixtures.people import make_cast
make_cast()
for user in User.objects.all():
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""


@dataclass(frozen=True)
class OwnSite:
    """``url`` of the web, ``s3`` of the object store; people as tests.fixtures.people makes them."""

    url: str
    s3: str
    environment: dict[str, str]
    folder: Path

    def run(self, code: str) -> str:
        """Run Python with the site's settings; what it prints."""
        program = [sys.executable, "-c", code]
        return subprocess.check_output(program, env=self.environment, cwd=ROOT, text=True)

    def ask(self, code: str) -> Any:
        """The JSON that the code leaves in ``answer``."""
        return json.loads(self.run(f"import django, json; django.setup()\n{code}\nprint(json.dumps(answer))"))


@contextmanager
def own_site() -> Iterator[OwnSite]:
    folder = Path(mkdtemp(prefix="commonfield-e2e-"))
    folder.chmod(0o711)
    port, postgres, valkey, s3 = free_ports(4)
    environment = {name: value for name, value in os.environ.items() if name not in GIVEN}
    environment |= {
        "VAR_DIR": str(folder),
        "COMMONFIELD_POSTGRES_PORT": str(postgres),
        "COMMONFIELD_VALKEY_PORT": str(valkey),
        "COMMONFIELD_S3_PORT": str(s3),
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "deploy.settings",
    }
    bind = f"127.0.0.1:{port}"
    log = (folder / "up.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-c", UP, "--bind", bind, "--web-processes", "1", "--workers", "2"],
        env=environment, cwd=ROOT, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        _wait_until_open(f"http://{bind}", process, folder / "up.log")
        for line in (folder / "environment").read_text().splitlines():
            name, equals, value = line.removeprefix("export ").partition("=")
            if equals and not line.startswith("#"):
                environment[name.strip()] = value.strip().strip("'\"")
        site = OwnSite(f"http://{bind}", f"http://127.0.0.1:{s3}", environment, folder)
        site.run(SEED)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_open(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if "Open http" in log.read_text():
            with urllib.request.urlopen(f"{url}/healthz", timeout=10):  # noqa: S310 -- our own loopback
                return
        time.sleep(0.3)
    raise RuntimeError(f"the site did not start:\n{log.read_text()}")
