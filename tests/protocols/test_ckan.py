"""CKAN's Action API: names, envelopes, refusals, searching and rows. Its real client runs in tests/clients."""

from __future__ import annotations

import json
import logging
import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import AuditEvent, Dataset
from catalog.protocols.ckan.ids import Kind, id_of, key_of
from catalog.protocols.ckan.searching import Term, read_filters
from catalog.services.cataloguing.datasets import Description, update_dataset
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published
from tests.fixtures.people import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shelf(module_db, django_db_blocker):
    with django_db_blocker.unblock():
        cast = make_cast()
        make_published(cast, make_dataset(cast, slug="a", keywords=["birds", "lake"]))
        make_published(cast, make_dataset(cast, slug="b", keywords=["birds"], license="CC0-1.0", title="Fish"))
        make_published(cast, make_dataset(cast, slug="closed", access="restricted"))
        make_published(cast, make_dataset(cast, slug="secret", access="private", keywords=["hidden"]))
        make_checked_draft(cast, make_dataset(cast, slug="drafted"))
    return cast


def act(client, action, status=200, root="/api/3/action", **given):
    answer = client.post(f"{root}/{action}", given, format="json")
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert body["help"].endswith(f"/api/3/action/help_show?name={action}")
    assert body["success"] == (status == 200)
    return body["result"] if status == 200 else body["error"]


def names(found):
    return [item["name"] for item in found["results"]]


def table_id(client, package, **token):
    found = act(client, "package_show", id=package)
    return next(item["id"] for item in found["resources"] if item["datastore_active"])


def test_names_of_what_the_reader_may_see(api, shelf):
    everybody = ["institute_a", "institute_b", "institute_closed"]
    assert act(api(), "package_list") == everybody
    assert act(api(shelf.stranger), "package_list") == everybody
    assert act(api(), "package_list", limit=1, offset=1) == ["institute_b"]


@pytest.mark.parametrize("header", ["HTTP_AUTHORIZATION", "HTTP_X_CKAN_API_KEY"])
def test_a_bare_token_in_either_header(api, shelf, token_of, header):
    client = api()
    client.credentials(**{header: token_of(shelf.owner)})
    assert "institute_secret" in act(client, "package_list")
    client.credentials(**{header: "cfd_wrong"})
    assert act(client, "package_list", status=403)["__type"] == "Authorization Error"


def test_a_session_counts_for_nothing_here(api, shelf):
    assert "institute_secret" not in act(api(shelf.owner), "package_list")


def test_both_addresses_and_both_methods_mean_the_same(api, shelf):
    client = api()
    shown = act(client, "package_show", id="institute_a")
    assert act(client, "package_show", root="/api/action", id="institute_a") == shown
    assert client.get("/api/3/action/package_show?id=institute_a").json()["result"] == shown
    form = client.post("/api/3/action/package_show", "id=institute_a", content_type="application/x-www-form-urlencoded")
    assert form.json()["result"] == shown


def test_a_package_is_the_latest_version_with_its_files(api, shelf, settings):
    found = act(api(), "package_show", id="institute_a")
    assert (found["version"], found["title"], found["license_id"]) == ("1.0.0", "A", "CC-BY-4.0")
    assert found["organization"]["name"] == "institute"
    assert found["organization"]["id"] == found["owner_org"]
    assert [tag["name"] for tag in found["tags"]] == ["birds", "lake"]
    assert uuid.UUID(found["id"]).version == 8
    assert not found["metadata_modified"].endswith(("Z", "+00:00"))
    parquet, original = found["resources"]
    assert parquet["url"] == f"{settings.BASE_URL}/api/v1/datasets/institute/a/versions/1.0.0/resources/birds.parquet"
    assert (parquet["format"], parquet["datastore_active"]) == ("PARQUET", True)
    assert (original["format"], original["datastore_active"]) == ("CSV", False)
    assert original["name"] == "birds.csv"
    for item in (parquet, original):
        assert act(api(), "resource_show", id=item["id"]) == item


