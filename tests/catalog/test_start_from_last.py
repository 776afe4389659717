"""A new version starts from the last one: the same tables by reference, until something is done to them."""

from __future__ import annotations

import pytest

from catalog import storage
from catalog.errors import Conflict, NotFound
from catalog.models import VerdictStatus
from catalog.numbering import TableState, propose
from catalog.selectors.datasets import get_dataset
from catalog.services.delivering.entitlements import VersionWithdrawn
from catalog.services.publishing.resources import remove_resource
from catalog.services.publishing.versions import (
    DraftOpen,
    open_draft,
    propose_number,
    restart_draft,
    submit_version,
    withdraw_version,
)
from catalog.services.reviewing.reviews import decide_review
from tests.fixtures.datasets import add_table, make_dataset, make_published, record_check
from tests.fixtures.reviews import approve

pytestmark = pytest.mark.django_db

NESTS = "SELECT range AS id, 'nest' || range AS name, 1.5 AS amount FROM range(20)"


@pytest.fixture
def dataset(cast):
    """Version 1.0.0 has the tables birds (100 rows) and nests (20 rows)."""
    dataset = make_dataset(cast)
    record_check(add_table(cast.contributor, dataset, name="nests", sql=NESTS))
    make_published(cast, dataset)
    return get_dataset(actor=cast.owner, owner="institute", slug="birds")


def names(version):
    return sorted(version.resources.values_list("name", flat=True))


def test_a_draft_begins_with_the_last_version_and_copies_no_byte(cast, dataset):
    before = set(storage.list_keys(f"datasets/{dataset.pk}/"))
    draft = open_draft(actor=cast.contributor, dataset=dataset)
    assert names(draft) == ["birds", "nests"]
    assert set(storage.list_keys(f"datasets/{dataset.pk}/")) == before
    assert (draft.rows, draft.verdict, draft.started_from.number) == (120, VerdictStatus.PASSED, "1.0.0")
    for mine in draft.resources.all():
        theirs = dataset.latest.resources.get(name=mine.name)
        assert mine.pk != theirs.pk
        assert mine.report_id == theirs.report_id
        assert [part.sha256 for part in mine.parts.all()] == [part.sha256 for part in theirs.parts.all()]
        assert [source.sha256 for source in mine.sources.all()] == [source.sha256 for source in theirs.sources.all()]
        assert all(source.inherited for source in mine.sources.all())
    # Nothing changed: only the description may be published anew.
    proposal = propose_number(draft)
    assert (proposal.number, proposal.reasons) == ("1.0.1", ())
    assert dataset.latest.resources.count() == 2


def test_one_file_replaces_its_table_and_keeps_the_others(cast, dataset):
    record_check(add_table(cast.contributor, dataset, name="nests", sql=f"{NESTS} UNION ALL SELECT 99, 'x', 2.5"))
    draft = dataset.versions.open().get()
    assert names(draft) == ["birds", "nests"]
    proposal = propose_number(draft)
    assert (proposal.number, proposal.reasons) == ("1.1.0", (("data-changed", "nests"),))
    second = submit_version(actor=cast.contributor, version=draft, note="More nests.")
    decide_review(actor=cast.steward, review=second.reviews.get(), decision="approve")
    second.refresh_from_db()
    assert (second.number, second.rows) == ("1.1.0", 121)


def test_a_table_that_is_taken_out_asks_for_a_major_number(cast, dataset):
    draft = open_draft(actor=cast.contributor, dataset=dataset)
    remove_resource(actor=cast.contributor, resource=draft.resources.get(name="nests"))
    proposal = propose_number(draft)
    assert (proposal.number, proposal.reasons) == ("2.0.0", (("table-removed", "nests"),))


def test_a_report_holds_only_while_the_rules_are_those_that_were_judged(cast, dataset):
    dataset.rules = [{"type": "not_null", "column": "id"}]
    dataset.save()
    draft = open_draft(actor=cast.contributor, dataset=dataset)
    assert {resource.verdict for resource in draft.resources.all()} == {VerdictStatus.PENDING}
    assert draft.verdict == VerdictStatus.PENDING


def test_a_table_that_could_not_be_checked_is_checked_again(cast):
    dataset = make_dataset(cast)
    record_check(add_table(cast.contributor, dataset), VerdictStatus.ERRORED)
    draft = dataset.versions.open().get()
    version = submit_version(actor=cast.contributor, version=draft, note="Unchecked.")
    approve(actor=cast.steward, review=version.reviews.get())
    fresh = get_dataset(actor=cast.owner, owner="institute", slug="birds")
    assert open_draft(actor=cast.contributor, dataset=fresh).verdict == VerdictStatus.PENDING


