"""The database backend of the settings; Django looks for ``DatabaseWrapper`` in a module of this name."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool

NO_DATABASE = "__no_db__"


def require_quiet(connection: Connection[Any]) -> None:
    """Close an idle connection whose other end is gone, or says what nobody asked for, and raise OperationalError.

    Django's own check asks the server, which takes as long as a small query: 0.1 ms here and as much there. A server
    that ends closes its sockets, and a closed one can be read from (its end); an idle one never has anything to read.
    """
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    if poll.poll(0):
        # The pool would take it back: it asks the library, which has not heard of it yet.
        connection.close()
        raise OperationalError("the server has ended this connection")


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, but for the check of what the pool hands out."""

    if TYPE_CHECKING:
        # The stubs lack both.
        _connection_pools: dict[str, ConnectionPool[Any]]

        def _configure_connection(self, connection: Connection[Any]) -> None: ...

    @property
    def pool(self) -> ConnectionPool[Any] | None:
        """The pool of this database in this process; None where there is to be none."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DATABASE or not options:
            return None
        if self.alias not in self._connection_pools:
            made: ConnectionPool[Any] = ConnectionPool(
                # Django sets the mode of a connection when it takes it.
                kwargs=self.get_connection_params() | {"autocommit": True},
                open=False,
                configure=self._configure_connection,
                check=require_quiet,
                **options,
            )
            # Threads may come here together; the pools of all but the first were never opened.
            self._connection_pools.setdefault(self.alias, made)
        return self._connection_pools[self.alias]