@pytest.mark.parametrize("name", ["institute_a", "institute/a", "institute_a@1.0.0", "institute_a@v1.0.0"])
def test_a_package_by_each_of_its_names(api, shelf, name):
    shown = act(api(), "package_show", id=name)
    assert act(api(), "package_show", id=shown["id"])["name"] == "institute_a"
    assert act(api(), "package_show", name_or_id=shown["id"])["version"] == "1.0.0"


@pytest.mark.parametrize(
    "name", ["institute_secret", "institute_drafted", "none", "institute_a@9.9.9", str(uuid.UUID(int=7))]
)
def test_what_is_not_to_be_seen_is_not_found(api, shelf, name):
    assert act(api(), "package_show", status=404, id=name)["__type"] == "Not Found Error"


@pytest.mark.parametrize(
    ("action", "given", "status", "kind"),
    [
        ("package_show", {}, 409, "Validation Error"),
        ("package_show", {"id": "a\0"}, 409, "Validation Error"),
        ("package_show", {"id": ["a"]}, 409, "Validation Error"),
        ("package_search", {"rows": "many"}, 409, "Validation Error"),
        ("package_search", {"rows": -1}, 409, "Validation Error"),
        ("organization_show", {"id": "none"}, 404, "Not Found Error"),
        ("group_show", {"id": "none"}, 404, "Not Found Error"),
        ("resource_show", {"id": "none"}, 404, "Not Found Error"),
        ("tag_show", {"id": "hidden"}, 404, "Not Found Error"),
        ("help_show", {"name": "none"}, 404, "Not Found Error"),
        ("datastore_search", {"resource_id": "none"}, 404, "Not Found Error"),
        ("datastore_search", {}, 409, "Validation Error"),
    ],
)
def test_refusals_are_ckans(api, shelf, action, given, status, kind):
    assert act(api(), action, status=status, **given)["__type"] == kind


def test_an_action_that_there_is_not(api):
    answer = api().get("/api/3/action/package_delete")
    assert (answer.status_code, answer.json()) == (400, "Bad request - Action name not known: package_delete")
    broken = api().post("/api/3/action/status_show", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["success"]) == (400, False)
    listed = api().post("/api/3/action/status_show", "[]", content_type="application/json")
    assert listed.status_code == 409


def test_the_small_actions(api, shelf, settings):
    client = api()
    assert act(client, "status_show")["site_url"] == settings.BASE_URL
    assert act(client, "site_read") is True
    assert act(client, "group_list") == act(client, "vocabulary_list") == []
    assert act(client, "tag_list") == ["birds", "lake"]
    assert act(client, "tag_list", query="LA") == ["lake"]
    assert [p["name"] for p in act(client, "tag_show", id="lake", include_datasets=True)["packages"]] == ["institute_a"]
    assert act(client, "license_list")[0]["id"] == "CC-BY-4.0"
    assert act(client, "organization_list") == ["institute"]
    [shown] = act(client, "organization_list", all_fields="true")
    assert shown["package_count"] == 3
    assert act(client, "organization_show", id=shown["id"], include_datasets=True)["packages"][0]["name"]
    assert "name@1.0.0" in act(client, "help_show", name="package_show")
    assert len(act(client, "current_package_list_with_resources", limit=2)) == 2


# ---------------------------------------------------------------- searching
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"a", "b", "closed"}),
        ({"q": "*:*"}, {"a", "b", "closed"}),
        ({"q": "fish"}, {"b"}),
        ({"fq": "organization:institute"}, {"a", "b", "closed"}),
        ({"fq": "organization:other"}, set()),
        ({"fq": "-organization:institute"}, set()),
        ({"fq": 'tags:"lake"'}, {"a"}),
        ({"fq": "tags:(lake OR birds)"}, {"a", "b"}),
        ({"fq": "+license_id:CC0-1.0 +tags:birds"}, {"b"}),
        ({"fq": "license_id:CC0-1.0 AND NOT tags:birds"}, set()),
        ({"fq_list": ["tags:birds", "name:institute_a"]}, {"a"}),
        ({"fq": "metadata_modified:[2024-01-01T00:00:00Z TO *]"}, {"a", "b", "closed"}),
        ({"fq": "metadata_modified:[* TO 2024-01-01T00:00:00Z]"}, set()),
        ({"fq": "metadata_modified:[NOW TO *]"}, set()),
        ({"fq": "groups:any"}, set()),
        ({"fq": "res_format:CSV nonsense"}, {"a", "b", "closed"}),
        ({"fq": "type:dataset state:active"}, {"a", "b", "closed"}),
    ],
)
def test_packages_are_found_by_words_and_terms(api, shelf, given, expected):
    found = act(api(), "package_search", **given)
    assert set(names(found)) == {f"institute_{slug}" for slug in expected}
    assert found["count"] == len(expected)


