"""`manage.py up` as people meet it: real servers, the real site, real signals."""

import http.client
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from deploy.embedded.ports import free_ports

REPOSITORY = Path(__file__).resolve().parents[2]
LAST_LINE = "Ctrl-C stops everything."


@dataclass
class Site:
    """A running `up`. Its environment names no server, whatever the test session's names."""

    var: Path
    ports: list[int] = field(default_factory=lambda: free_ports(4))
    # With DEBUG, no static files are collected, which takes seconds.
    debug: bool = True
    process: subprocess.Popen[str] = field(init=False)

    @property
    def environment(self) -> dict[str, str]:
        names = ("COMMONFIELD_POSTGRES_PORT", "COMMONFIELD_VALKEY_PORT", "COMMONFIELD_S3_PORT")
        chosen = dict(zip(names, map(str, self.ports), strict=False))
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.var.parent),
            "VAR_DIR": str(self.var),
            "DEBUG": str(self.debug),
            **chosen,
        }

    @property
    def web_port(self) -> int:
        return self.ports[3]

    def run(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "up", "--bind", f"127.0.0.1:{self.web_port}", *arguments]
        self.process = subprocess.Popen(
            command,
            env=self.environment,
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self.process

    def wait_for(self, words: str) -> list[str]:
        assert self.process.stdout
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line.rstrip())
            if words in line:
                return lines
        raise AssertionError("\n".join(lines))

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)

    def processes(self) -> list[psutil.Process]:
        """Return all processes that have this site's folder in their environment or arguments."""
        found = []
        for process in psutil.process_iter():
            try:
                about = [process.cwd(), *process.cmdline(), process.environ().get("VAR_DIR", "")]
            except psutil.Error:
                continue
            if process.pid != os.getpid() and str(self.var) in " ".join(about):
                found.append(process)
        return found

    def pid_of(self, name: str) -> int:
        found = re.search(r'"pid": (\d+)', (self.var / "run" / f"{name}.pid").read_text())
        assert found
        return int(found[1])


@pytest.fixture
def site(var: Path) -> Iterator[Site]:
    site = Site(var)
    yield site
    if hasattr(site, "process"):
        with site.process:
            site.process.kill()
    for process in site.processes():
        process.kill()


def eventually(what: object, *, seconds: float = 30.0) -> None:
    assert callable(what)
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


@pytest.mark.recovery
@pytest.mark.slow
def test_one_command_brings_the_site_up_keeps_it_up_and_ctrl_c_takes_it_down(site: Site) -> None:
    site.debug = False
    with site.run():
        lines = site.wait_for(LAST_LINE)
        assert f"Open http://127.0.0.1:{site.web_port}/" in lines
        services = [line.split()[0] for line in lines if "ready after" in line]
        assert services == ["seaweedfs", "valkey", "postgres", "web", "worker", "beat"]
        assert site.get("/healthz") == 200
        assert stat.S_IMODE((site.var / "environment").stat().st_mode) == 0o600
        assert (site.var / "static" / "staticfiles.json").exists()
        assert stat.S_IMODE((site.var / "log").stat().st_mode) == 0o700

        # Whatever is killed comes back.
        for name in ("web", "worker", "beat", "postgres"):
            before = site.pid_of(name)
            os.kill(before, signal.SIGKILL)
            lines = site.wait_for(f"{name}: ready again")
            assert any(line.startswith(f"{name}: ended (code -9); starting again in 0.5 s") for line in lines)
            assert site.pid_of(name) != before
        eventually(lambda: site.get("/healthz") == 200)

        begun = time.monotonic()
        assert site.stop() == 0
        assert time.monotonic() - begun < 15
    assert site.processes() == []
    assert not (site.var / "environment").exists()


@pytest.mark.slow
def test_a_second_up_and_other_commands_meet_the_first(site: Site) -> None:
    with site.run("--servers-only"):
        site.wait_for(LAST_LINE)

        again = Site(site.var, ports=site.ports)
        with again.run() as second:
            output, _ = second.communicate(timeout=20)
        assert second.returncode == 1
        assert output == (
            f"Commonfield already runs on {site.var} (process {site.process.pid}). Use that one, or stop it first.\n"
        )

        command = [sys.executable, "manage.py", "migrate", "--check"]
        joined = subprocess.run(
            command, env=site.environment, cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        assert (joined.returncode, joined.stderr) == (0, "")

        assert site.stop() == 0
    alone = subprocess.run(command, env=site.environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert alone.returncode == 1
    assert "DATABASE_URL: is not set" in alone.stderr


@pytest.mark.recovery
@pytest.mark.slow
def test_nothing_outlives_a_killed_supervisor(site: Site) -> None:
    with site.run("--web-processes", "1", "--workers", "1"):
        site.wait_for(LAST_LINE)
        assert len(site.processes()) > 7
        site.process.kill()
    eventually(lambda: site.processes() == [], seconds=20)

    with site.run("--servers-only"):
        site.wait_for(LAST_LINE)
        assert site.stop() == 0


def test_a_web_port_in_use_is_one_line(site: Site) -> None:
    with socket.create_server(("127.0.0.1", site.web_port)), site.run() as process:
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert output == (
        f"web needs port {site.web_port}, but another program uses it. Stop it, or choose another with "
        f"--bind 127.0.0.1:{site.web_port + 1}.\n"
    )
    assert site.processes() == []


def test_a_wrong_url_is_one_line_and_stops_what_was_started(site: Site) -> None:
    (nowhere,) = free_ports(1)
    os_environment = {**site.environment, "DATABASE_URL": f"postgresql://me:secret@127.0.0.1:{nowhere}/db"}
    command = [sys.executable, "manage.py", "up", "--bind", f"127.0.0.1:{site.web_port}"]
    done = subprocess.run(command, env=os_environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        f"DATABASE_URL: PostgreSQL at 127.0.0.1:{nowhere} does not answer (Connection refused). "
        "Check the host and the port.\n"
        "`manage.py prepare` failed (code 1); the reason stands above.\n"
    )
    assert "postgres" not in done.stdout
    assert site.processes() == []


@pytest.mark.parametrize("wrong", [["--bind", "8000"], ["--bind", "127.0.0.1:x"], ["--workers", "0"]])
def test_a_wrong_option_is_one_line(site: Site, wrong: list[str]) -> None:
    with site.run(*wrong) as process:
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert output.startswith(wrong[0])
    assert output.count("\n") == 1
