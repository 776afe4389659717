import pytest

from catalog.selectors.search import Query, search
from catalog.services.cataloguing.datasets import Description, update_dataset
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shelf(module_db, django_db_blocker):
    """Three published datasets, one private, one without a version."""
    with django_db_blocker.unblock():
        cast = make_cast()
        make_published(cast, make_dataset(cast, slug="birds", title="Birds of the coast", keywords=["ecology"]))
        make_published(cast, make_dataset(cast, slug="air", title="Air quality in the delta", license="CC0-1.0"))
        make_published(cast, make_dataset(cast, slug="zh", title="太湖水质断面数据", access="restricted"))
        make_published(cast, make_dataset(cast, slug="hidden", title="Birds that nobody sees", access="private"))
        make_dataset(cast, slug="new", title="Birds without a version")
    return cast


def found(actor, **query):
    return [dataset.slug for dataset in search(actor=actor, query=Query(**query))[:100]]


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("birds", ["birds"]),
        ("bird", ["birds"]),
        ("coast bird", ["birds"]),
        ("qualty", ["air"]),
        ("水质", ["zh"]),
        ("amount", ["birds", "air", "zh"]),
        ("ecology", ["birds"]),
        ("-birds delta", ["air"]),
        ("nothing like this", []),
        ('"unbalanced', []),
        ("100%_\\", []),
    ],
)
def test_words_find_titles_columns_and_keywords(shelf, text, slugs):
    assert sorted(found(shelf.stranger, text=text)) == sorted(slugs)


def test_members_find_what_others_do_not(shelf):
    assert sorted(found(shelf.reader, text="birds")) == ["birds", "hidden", "new"]


def test_facets_are_or_within_and_and_between(shelf):
    chosen = {"license": ["CC0-1.0", "CC-BY-4.0"], "access": ["public"]}
    assert sorted(found(shelf.stranger, chosen=chosen)) == ["air", "birds"]
    assert found(shelf.stranger, chosen={**chosen, "keyword": ["ecology"]}) == ["birds"]


def test_a_facet_counts_what_each_choice_would_give(shelf):
    facets = search(actor=shelf.stranger, query=Query(chosen={"access": ["restricted"]})).facets()
    assert {value.value: (value.count, value.active) for value in facets["access"]} == {
        "public": (2, False),
        "restricted": (1, True),
    }
    assert {value.value: value.count for value in facets["license"]} == {"CC-BY-4.0": 1}
    assert {value.value: value.count for value in facets["format"]} == {"csv": 1}


def test_a_choice_that_gives_nothing_stays_to_be_taken_away(shelf):
    facets = search(actor=shelf.stranger, query=Query(chosen={"keyword": ["none"]})).facets()
    assert [(value.value, value.count, value.active) for value in facets["keyword"] if value.active] == [
        ("none", 0, True)
    ]


def test_the_index_follows_the_description(shelf):
    dataset = shelf.organization.datasets.get(slug="air")
    update_dataset(actor=shelf.owner, dataset=dataset, description=Description(title="Ozone"))
    assert found(shelf.stranger, text="ozone") == ["air"]
    assert found(shelf.stranger, text="delta") == []


def test_a_page_of_results_takes_the_same_queries_however_long(shelf, api, django_assert_num_queries):
    with django_assert_num_queries(3):
        answer = api().get("/api/v1/datasets")
    assert answer.json()["count"] == 3


def test_others_find_with_the_same_words_what_they_may_see(shelf):
    assert found(shelf.stranger, text="nobody") == []
    assert found(shelf.reader, text="nobody") == ["hidden"]
    assert found(shelf.stranger, text="nobody") == []
