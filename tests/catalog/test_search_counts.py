"""Search at any size: the counts are those of a naive count, the order is the database's, the queries are as many."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.actor import ANONYMOUS, Actor, Limit
from catalog.models import AccessGrant, Dataset
from catalog.selectors import facet_columns
from catalog.selectors import search as searching
from catalog.selectors.facet_columns import current_columns
from catalog.selectors.search import FACETS, Query, search
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.membership.organizations import create_organization
from tests.fixtures.people import make_cast
from tests.fixtures.shelves import make_shelf

pytestmark = pytest.mark.django_db
EVERYBODY = ("nobody", "stranger", "reader", "grantee", "staff", "limited", "without read")


@pytest.fixture(scope="module")
def world(module_db, django_db_blocker):
    """Sixty datasets of three organizations; the cast belongs to one, and the grantee is given a private one."""
    with django_db_blocker.unblock():
        cast = make_cast()
        others = [create_organization(actor=cast.steward, slug=slug, title=slug.title()) for slug in ("lab", "museum")]
        rows = make_shelf([cast.organization, *others], cast.owner.user, 60)
        given = next(row for row in rows if row.access == "private" and row.latest_id)
        AccessGrant.objects.create(dataset=given, user=cast.grantee.user, all_versions=True, granted_by=cast.owner.user)
    return cast


def actors(cast):
    staff = cast.stranger.user.__class__.objects.get(pk=cast.stranger.user.pk)
    staff.is_staff = True
    some = frozenset(Dataset.objects.order_by("pk").values_list("pk", flat=True)[:20])
    return {
        "nobody": ANONYMOUS,
        "stranger": cast.stranger,
        "reader": cast.reader,
        "grantee": cast.grantee,
        "staff": Actor(staff),
        "limited": Actor(cast.reader.user, frozenset({"read"}), "", 1, Limit(datasets=some)),
        "without read": Actor(cast.reader.user, frozenset({"upload"})),
    }


def values_of(dataset, name):
    """What a dataset has of a facet, read from its rows one by one."""
    latest = dataset.latest
    return {
        "access": lambda: {dataset.access},
        "license": lambda: {dataset.license},
        "keyword": lambda: set(dataset.keywords),
        "organization": lambda: {dataset.organization.slug},
        "quality": lambda: {latest.verdict} if latest else set(),
        "format": lambda: {row.format for row in latest.resources.all()} if latest else set(),
    }[name]()


def naive(actor, query):
    """The pks, and each facet's counts beside the other choices."""
    rows = list(Dataset.objects.visible_to(actor).select_related("latest", "organization"))
    if query.text:
        rows = [row for row in rows if query.text in f"{row.title} {row.description}".casefold()]
    chosen = {name: set(values) for name, values in query.chosen.items() if values}

    def fits(row, but=""):
        return all(values_of(row, name) & values for name, values in chosen.items() if name != but)

    counts = {
        name: Counter(value for row in rows if fits(row, name) for value in values_of(row, name)) for name in FACETS
    }
    return {row.pk for row in rows if fits(row)}, counts


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(text="river"),
        Query(chosen={"access": ["public", "private"]}),
        Query(chosen={"license": ["CC0-1.0"], "format": ["csv", "json"], "organization": ["lab", "museum"]}),
        Query(text="penguin", chosen={"quality": ["passed"], "keyword": ["农业", "air"]}),
    ],
    ids=["all", "word", "access", "three", "both"],
)
def test_totals_and_facets_are_those_of_a_naive_count(world, who, query):
    actor = actors(world)[who]
    found = search(actor=actor, query=query)
    pks, counts = naive(actor, query)
    assert {row.pk for row in found[:100]} == pks
    assert found.count() == len(pks)
    for name, values in found.facets().items():
        told = {value.value: value.count for value in values if value.count}
        assert told == dict(counts[name]), name
        assert [v.count for v in values] == sorted((v.count for v in values), reverse=True)


