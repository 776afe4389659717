"""The three servers together: whatever has no URL in the environment is started under one folder."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.credentials import Credentials, keep_credentials
from deploy.embedded.errors import FolderUnusable, ServerNotReady
from deploy.embedded.keeper import Keeper
from deploy.embedded.lock import FolderLock
from deploy.embedded.ports import Ports
from deploy.embedded.postgres import Postgres
from deploy.embedded.seaweedfs import SeaweedFS
from deploy.embedded.server import Place, Server
from deploy.embedded.valkey import Valkey


def _say_on_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class Stack:
    """PostgreSQL, Valkey and SeaweedFS on loopback, with their data under `var`.

    `given` is the environment that is looked at for URLs; a server that has one there is not started.
    `durable` false is for tests: faster, and a power cut may ruin the data. A server that dies is started
    again; `say` gets a line about it.
    """

    def __init__(
        self,
        var: Path,
        *,
        ports: Ports | None = None,
        given: Mapping[str, str] | None = None,
        durable: bool = True,
        say: Callable[[str], None] = _say_on_stderr,
    ) -> None:
        self.var = var.resolve()
        self._given = dict(os.environ if given is None else given)
        self._ports = ports or Ports.from_environment(self._given)
        self._durable = durable
        self._say = say
        self._lock = FolderLock(self.var)
        self._keeper: Keeper | None = None
        self.servers: list[Server] = []

    def start(self) -> dict[str, str]:
        """Start what is missing, wait until it answers, and return the variables for our own programs.

        Raises an EmbeddedError (FolderInUse, PortInUse, ServerNotReady …) after stopping what was started.
        """
        make_folder(self.var)
        self._lock.acquire()
        try:
            credentials = keep_credentials(self.var / "secrets.json")
            self.servers = self._choose_servers(credentials)
            self._start_servers()
        except BaseException:
            self.stop()
            raise
        environment = {"SECRET_KEY": credentials.secret_key}
        for server in self.servers:
            environment |= server.environment()
        return {name: value for name, value in environment.items() if not self._given.get(name)}

    def _choose_servers(self, credentials: Credentials) -> list[Server]:
        chosen: list[tuple[type[Server], int]] = [
            (SeaweedFS, self._ports.s3),
            (Valkey, self._ports.valkey),
            # Last, because the others come up while initdb runs.
            (Postgres, self._ports.postgres),
        ]
        return [
            kind(
                place=Place.under(self.var, kind.name),
                port=port,
                credentials=credentials,
                durable=self._durable,
            )
            for kind, port in chosen
            if not self._given.get(kind.url_variable)
        ]

    def _start_servers(self) -> None:
        for server in self.servers:
            server.require_port()
        for server in self.servers:
            server.start()
        keeper = self._keeper = Keeper(say=self._say)
        for server in self.servers:
            self._wait_for(server)
            keeper.keep(server)

    def _wait_for(self, server: Server) -> None:
        """Wait until it answers. One that ends by itself is started once more: it chooses its inner ports anew.

        Between choosing a port and listening there, another program may have taken it. Raises ServerNotReady.
        """
        try:
            server.wait_ready()
        except ServerNotReady:
            if server.exit_code is None:
                raise
            server.start()
            server.wait_ready()

    @property
    def keeper(self) -> Keeper:
        """What restarts the servers; the supervisor adds its own services to it."""
        if self._keeper is None:
            raise RuntimeError("the stack is not running")
        return self._keeper

    def release(self) -> None:
        """Restart nothing from now on; for a supervisor that is about to stop things in its own order."""
        if self._keeper is not None:
            self._keeper.release()

    def stop(self) -> None:
        """Stop what was started, all at once, and let go of the folder. Safe to call twice."""
        self.release()
        running = [server.process for server in self.servers if server.process is not None]
        for process in running:
            process.ask_to_stop()
        begun = time.monotonic()
        for process in running:
            process.finish(deadline=begun + process.grace)
        for server in self.servers:
            server.stop()
        if self._keeper is not None:
            self._keeper.close()
            self._keeper = None
        self._lock.release()

    @contextmanager
    def running(self) -> Iterator[dict[str, str]]:
        """Start, yield the variables, stop."""
        environment = self.start()
        try:
            yield environment
        finally:
            self.stop()


def make_folder(folder: Path) -> None:
    """Make the folder of an installation. Raises FolderUnusable."""
    try:
        # Others may pass through (PostgreSQL's user must, if we are root) but see nothing.
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(f"{folder} can't be made: {error.strerror}. Choose another folder in VAR_DIR.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderUnusable(f"{folder} can't be written to. Choose another folder in VAR_DIR.")
