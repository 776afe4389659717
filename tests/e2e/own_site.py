"""A whole site for a module of browser tests, empty but for its people.

Its programs are started once a process (that costs half a minute of a processor), and emptied for each module: a module
finds nothing of another, and counts what is there as if it were alone.
"""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
import redis

from tests.fixtures.site import QUIET, serve_open_data, start_site, stop_site
from tests.ingest.tls_servers import Server

ROOT = Path(__file__).resolve().parents[2]
SEED = """
import django; django.setup()
from allauth.account.models import EmailAddress
from catalog.models import User
from tests.fixtures.people import make_cast
make_cast()
for user in User.objects.all():
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""
GRACE = 5
"""Seconds in which a steward's decision on a page may be undone."""
FOLLOWS = {"catalog_auditpending", "catalog_auditlink"}
"""What a trigger, and then the sweep, write of each event of the audit trail by themselves."""
ROUTES = b"_kombu."
"""Begins the keys of the broker by which messages find their queues; the rest are messages and caches."""


@dataclass(frozen=True)
class OwnSite:
    """``url`` of the web, ``s3`` of the object store; people as tests.fixtures.people makes them.

    ``open_data`` stands for the open internet.
    """

    url: str
    s3: str
    environment: dict[str, str]
    folder: Path
    open_data: Server

    def run(self, code: str) -> str:
        """Run Python with the site's settings; what it prints."""
        program = [sys.executable, "-c", code]
        return subprocess.check_output(program, env=self.environment, cwd=ROOT, text=True)

    def ask(self, code: str) -> Any:
        """The JSON that the code leaves in ``answer``."""
        return json.loads(self.run(f"import django, json; django.setup()\n{code}\nprint(json.dumps(answer))"))


def own_site() -> OwnSite:
    """The site, emptied."""
    running = _Running.once()
    running.empty()
    running.fill()
    return running.site


class _Running:
    """The programs of a site, until this process ends."""

    @classmethod
    @functools.cache
    def once(cls) -> _Running:
        return cls()

    def __init__(self) -> None:
        folder = Path(mkdtemp(prefix="commonfield-e2e-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        (folder / "authority").mkdir()
        open_data = serve_open_data(folder / "authority")
        atexit.register(open_data.close)
        # With DEBUG, no static files are collected, which takes seconds.
        settings = {"DEBUG": "1", "DECISION_GRACE": str(GRACE), **QUIET, **open_data.settings}
        # The audit trail can be emptied only in a database whose name says that it is for tests.
        programs = start_site(folder, name="test_pages", broker=13, people=False, **settings)
        atexit.register(stop_site, programs)
        environment = programs.environment
        self.site = OwnSite(programs.url, environment["S3_ENDPOINT_URL"], environment, folder, open_data)
        self._people: dict[str, bytes] = {}
        with self._database() as database:
            self._filled = {table for table in _tables(database) if _has_rows(database, table)}

    def fill(self) -> None:
        """The people. They are made once, by the services, and put back as rows after that: a Python less for each."""
        with self._database() as database:
            if self._people:
                # Foreign keys are looked at when the transaction ends.
                with database.transaction():
                    for table, rows in self._people.items():
                        _put_rows(database, table, rows)
                return
            self.site.run(SEED)
            made = {table for table in _tables(database) if _has_rows(database, table)} - self._filled - FOLLOWS
            self._people = {table: _get_rows(database, table) for table in sorted(made)}

    def empty(self) -> None:
        """Back to what the migrations made. Objects stay in the store: nothing leads to them any more."""
        with self._database() as database:
            emptied = [table for table in _tables(database) if table not in self._filled]
            while True:
                # A job of the last module may still be at work, and stand in our way as we do in its.
                with suppress(psycopg.errors.DeadlockDetected):
                    database.execute(f"TRUNCATE {', '.join(emptied)}")
                    break
        with redis.Redis.from_url(self.site.environment["BROKER_URL"]) as broker:
            gone = [key for key in broker.scan_iter() if not key.startswith(ROUTES)]
            if gone:
                broker.delete(*gone)

    @contextmanager
    def _database(self) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.site.environment["DATABASE_URL"], autocommit=True) as connection:
            yield connection


def _tables(database: psycopg.Connection[Any]) -> list[str]:
    found = database.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return [name for (name,) in found]


def _get_rows(database: psycopg.Connection[Any], table: str) -> bytes:
    with database.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as rows:
        return b"".join(rows)


def _put_rows(database: psycopg.Connection[Any], table: str, rows: bytes) -> None:
    with database.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as into:
        into.write(rows)


def _has_rows(database: psycopg.Connection[Any], table: str) -> bool:
    return bool(database.execute(f"SELECT EXISTS (SELECT FROM {table})").fetchall()[0][0])