@pytest.mark.parametrize("sort", ["newest", "title"])
@pytest.mark.parametrize("sorted_by_number", [2_000, 3], ids=["few", "many"])
def test_the_order_is_the_databases(world, monkeypatch, sort, sorted_by_number):
    monkeypatch.setattr(searching, "SORTED", sorted_by_number)
    orders = {
        "newest": (F("latest__published_at").desc(nulls_last=True), "-modified", "pk"),
        "title": ("title", "pk"),
    }
    expected = list(Dataset.objects.visible_to(world.reader).order_by(*orders[sort]).values_list("pk", flat=True))
    found = search(actor=world.reader, query=Query(sort=sort))
    assert [row.pk for row in found[0:100]] == expected
    assert [row.pk for row in found[20:25]] == expected[20:25]


def test_of_many_matches_those_with_the_word_in_the_title_come_first(world, monkeypatch):
    monkeypatch.setattr(searching, "RANKED", 5)
    rows = search(actor=world.reader, query=Query(text="river"))[:100]
    in_title = ["river" in row.title.casefold() for row in rows]
    assert in_title.count(True) > 5
    assert in_title[:5] == [True] * 5
    behind = [row.latest.published_at if row.latest else None for row in rows[5:]]
    dated = [moment for moment in behind if moment is not None]
    assert dated == sorted(dated, reverse=True)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("水质", "太湖水质断面数据"),
        ("质断面", "太湖水质断面数据"),
        ("太湖 数据", "太湖水质断面数据"),
        ("湖", "太湖水质断面数据"),
        ("hrombocyt", "Thrombocytes"),
        ("trombocytes", "Thrombocytes"),
    ],
)
def test_parts_of_words_and_mistakes_are_found(world, text, title):
    rows = make_shelf([world.organization], world.owner.user, 12, seed=9)
    row = next(row for row in rows if row.latest_id and row.access == "public")
    update_dataset(actor=world.owner, dataset=row, description=Description(title=title))
    assert [found.title for found in search(actor=ANONYMOUS, query=Query(text=text))[:5]] == [title]


def test_a_change_is_counted_at_once_and_one_that_was_taken_back_is_not(world):
    def public():
        facets = search(actor=ANONYMOUS, query=Query()).facets()
        return next(value.count for value in facets["access"] if value.value == "public")

    before = public()
    row = Dataset.objects.filter(access="public", latest__isnull=False).first()
    with transaction.atomic():
        Dataset.objects.filter(pk=row.pk).update(access="private")
        assert public() == before - 1
        make_shelf([world.organization], world.owner.user, 5, seed=4)
        assert search(actor=world.owner, query=Query()).count() == Dataset.objects.visible_to(world.owner).count()
        transaction.set_rollback(True)
    assert public() == before
    assert search(actor=world.owner, query=Query()).count() == Dataset.objects.visible_to(world.owner).count()


def test_columns_are_made_anew_when_too_many_of_their_rows_are_dead(world, monkeypatch):
    row = Dataset.objects.first()
    for _ in range(3):
        Dataset.objects.filter(pk=row.pk).update(modified=timezone.now() + timedelta(days=1))
        columns = current_columns()
    assert len(columns) > int(columns.alive.sum()) == Dataset.objects.count()
    monkeypatch.setattr(facet_columns, "DEAD_ROWS", 0)
    columns = current_columns()
    assert len(columns) == int(columns.alive.sum()) == Dataset.objects.count()


def test_as_many_queries_whatever_the_size(world, api):
    paths = [
        ("/api/v1/datasets", api()),
        ("/api/v1/search", api()),
        ("/api/v1/search?q=river&access=public&organization=lab", api()),
        ("/api/v1/search?q=river&sort=title", api(world.reader)),
        ("/?q=river", Client()),
        ("/", Client()),
    ]

    def counted():
        numbers = []
        for path, client in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path).status_code == 200
            numbers.append(len(asked))
        return numbers

    before = counted()
    make_shelf([world.organization], world.owner.user, 40, seed=2)
    assert counted() == before
    assert max(before) <= 10


def test_the_facet_of_formats_can_be_chosen_in_the_api(world, api):
    answer = api().get("/api/v1/search?format=json").json()
    assert answer["count"] == search(actor=ANONYMOUS, query=Query(chosen={"format": ["json"]})).count() > 0
