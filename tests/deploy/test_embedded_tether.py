"""Nothing outlives the supervisor: not after kill -9, not as an ordinary user."""

import os
import pwd
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stack

REPOSITORY = Path(__file__).resolve().parents[2]
SUPERVISOR = """
import sys, time
from pathlib import Path
from deploy.embedded.ports import Ports
from deploy.embedded.stack import Stack
with Stack(Path(sys.argv[1]), ports=Ports.free(), given={}).running() as environment:
    print(environment["DATABASE_URL"], flush=True)
    time.sleep(600)
"""


def run_supervisor(var: Path, *, python: str = sys.executable, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, "-c", SUPERVISOR, str(var)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        **options,
    )


def processes_of(var: Path) -> list[psutil.Process]:
    """Return the processes that live in the folder; PostgreSQL's own children among them."""
    found = []
    # Its name is asked at once: it may be gone when somebody looks at it.
    for process in psutil.process_iter(["name"]):
        try:
            if process.pid != os.getpid() and str(var) in " ".join([process.cwd(), *process.cmdline()]):
                found.append(process)
        except psutil.Error:
            continue
    return found


def names_of(var: Path) -> set[str]:
    return {process.info["name"] for process in processes_of(var)}


def wait_until_gone(var: Path) -> None:
    deadline = time.monotonic() + 10
    while processes_of(var) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(var) == []


@pytest.fixture
def supervisor(var: Path) -> Iterator[subprocess.Popen[str]]:
    with run_supervisor(var) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("postgresql://")
        yield process
        process.kill()


@pytest.mark.recovery
def test_killing_the_supervisor_ends_its_servers_and_frees_the_folder(
    var: Path, supervisor: subprocess.Popen[str]
) -> None:
    servers = processes_of(var)
    assert {"postgres", "weed", "valkey-server"} <= names_of(var)
    supervisor.kill()
    supervisor.wait()
    # At once, while the old ones may still be stopping.
    with Stack(var, ports=Ports.free(), given={}).running() as environment:
        assert environment["DATABASE_URL"]
        assert not set(servers) & set(processes_of(var))
        assert {"postgres", "weed", "valkey-server"} <= names_of(var)
    assert processes_of(var) == []


@pytest.mark.recovery
def test_servers_end_by_themselves_also_one_that_was_restarted(var: Path, supervisor: subprocess.Popen[str]) -> None:
    def weeds() -> list[psutil.Process]:
        return [process for process in processes_of(var) if process.info["name"] == "weed"]

    (first,) = weeds()
    first.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    # The one that was killed may still be there, beside the one that took its place.
    while not (others := [weed for weed in weeds() if weed != first]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(others) == 1

    supervisor.kill()
    supervisor.wait()
    wait_until_gone(var)


def find_python_for(user: pwd.struct_passwd) -> str | None:
    """Return a Python like ours that the user may run: root's own may lie in root's closed home."""
    for python in (sys.executable, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        try:
            subprocess.run([python, "-c", ""], check=True, user=user.pw_uid, group=user.pw_gid)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_needs_no_rights(var: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    python = find_python_for(nobody)
    if python is None:
        pytest.skip("no Python on this machine that an ordinary user may run")
    var.mkdir()
    os.chown(var, nobody.pw_uid, nobody.pw_gid)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "PYTHONPATH": ":".join([str(REPOSITORY), sysconfig.get_path("purelib")]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    as_nobody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    with run_supervisor(var, python=python, env=environment, **as_nobody) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("postgresql://")
        owners = {server.uids().real for server in processes_of(var)}
        process.send_signal(signal.SIGINT)
        process.wait(20)
    assert owners == {nobody.pw_uid}
    assert processes_of(var) == []