def test_a_term_that_is_left_out_is_named_in_the_log(api, shelf, caplog):
    with caplog.at_level(logging.WARNING, logger="catalog.protocols.ckan"):
        act(api(), "package_search", fq="res_format:CSV (a b)")
    assert "res_format" in caplog.text
    assert "(a b)" in caplog.text


def test_a_harvester_reads_every_package_once_and_then_an_empty_page(api, shelf):
    """The loop of ckanext-harvest: sorted by id, until a page is empty."""
    client, seen, start = api(), [], 0
    while page := client.get(f"/api/3/action/package_search?rows=2&start={start}&sort=id asc").json()["result"][
        "results"
    ]:
        seen += [item["id"] for item in page]
        start += 2
        assert start < 10
    assert len(seen) == len(set(seen)) == 3


def test_only_what_changed_is_harvested_again(api, shelf):
    client = api()
    last = max(item["metadata_modified"] for item in act(client, "package_search")["results"])
    update_dataset(actor=shelf.owner, dataset=Dataset.objects.get(slug="a"), description=Description(title="New"))
    Dataset.objects.exclude(slug="a").update(modified=Dataset.objects.get(slug="b").modified - timedelta(days=1))
    assert names(act(client, "package_search", fq=f"metadata_modified:[{last}Z TO *]")) == ["institute_a"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [("name desc", "institute_closed"), ("title asc", "institute_a"), ("title_string desc", "institute_b")],
)
def test_packages_are_sorted(api, shelf, sort, first):
    assert names(act(api(), "package_search", sort=sort))[0] == first


def test_facets_are_counted(api, shelf):
    found = act(
        api(), "package_search", **{"facet.field": '["tags", "organization", "license_id", "other"]', "rows": 0}
    )
    assert found["results"] == []
    assert found["facets"] == {
        "tags": {"birds": 2, "lake": 1},
        "organization": {"institute": 3},
        "license_id": {"CC-BY-4.0": 2, "CC0-1.0": 1},
        "other": {},
    }


def test_a_search_takes_the_same_queries_however_long(api, shelf, django_assert_num_queries):
    client = api()
    for _ in range(2):
        with django_assert_num_queries(7):
            client.get("/api/3/action/package_search?rows=50")
        Dataset.objects.filter(slug="a").update(latest=None)


@given(st.text(max_size=120))
def test_no_filter_is_more_than_terms(text):
    assert all(isinstance(term, Term) for term in read_filters(text))


# ---------------------------------------------------------------- rows
def test_rows_with_their_types_and_numbers(api, shelf):
    key = table_id(api(), "institute_a")
    found = act(api(), "datastore_search", resource_id=key, limit=2, offset=3)
    assert found["fields"] == [
        {"id": "_id", "type": "int"},
        {"id": "id", "type": "int8"},
        {"id": "name", "type": "text"},
        {"id": "amount", "type": "float8"},
    ]
    assert [record["_id"] for record in found["records"]] == [4, 5]
    assert {**found["records"][0], "amount": float(found["records"][0]["amount"])} == {
        "_id": 4,
        "id": 3,
        "name": "n3",
        "amount": 4.5,
    }
    assert (found["total"], found["limit"], found["offset"]) == (100, 2, 3)
    following = api().get(found["_links"]["next"]).json()["result"]
    assert [record["_id"] for record in following["records"]] == [6, 7]


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({"filters": {"name": "n7"}}, [8]),
        ({"filters": '{"name": ["n7", "n9"]}'}, [8, 10]),
        ({"filters": {"id": 5}}, [6]),
        ({"filters": {"name": None}}, []),
        ({"q": {"name": "N99"}}, [100]),
        ({"sort": "id desc", "limit": 2}, [100, 99]),
        ({"sort": "_id asc", "limit": "1"}, [1]),
        ({"limit": 0}, []),
    ],
)
def test_rows_are_filtered_and_sorted(api, shelf, given, ids):
    found = act(api(), "datastore_search", resource_id=table_id(api(), "institute_a"), **given)
    assert [record["_id"] for record in found["records"]] == ids