@pytest.mark.parametrize(
    ("start", "tables"), [("empty", []), ("latest", ["birds", "nests"]), ("1.0.0", ["birds", "nests"])]
)
def test_the_start_can_be_chosen(cast, dataset, api, start, tables):
    client = api(cast.contributor)
    answer = client.post("/api/v1/datasets/institute/birds/versions", {"start_from": start}, format="json")
    assert answer.status_code == 201
    assert sorted(table["name"] for table in answer.json()["resources"]) == tables
    assert answer.json()["started_from"] == (None if start == "empty" else "1.0.0")
    again = client.post("/api/v1/datasets/institute/birds/versions", {"start_from": start}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "draft-open")
    # Without a wish, the open one is the answer.
    assert client.post("/api/v1/datasets/institute/birds/versions", {}, format="json").status_code == 201


@pytest.mark.parametrize("start", ["7.7.7", "yesterday"])
def test_what_is_no_version_is_no_start(cast, dataset, api, start):
    answer = api(cast.contributor).post(
        "/api/v1/datasets/institute/birds/versions", {"start_from": start}, format="json"
    )
    assert answer.status_code == (404 if start == "7.7.7" else 422)
    assert dataset.versions.open().count() == 0


def test_a_draft_can_start_again(cast, dataset, api):
    draft = open_draft(actor=cast.contributor, dataset=dataset)
    add_table(cast.contributor, dataset, name="rings", sql=NESTS)
    client = api(cast.contributor)
    answer = client.patch(
        "/api/v1/datasets/institute/birds/versions/draft", {"start_from": "empty", "note": "Anew."}, format="json"
    )
    assert (answer.json()["resources"], answer.json()["rows"], answer.json()["note"]) == ([], 0, "Anew.")
    restart_draft(actor=cast.contributor, version=draft, start_from="latest")
    assert names(draft) == ["birds", "nests"]
    record_check(draft.resources.get(name="birds"))
    submit_version(actor=cast.contributor, version=draft, note="Same.")
    with pytest.raises(Conflict, match="Only a draft"):
        restart_draft(actor=cast.contributor, version=draft, start_from="empty")


def test_a_withdrawn_version_is_no_start(cast, dataset):
    withdraw_version(actor=cast.owner, version=dataset.latest, reason="Wrong.")
    assert names(open_draft(actor=cast.contributor, dataset=dataset)) == []
    dataset.versions.open().delete()
    with pytest.raises(VersionWithdrawn):
        open_draft(actor=cast.contributor, dataset=dataset, start_from="1.0.0")
    with pytest.raises(NotFound):
        open_draft(actor=cast.contributor, dataset=dataset, start_from="3.0.0")
    open_draft(actor=cast.contributor, dataset=dataset)
    with pytest.raises(DraftOpen):
        open_draft(actor=cast.contributor, dataset=dataset, start_from="empty")


FIELDS = [{"name": "id", "type": "integer"}]


@pytest.mark.parametrize(
    ("schema", "parts", "number", "reasons"),
    [
        ({"fields": FIELDS}, ["a", "b"], "1.3.0", [("rows-added", "t")]),
        ({"fields": FIELDS}, ["b"], "1.3.0", [("data-changed", "t")]),
        ({"fields": FIELDS}, ["b", "a"], "1.3.0", [("data-changed", "t")]),
        (
            {"fields": [*FIELDS, {"name": "mass", "type": "number"}]},
            ["b"],
            "1.3.0",
            [("column-added", "t.mass"), ("data-changed", "t")],
        ),
        (
            {"fields": [{"name": "id", "type": "string"}]},
            ["a", "b"],
            "2.0.0",
            [("column-retyped", "t.id"), ("rows-added", "t")],
        ),
        ({"fields": FIELDS}, ["a"], "1.2.1", []),
    ],
)
def test_the_number_and_its_reasons_follow_from_parts_and_columns(schema, parts, number, reasons):
    before = {"t": TableState({"fields": FIELDS}, ["a"])}
    proposal = propose("1.2.0", before, {"t": TableState(schema, parts)})
    assert (proposal.number, list(proposal.reasons)) == (number, reasons)


def test_the_page_says_with_what_the_version_starts_and_lets_it_be_changed(cast, dataset, client):
    client.force_login(cast.contributor.user)
    page = client.get("/share/institute/birds/").content.decode()
    assert "starts with the tables of 1.0.0" in page
    assert 'value="append"' in page
    assert client.post("/share/institute/birds/start/", {"start_from": "empty"}).status_code == 302
    assert dataset.versions.open().get().resources.count() == 0
    page = client.get("/share/institute/birds/").content.decode()
    assert "starts with no table" in page
    assert 'value="append"' not in page
    client.post("/share/institute/birds/start/", {"start_from": "latest"})
    assert names(dataset.versions.open().get()) == ["birds", "nests"]
