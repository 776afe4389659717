"""The pool of connections: what it hands out lives, and it asks no server for that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DataError, OperationalError, ProgrammingError, connection, transaction

from catalog import connections
from catalog.connections import PreparedQuestion
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
        with pytest.raises(psycopg.OperationalError):
            require_quiet(idle)


def test_a_prepared_question_is_planned_once_and_counted_like_others(django_assert_num_queries: Any) -> None:
    question = PreparedQuestion("of this test", "SELECT $1::int + 1 AS prepared_for_this_test, NULL")
    with django_assert_num_queries(3):
        for number in range(3):
            assert question.ask(str(number)) == [(str(number + 1), None)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE name = 'of this test'")
        assert cursor.fetchall() == [(3,)]


def test_what_a_prepared_question_is_refused_for_is_an_error_of_the_database() -> None:
    with pytest.raises(DataError), transaction.atomic():
        PreparedQuestion("no number", "SELECT $1::int").ask("many")
    with pytest.raises(ProgrammingError), transaction.atomic():
        PreparedQuestion("no table", "SELECT $1 FROM nowhere").ask("1")


def test_without_a_connection_of_the_request_it_takes_one_of_the_pool_and_gives_it_back(
    pooled: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "own", pooled)
    question = PreparedQuestion("of the pool", "SELECT pg_backend_pid()::text, $1")
    first = question.ask("a")
    assert question.ask("b") == [(first[0][0], "b")]
    assert pooled.connection is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [int(str(first[0][0]))])
    [(another, value)] = question.ask("c")
    assert (another != first[0][0], value) == (True, "c")


def test_a_connection_that_breaks_while_it_is_asked_is_replaced(
    pooled: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "own", pooled)
    with pytest.raises(OperationalError):
        PreparedQuestion("its own end", "SELECT pg_terminate_backend(pg_backend_pid())::text, $1").ask("a")
    assert PreparedQuestion("after it", "SELECT $1").ask("b") == [("b",)]
