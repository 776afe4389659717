"""Our own three programs as services: web, worker, beat."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from deploy.embedded.process import Command
from deploy.embedded.server import NotReadyYet, Place, Service, ask

BASE_DIR = Path(__file__).resolve().parent.parent


class Program(Service):
    """A Python program of ours, run in the given environment."""

    grace = 6.0
    # A cold start on a busy machine imports for a while.
    ready_seconds = 120.0

    def __init__(self, *, place: Place, environment: Mapping[str, str]) -> None:
        super().__init__(place=place)
        self.environment = environment

    def python(self, *arguments: str) -> Command:
        """Return the command `python -m ARGUMENTS` in the project's folder."""
        argv = [sys.executable, "-m", *arguments]
        return Command(argv=argv, environment=self.environment, folder=BASE_DIR)

    def require_in_log(self, words: str) -> None:
        """Raise NotReadyYet unless the program wrote these words since it was started."""
        with self.place.log.open("rb") as log:
            log.seek(self.log_begin)
            if words.encode() not in log.read():
                raise NotReadyYet(f"its log does not say {words!r}")


class Web(Program):
    """gunicorn."""

    name: ClassVar[str] = "web"

    def __init__(self, *, place: Place, environment: Mapping[str, str], host: str, port: int, processes: int) -> None:
        super().__init__(place=place, environment=environment)
        self.host, self.port, self.processes = host, port, processes

    def command(self) -> Command:
        return self.python(
            *("gunicorn", "--config", "deploy/gunicorn.py", "--workers", str(self.processes)),
            *("--bind", f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"),
            "deploy.wsgi:application",
        )

    @property
    def local_host(self) -> str:
        """Where this machine reaches the web server, also when it listens on all addresses."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104

    def probe(self) -> None:
        """Ask for /healthz; any answer but a server error will do (ALLOWED_HOSTS may refuse ours)."""
        ask(self.local_host, self.port, "/healthz", timeout=5)


class Worker(Program):
    """The Celery worker. It reads every queue that the settings name."""

    name: ClassVar[str] = "worker"

    def __init__(self, *, place: Place, environment: Mapping[str, str], processes: int) -> None:
        super().__init__(place=place, environment=environment)
        self.processes = processes

    def command(self) -> Command:
        return self.python(
            *("celery", "--app", "deploy.celery", "worker", "--concurrency", str(self.processes)),
            # Neither is used: leases and sweeps look after jobs, and both cost a round of messages.
            *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        )

    def probe(self) -> None:
        self.require_in_log(" ready.")


class Beat(Program):
    """Celery's clock."""

    name: ClassVar[str] = "beat"

    def command(self) -> Command:
        schedule = self.place.data / "schedule"
        return self.python(
            *("celery", "--app", "deploy.celery", "beat", "--schedule", str(schedule)),
            # No pid file: a stale one would keep it from starting, and only we start it.
            *("--pidfile", "", "--loglevel", "INFO"),
        )

    def prepare(self) -> None:
        self.place.data.mkdir(exist_ok=True)

    def probe(self) -> None:
        self.require_in_log("beat: Starting")
