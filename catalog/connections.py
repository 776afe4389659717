"""A request's connection to the database: given back while nothing is asked of it, and questions kept planned."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection as own
from django.db import connections
from psycopg import Connection, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult
from psycopg_pool import ConnectionPool, PoolClosed

Row = tuple[str | None, ...]
_prepared: WeakKeyDictionary[Connection[Any], set[str]] = WeakKeyDictionary()
"""Which questions each of the pool's connections has."""


@dataclass(frozen=True, slots=True)
class PreparedQuestion:
    """A question that PostgreSQL reads and plans once a connection.

    To plan what ``visible_to`` asks takes it ten times as long as to answer it (0.52 and 0.06 ms). What is asked goes
    to libpq as it is: Django's and psycopg's way of a question through their layers takes twice as long as the answer.
    For questions of which there are few. ``name`` is one's own; ``sql`` has ``$1``, ``$2`` … for its values.
    """

    name: str
    sql: str

    def ask(self, *values: str) -> list[Row]:
        """The rows, each cell as PostgreSQL writes it (a text or None). Raises Django's errors of the database."""
        begun = time.monotonic()
        with own.wrap_database_errors, _connection() as connection:
            rows = self._asked(connection, values)
        if own.queries_logged:
            own.queries_log.append({"sql": self.sql, "time": f"{time.monotonic() - begun:.3f}"})
        return rows

    def _asked(self, connection: Connection[Any], values: tuple[str, ...]) -> list[Row]:
        server, name = connection.pgconn, self.name.encode()
        known = _prepared.setdefault(connection, set())
        if self.name not in known:
            made = server.prepare(name, self.sql.encode())
            if made.status != ExecStatus.COMMAND_OK:
                raise _error(connection, made)
            known.add(self.name)
        found = server.exec_prepared(name, [value.encode() for value in values])
        if found.status != ExecStatus.TUPLES_OK:
            raise _error(connection, found)
        columns = range(found.nfields)
        return [tuple(_text(found.get_value(row, column)) for column in columns) for row in range(found.ntuples)]


def _error(connection: Connection[Any], result: PGresult) -> Exception:
    """What psycopg would raise: a connection that is gone has no code of an error that could be told by."""
    if connection.pgconn.status == ConnStatus.BAD:
        return OperationalError(result.get_error_message())
    return error_from_result(result)


def _text(cell: bytes | None) -> str | None:
    return None if cell is None else cell.decode()


@contextmanager
def _connection() -> Iterator[Connection[Any]]:
    """The request's own where it has one, which may be in a transaction; else one of the pool, for this question."""
    # Django's stubs know neither a pool nor whose a connection is.
    database: Any = own
    pool: ConnectionPool[Connection[Any]] | None = database.pool
    if pool is None or database.connection is not None or database.in_atomic_block:
        database.ensure_connection()
        yield database.connection
        return
    try:
        connection = pool.getconn()
    except PoolClosed:
        # Django opens it with the first connection of the process.
        pool.open()
        connection = pool.getconn()
    try:
        yield connection
    finally:
        pool.putconn(connection)


def give_back_connections() -> None:
    """Before an answer takes its time: a query may last for half a minute, a download for an hour.

    A request holds one of the pool's few connections (DATABASE_POOL_MAX) to its end otherwise, and others would wait
    for it in vain. The next question to the database takes another.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
