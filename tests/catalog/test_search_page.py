"""The page of the search: facets of very many values, and strips that are read once and are never old."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Dataset
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def cast(module_db: Any, django_db_blocker: Any) -> Cast:
    """Three published datasets with sixty keywords together, five of them everywhere."""
    with django_db_blocker.unblock():
        people = make_cast()
        for place in range(3):
            own = [f"word{number:02}" for number in range(place * 19, place * 19 + 15)]
            keywords = ["a", "b", "c", "d", "e", *own]
            make_published(people, make_dataset(people, slug=f"set{place}", title=f"Set {place}", keywords=keywords))
    return people


def keywords_of(client: Client, address: str) -> list[str]:
    found = client.get(address)
    assert found.status_code == 200
    return re.findall(r'name="keyword" value="([^"]+)"', found.content.decode().partition('id="filters"')[2])


def test_a_facet_of_many_values_gives_the_rest_when_they_are_asked_for(cast: Cast, client: Client) -> None:
    assert len(keywords_of(client, "/")) == 8
    page = client.get("/?q=set").content.decode()
    assert "Show all 50" in page
    assert 'href="?q=set&amp;all=keyword"' in page
    everything = keywords_of(client, "/?q=set&all=keyword")
    assert len(everything) == len(set(everything)) == 50


def test_what_is_chosen_stays_a_field_however_rare_it_is(cast: Cast, client: Client) -> None:
    chosen = [f"word{number:02}" for number in range(12)]
    address = "/?" + "&".join(f"keyword={word}" for word in chosen)
    found = keywords_of(client, address)
    assert set(chosen) <= set(found)
    assert len(found) == len(set(found)) < 50
    every = keywords_of(client, f"{address}&all=keyword")
    assert len(every) == len(set(every)) == 50


def strips(client: Client) -> dict[str, str]:
    page = client.get("/").content.decode()
    return {
        re.search(r">(Set \d)<", article)[1]: re.search(r"<svg class=\"strip.*?</svg>", article)[0]  # type: ignore[index]
        for article in page.split("<article")[1:]
    }


def test_a_strip_is_that_of_its_dataset_and_read_once(cast: Cast, client: Client) -> None:
    schema = {"fields": [{"name": "<b>&", "type": "integer"}, {"name": "two", "type": "date"}]}
    sql = "SELECT range AS \"<b>&\", DATE '2026-01-01' AS two FROM range(100)"
    make_published(cast, make_dataset(cast, slug="hostile", title="Set 7"), sql=sql, schema=schema)
    with CaptureQueriesContext(connection) as asked:
        first = strips(client)
    assert len(profiles(asked)) == 1
    assert "<title>&lt;b&gt;&amp;: number</title>" in first["Set 7"]
    assert 'aria-label="2 columns: 1 number, 1 date or time"' in first["Set 7"]
    assert "two" not in first["Set 0"]
    with CaptureQueriesContext(connection) as asked:
        assert strips(client) == first
    assert profiles(asked) == []


def profiles(asked: CaptureQueriesContext) -> list[str]:
    return [query["sql"] for query in asked if '"catalog_resource"."profile"' in query["sql"]]


def test_a_new_version_has_a_strip_of_its_own(cast: Cast, client: Client) -> None:
    before = strips(client)
    sql = "SELECT range AS other FROM range(100)"
    dataset = Dataset.objects.get(slug="set2")
    make_published(cast, dataset, sql=sql, schema={"fields": [{"name": "other", "type": "integer"}]})
    after = strips(client)
    assert "<title>other: number</title>" in after["Set 2"]
    assert (after["Set 0"], after["Set 1"]) == (before["Set 0"], before["Set 1"])


def test_the_words_in_a_strip_are_the_readers(cast: Cast, client: Client) -> None:
    english = strips(client)
    client.cookies["django_language"] = "zh-hans"
    assert strips(client)["Set 0"] != english["Set 0"]
    client.cookies["django_language"] = "en"
    assert strips(client) == english


def test_a_dataset_without_a_table_has_no_strip(cast: Cast, client: Client) -> None:
    make_dataset(cast, slug="empty", title="Set 9")
    assert Dataset.objects.get(slug="empty").latest is None
    client.force_login(cast.owner.user)
    page = client.get("/?q=9").content.decode()
    assert "Set 9" in page
    assert '<svg class="strip' not in page
