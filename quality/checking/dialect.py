"""SQLAlchemy on DuckDB, as much of it as Great Expectations needs, over tables that DuckDB views.

Great Expectations 1.24 knows no DuckDB, and the public dialect (duckdb-engine 0.17) fails under it for
three reasons, each cured here:

1. Great Expectations reads a result after it has closed the connection. DuckDB's only result belongs to the
   connection and a rollback wipes it: every cursor here is a DuckDB cursor of its own, and rolling back does
   nothing.
2. It has no regular expression function for a dialect called ``duckdb`` and emits Postgres's ``~``, which is
   a *full* match in DuckDB. The class attribute ``DremioDialect`` makes it emit ``REGEXP_MATCHES``, which is
   a search in DuckDB, as in pandas (great_expectations/expectations/metrics/util.py).
3. Reflection through ``pg_catalog`` loses the column types: here it is ``DESCRIBE``.

A connection is only ever borrowed: the engine opens a *named* in-memory database (``:memory:name`` is shared
inside a process), and ``duckdbparquet:///:memory:name`` joins it.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Any, ClassVar

import duckdb
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.base import PGDialect, PGIdentifierPreparer
from sqlalchemy.types import TypeEngine

from quality.checking.type_names import UNKNOWN, name_of

SCHEME = "duckdbparquet"


def sqlalchemy_type(sql_type: str) -> TypeEngine[Any]:
    """The SQLAlchemy type of a column that DESCRIBE calls so; Great Expectations compares its class's *name*."""
    name = name_of(sql_type)
    found: TypeEngine[Any] = sa.types.NullType() if name == UNKNOWN else getattr(sa, name)()
    return found


class Cursor:
    """A DB-API cursor with a DuckDB cursor of its own, so that its rows outlive the connection (point 1)."""

    arraysize = 1
    rowcount = -1
    lastrowid = None

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._cursor = connection.cursor()

    @property
    def description(self) -> list[tuple[Any, ...]] | None:
        # DuckDB's stub says that there always is one; before the first statement there is none.
        columns: list[Any] | None = self._cursor.description
        return None if columns is None else [(*column[:2], None, None, None, None, None) for column in columns]

    def execute(self, sql: str, parameters: Sequence[Any] | None = None) -> None:
        self._cursor.execute(sql, list(parameters) if parameters else None)

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self._cursor.executemany(sql, [list(row) for row in rows])

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._cursor.fetchone()

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        return self._cursor.fetchmany(size)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._cursor.fetchall()

    def close(self) -> None:
        self._cursor.close()


class Connection:
    """A DB-API connection onto a database that somebody else opened and will close."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> Cursor:
        return Cursor(self._connection)

    def commit(self) -> None:
        """Nothing is ever written."""

    def rollback(self) -> None:
        """Nothing is ever written."""

    def close(self) -> None:
        self._connection.close()


def _connect(database: str) -> Connection:
    return Connection(duckdb.connect(database))


DBAPI = types.SimpleNamespace(
    paramstyle="qmark",
    apilevel="2.0",
    threadsafety=1,
    version=duckdb.__version__,
    connect=_connect,
    Error=duckdb.Error,
    Warning=Warning,
    InterfaceError=duckdb.Error,
    DatabaseError=duckdb.DatabaseError,
    OperationalError=duckdb.OperationalError,
    IntegrityError=duckdb.IntegrityError,
    InternalError=duckdb.InternalError,
    ProgrammingError=duckdb.ProgrammingError,
    NotSupportedError=duckdb.NotSupportedError,
    DataError=duckdb.DataError,
)


class Quoting(PGIdentifierPreparer):
    """Quotes every name: DuckDB reserves words that Postgres does not, such as ``at``."""

    def _requires_quotes(self, value: str) -> bool:  # noqa: ARG002 (the signature is SQLAlchemy's)
        return True


class DuckDBParquetDialect(PGDialect):
    """DuckDB speaks Postgres's SELECT; connecting and reflecting are its own."""

    name = "duckdb"
    driver = "parquet"
    default_paramstyle = "qmark"
    preparer = Quoting
    DremioDialect: ClassVar[bool] = True
    supports_statement_cache = False
    supports_native_enum = False
    supports_sane_rowcount = False
    implicit_returning = False

    @classmethod
    def import_dbapi(cls) -> Any:
        return DBAPI

    def create_connect_args(self, url: sa.URL) -> tuple[list[Any], dict[str, Any]]:
        return [], {"database": url.database or ":memory:"}

    def initialize(self, connection: sa.Connection) -> None:  # noqa: ARG002 (the signature is SQLAlchemy's)
        self.server_version_info = (14, 0)
        self.default_schema_name = "main"

    def on_connect(self) -> None:
        """PGDialect would set an isolation level here; DuckDB has one."""

    def get_isolation_level(self, dbapi_connection: Any) -> Any:  # noqa: ARG002
        return "AUTOCOMMIT"

    def has_table(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> bool:  # noqa: ARG002
        query = "SELECT 1 FROM information_schema.tables WHERE table_name = ?"
        return bool(connection.exec_driver_sql(query, (table_name,)).fetchall())

    def get_schema_names(self, connection: Any, **kw: Any) -> list[str]:  # noqa: ARG002
        return ["main"]

    def get_table_names(self, connection: Any, schema: Any = None, **kw: Any) -> list[str]:  # noqa: ARG002
        return self._names(connection, "BASE TABLE")

    def get_view_names(self, connection: Any, schema: Any = None, **kw: Any) -> list[str]:  # noqa: ARG002
        return self._names(connection, "VIEW")

    def get_columns(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> Any:  # noqa: ARG002
        quoted = self.identifier_preparer.quote_identifier(table_name)
        return [
            {
                "name": name,
                "type": sqlalchemy_type(sql_type),
                "nullable": True,
                "default": None,
                "autoincrement": False,
            }
            for name, sql_type, *_ in connection.exec_driver_sql(f"DESCRIBE {quoted}").fetchall()
        ]

    def get_pk_constraint(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> Any:  # noqa: ARG002
        return {"constrained_columns": [], "name": None}

    def get_foreign_keys(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> Any:  # noqa: ARG002
        return []

    def get_indexes(self, connection: Any, table_name: str, schema: Any = None, **kw: Any) -> Any:  # noqa: ARG002
        return []

    def _names(self, connection: Any, kind: str) -> list[str]:
        query = "SELECT table_name FROM information_schema.tables WHERE table_type = ?"
        return [row[0] for row in connection.exec_driver_sql(query, (kind,)).fetchall()]


registry.register(SCHEME, __name__, "DuckDBParquetDialect")
