"""`manage.py demo`: the whole site, filled with real datasets through the real pipeline, then kept running."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.embedded.credentials import write_private
from deploy.embedded.errors import EmbeddedError
from deploy.programs import BASE_DIR
from deploy.supervisor import Supervisor, add_arguments, read_options

EXAMPLE = "palmer-station/penguins"


def main(arguments: Sequence[str]) -> int:
    """Run the demo: 0 when it ran to its end, 1 with a line on stderr when it did not."""
    parser = argparse.ArgumentParser(prog=f"{Path(sys.argv[0]).name} demo", description=__doc__)
    add_arguments(parser)
    parser.add_argument("--once", action="store_true", help="stop by itself when the main job is done")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    try:
        # Sweeps and leases of seconds: people who try kill -9 on the demo should not have to wait.
        os.environ.setdefault("LEASE_SECONDS", "10")
        os.environ.setdefault("SWEEP_SECONDS", "5")
        with Supervisor(read_options(options)).running() as site:
            _fill(site)
            print(f"\nAll of it took {time.monotonic() - begun:.0f} s.")
            if not options.once:
                print("It keeps running until Ctrl-C.", flush=True)
                site.wait()
    except KeyboardInterrupt:
        print("Stopped.")
    except (EmbeddedError, DemoFailed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


class DemoFailed(Exception):
    """The main job did not run to its end; the sentence says where."""


def _fill(site: Supervisor) -> None:
    # The client and the job are imported here: they are not needed to start the servers.
    from deploy.demo.job import run

    url = site.environment["BASE_URL"]
    password = _password(site.var)
    tokens = json.loads(_capture(site, "demo_people", "--password", password))
    print("\nThe main job, dataset by dataset (register, upload, check, submit, decide):", flush=True)
    results = run(url, tokens, lambda line: print(line, flush=True))
    wrong = [result.dataset.id for result in results if result.state != result.dataset.ending]
    if wrong:
        raise DemoFailed(f"These did not end as they should: {', '.join(wrong)}.")
    _show_pull(url, tokens["amina"])
    _show_people(url, password, tokens)


def _show_pull(url: str, token: str) -> None:
    from commonfield import Client

    with Client(url, token) as researcher:
        version = researcher.info(EXAMPLE)
        frame = researcher.load(EXAMPLE, version=str(version.number))
    print(f'\ncommonfield.load("{EXAMPLE}", version="{version.number}")  → {len(frame):,} rows, sha256 verified')
    print(frame.head().to_string())


def _show_people(url: str, password: str, tokens: dict[str, str]) -> None:
    print(f"\nOpen {url}/ and sign in (password of all three: {password})")
    for username, what in (("mei", "owner"), ("tomas", "steward"), ("amina", "researcher")):
        print(f"  {username:<6} {what:<11} token {tokens[username]}")
    client = f"COMMONFIELD_URL={url} .venv/bin/commonfield"
    print(f"\nPull a dataset:\n  {client} load {EXAMPLE}")
    address = f"{url}/api/v1/datasets/{EXAMPLE}/versions/1.0.0/resources/penguins.parquet"
    print(f"  .venv/bin/python -c \"import pandas; print(pandas.read_parquet('{address}'))\"", flush=True)


def _capture(site: Supervisor, *arguments: str) -> str:
    command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(command, env=site.environment, cwd=BASE_DIR, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise DemoFailed(f"manage.py {arguments[0]} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _password(var: Path) -> str:
    """Made once for each installation and kept beside its other secrets: the demo has no password of its own."""
    file = var / "demo-password"
    if not file.exists():
        write_private(file, secrets.token_urlsafe(9))
    return file.read_text().strip()
