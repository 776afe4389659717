"""What the embedded servers have in common, and how one is brought up."""

from __future__ import annotations

import http
import http.client
import os
import shutil
import signal
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploy.embedded import leftovers
from deploy.embedded.credentials import Credentials
from deploy.embedded.errors import ServerNotReady
from deploy.embedded.ports import require_free
from deploy.embedded.process import Command, Process, last_lines


class NotReadyYet(Exception):
    """A probe's answer: not yet, and why."""


def ask(host: str, port: int, path: str, *, timeout: float) -> bytes:
    """The body of ``GET path``; ``timeout`` in seconds. Raises NotReadyYet when nobody or a broken server answers."""
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        if response.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise NotReadyYet(f"{path} answered {response.status}")
        return response.read()
    except (OSError, http.client.HTTPException) as error:
        raise NotReadyYet(str(error)) from error
    finally:
        connection.close()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a server lives: its data, its log and its pid file."""

    data: Path
    log: Path
    pid_file: Path

    @classmethod
    def under(cls, var: Path, name: str) -> Place:
        """Lay out var/<name>, var/log/<name>.log and var/run/<name>.pid; makes the folders."""
        place = cls(data=var / name, log=var / "log" / f"{name}.log", pid_file=var / "run" / f"{name}.pid")
        for folder in (place.log.parent, place.pid_file.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        return place


class Service(ABC):
    """A program that can be started, asked whether it is ready, and stopped; again and again."""

    name: ClassVar[str]
    ready_seconds: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    # What the kernel sends when the supervisor is gone.
    death_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0

    def __init__(self, *, place: Place) -> None:
        self.place = place
        self.process: Process | None = None
        self.log_begin = 0
        self.ready_after = 0.0

    @abstractmethod
    def command(self) -> Command:
        """Say how the program is started."""

    @abstractmethod
    def probe(self) -> None:
        """Return if the program answers; raise NotReadyYet, with the reason, if not."""

    def prepare(self) -> None:  # noqa: B027
        """Bring the program's files into order before every start; most programs have none."""

    def start(self) -> None:
        """End what an earlier supervisor left, prepare, and start. Does not wait."""
        self.end_leftover()
        self.prepare()
        command = self.command()
        self.log_begin = self.place.log.stat().st_size if self.place.log.exists() else 0
        self.process = Process(
            command=command,
            log=self.place.log,
            pid_file=self.place.pid_file,
            stop_signal=self.stop_signal,
            death_signal=self.death_signal,
            grace=self.grace,
        )

    def end_leftover(self) -> None:
        """End what a killed supervisor left running."""
        leftovers.clear(self.place.pid_file, by=self.stop_signal, grace=self.grace)

    @property
    def exit_code(self) -> int | None:
        """How the program ended; None while it runs or before it started."""
        return self.process.exit_code if self.process else None

    def wait_ready(self) -> None:
        """Wait until the program answers. Raises ServerNotReady with the end of its log."""
        begun = time.monotonic()
        deadline = begun + self.ready_seconds
        while True:
            try:
                self.probe()
            except NotReadyYet as error:
                if self.exit_code is not None:
                    raise self._not_ready(f"it ended with code {self.exit_code}") from error
                if time.monotonic() > deadline:
                    raise self._not_ready(f"no answer after {self.ready_seconds:.0f} s ({error})") from error
            else:
                self.ready_after = time.monotonic() - begun
                return
            time.sleep(0.05)

    def _not_ready(self, reason: str) -> ServerNotReady:
        tail = last_lines(self.place.log, since=self.log_begin)
        return ServerNotReady(server=self.name, reason=reason, log=str(self.place.log), tail=tail)

    def stop(self) -> None:
        """Stop the program; nothing of it is left after."""
        if self.process is not None:
            self.process.stop()
            self.process = None


class Server(Service):
    """One of the three servers: a service with a port, credentials and the variables that lead to it."""

    port_variable: ClassVar[str]
    url_variable: ClassVar[str]

    def __init__(self, *, place: Place, port: int, credentials: Credentials, durable: bool = True) -> None:
        super().__init__(place=place)
        self.port = port
        self.credentials = credentials
        self.durable = durable

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The variables under which the application finds this server."""

    def require_port(self) -> None:
        """Raise PortInUse unless the port is ours to take. A leftover of ours is ended first."""
        self.end_leftover()
        remedy = (
            f"Stop it, or choose another port with {self.port_variable}=…, "
            f"or name a server of your own in {self.url_variable}."
        )
        require_free(self.port, server=self.name, remedy=remedy)


def bare_environment(**extra: str) -> dict[str, str]:
    """Return the little that a server needs to know of our environment: none of our secrets."""
    kept = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "SSL_CERT_FILE")
    return {"PATH": os.defpath, **{name: os.environ[name] for name in kept if name in os.environ}, **extra}


def remove_tree(folder: Path) -> None:
    """Remove what a start that was cut short left half made."""
    shutil.rmtree(folder, ignore_errors=True)
