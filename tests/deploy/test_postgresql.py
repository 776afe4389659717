"""The pool of connections: what it hands out lives, and it asks no server for that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from psycopg import OperationalError

from catalog.connections import prepared_cursor
from deploy.postgresql.base import DatabaseWrapper, require_quiet

pytestmark = pytest.mark.django_db


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    """Another connection to the tests' database, with a pool of one of its own."""
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1, "timeout": 10}}
    own = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options})
    own._connection_pools = {}
    yield own
    own.close()
    own.close_pool()


def number_of(database: DatabaseWrapper) -> int:
    """The server's process behind the next connection that is handed out, which is given back."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (found,) = cursor.fetchone()
    database.close()
    return int(found)


def test_a_connection_is_handed_out_again_and_again(pooled: DatabaseWrapper) -> None:
    assert number_of(pooled) == number_of(pooled)


def test_one_that_the_server_ended_is_not(pooled: DatabaseWrapper) -> None:
    before = number_of(pooled)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    assert number_of(pooled) != before


def test_nothing_is_asked_of_the_server(pooled: DatabaseWrapper) -> None:
    number_of(pooled)
    pool: Any = pooled.pool
    with pool.connection() as idle:
        require_quiet(idle)
        with connection.cursor() as cursor:
            cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [idle.info.backend_pid])
            assert cursor.fetchone() == ("SELECT pg_backend_pid()",)
        idle.execute("LISTEN news")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [idle.info.backend_pid])
        with pytest.raises(OperationalError):
            require_quiet(idle)


def test_a_prepared_question_is_planned_once_and_counted_like_others(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        for number in range(3):
            with prepared_cursor() as cursor:
                cursor.execute("SELECT %s::int + 1 AS prepared_for_this_test", [number])
                assert cursor.fetchone() == (number + 1,)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ["%prepared_for_this_test%"],
        )
        assert cursor.fetchall() == [(3,)]
