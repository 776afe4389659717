"""What the search counts while others write: each change from the moment at which it is committed."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection, transaction

from catalog.models import Dataset
from catalog.selectors.search import Query, search
from tests.fixtures.people import make_cast
from tests.fixtures.shelves import make_shelf


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_is_counted_then():
    """Numbers of transactions are given when they begin to write: the later one may be there first."""
    cast = make_cast()
    first, second = [row for row in make_shelf([cast.organization], cast.owner.user, 30) if row.latest_id][:2]
    pks = [first.pk, second.pk]

    def counts():
        by_access = search(actor=cast.owner, query=Query()).facets()["access"]
        return {value.value: value.count for value in by_access}

    Dataset.objects.filter(pk__in=pks).update(access="public")
    before = counts()
    with transaction.atomic():
        Dataset.objects.filter(pk__in=pks).update(access="private")
        assert counts()["public"] == before["public"] - 2
        transaction.set_rollback(True)
    assert counts() == before
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as slow:
        slow.execute("UPDATE catalog_dataset SET access = 'private' WHERE id = %s", [first.pk])
        assert counts() == before
        Dataset.objects.filter(pk=second.pk).update(access="private")
        assert counts()["public"] == before["public"] - 1
        slow.commit()
    assert counts()["public"] == before["public"] - 2
    assert counts()["private"] == before.get("private", 0) + 2
