"""What a search remembers: the rows of its words, until any dataset changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actor import Actor
from catalog.models import Dataset
from catalog.selectors import matching
from catalog.selectors.search import Query, search
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import make_cast

# What a transaction that is not committed wrote is read anew each time: nothing is remembered beside it.
pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = ("catalog_datasets_with", "LIKE", "%>", "ts_rank")


def look(actor: Actor, text: str, **chosen: list[str]) -> tuple[list[str], list[str]]:
    """What is found, and what the indexes of words were asked."""
    with CaptureQueriesContext(connection) as asked:
        slugs = [dataset.slug for dataset in search(actor=actor, query=Query(text=text, chosen=chosen))[:100]]
    return slugs, [kind for item in asked for kind in LOOKS if kind in item["sql"]]


def test_words_are_looked_up_once_until_a_dataset_changes(bucket: None) -> None:
    cast = make_cast()
    make_published(cast, make_dataset(cast, slug="birds", title="Birds of the coast"))
    make_published(cast, make_dataset(cast, slug="air", title="Air quality in the delta"))
    stranger = cast.stranger
    for text, slug, looks in (
        ("birds", "birds", ["catalog_datasets_with", "ts_rank"]),
        ("ir qual", "air", ["catalog_datasets_with", "LIKE", "ts_rank"]),
        ("qualty delta", "air", ["catalog_datasets_with", "LIKE", "%>", "ts_rank"]),
    ):
        assert look(stranger, text) == ([slug], looks)
        assert look(stranger, text) == ([slug], [])
        assert look(cast.reader, text) == ([slug], [])
        assert look(stranger, text, access=["restricted"]) == ([], [])
    Dataset.objects.filter(slug="air").update(title="Air quality in the delta of birds")
    again, asked = look(stranger, "birds")
    assert (again, asked[0]) == (["birds"], "catalog_datasets_with")


def test_few_questions_are_remembered(bucket: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "REMEMBERED", 2)
    cast = make_cast()
    make_published(cast, make_dataset(cast, slug="birds", title="Birds of the coast", keywords=["air", "ecology"]))
    first: Any = [look(cast.stranger, text) for text in ("birds", "air", "ecology")]
    assert [asked for _, asked in first] == [["catalog_datasets_with", "ts_rank"]] * 3
    assert look(cast.stranger, "ecology")[1] == []
    assert look(cast.stranger, "birds")[1] == ["catalog_datasets_with", "ts_rank"]


def test_the_order_of_titles_is_asked_for_once(bucket: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.selectors.search.SORTED", 1)
    cast = make_cast()
    for title in ("Beech", "Ash", "Oak"):
        make_published(cast, make_dataset(cast, slug=title.lower(), title=title))

    def titles() -> tuple[list[str], int]:
        with CaptureQueriesContext(connection) as asked:
            found = [dataset.title for dataset in search(actor=cast.stranger, query=Query(sort="title"))[:10]]
        return found, sum("ARRAY_AGG" in item["sql"] for item in asked)

    assert titles() == (["Ash", "Beech", "Oak"], 1)
    assert titles() == (["Ash", "Beech", "Oak"], 0)
    Dataset.objects.filter(title="Ash").update(title="Yew")
    assert titles() == (["Beech", "Oak", "Yew"], 1)