def test_some_columns_as_lists(api, shelf):
    key = table_id(api(), "institute_a")
    given = {"fields": "name,id", "records_format": "lists", "limit": 1, "include_total": "false"}
    found = act(api(), "datastore_search", resource_id=key, **given)
    assert found["records"] == [[1, "n0", 0]]
    assert "total" not in found


@pytest.mark.parametrize(
    "given",
    [
        {"filters": {"none": 1}},
        {"filters": "{"},
        {"filters": [1]},
        {"filters": {"id": {"a": 1}}},
        {"filters": {"id": "many"}},
        {"fields": "none"},
        {"sort": "none"},
        {"sort": "id, name"},
        {"q": "anything"},
        {"distinct": True},
        {"records_format": "csv"},
        {"limit": "all"},
    ],
)
def test_what_a_table_can_not_answer_is_a_validation_error(api, shelf, given):
    key = table_id(api(), "institute_a")
    assert act(api(), "datastore_search", status=409, resource_id=key, **given)["__type"] == "Validation Error"


def test_rows_are_for_those_who_may_have_the_bytes_and_reading_is_on_record(api, shelf, token_of):
    key = table_id(api(), "institute_closed")
    refused = act(api(), "datastore_search", status=403, resource_id=key)
    assert refused["__type"] == "Authorization Error"
    assert not AuditEvent.objects.filter(action="resource.read").exists()
    member = api()
    member.credentials(HTTP_AUTHORIZATION=token_of(shelf.reader))
    act(member, "datastore_search", resource_id=key, fields=["name"], limit=5)
    [event] = AuditEvent.objects.filter(action="resource.read")
    assert event.actor == shelf.reader.user
    assert {name: event.detail[name] for name in ("protocol", "version", "columns", "rows")} == {
        "protocol": "ckan",
        "version": "1.0.0",
        "columns": ["name"],
        "rows": 5,
    }


def test_an_identifier_of_a_table_goes_on_naming_its_version(api, shelf):
    key = table_id(api(), "institute_a")
    sql = "SELECT 1 AS id, 'x' AS name, 0.5::DOUBLE AS amount"
    newer = make_published(shelf, Dataset.objects.get(slug="a"), sql=sql)
    assert act(api(), "datastore_search", resource_id=key)["total"] == 100
    assert act(api(), "datastore_search", resource_id=table_id(api(), "institute_a"))["total"] == 1
    assert act(api(), "package_show", id="institute_a@1.0.0")["version"] == "1.0.0"
    assert act(api(), "package_show", id="institute_a")["version"] == newer.number


# ---------------------------------------------------------------- identifiers
@given(st.sampled_from(Kind), st.integers(min_value=1, max_value=2**46 - 1))
def test_an_identifier_is_read_back_by_its_kind_alone(kind, key):
    text = id_of(kind, key)
    assert uuid.UUID(text).version == 8
    assert uuid.UUID(text).variant == uuid.RFC_4122
    assert [key_of(other, text) for other in Kind] == [key if other is kind else None for other in Kind]


def test_an_identifier_is_of_one_site(settings):
    text = id_of(Kind.DATASET, 1)
    settings.BASE_URL = "https://other.example"
    assert key_of(Kind.DATASET, text) is None
    assert json.dumps(text)
