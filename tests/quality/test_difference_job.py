"""Two versions compared as a job on real servers: wanted, computed, kept, told by the API to whom it may be told."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest

from catalog.differences import difference_of
from catalog.models import Dataset, Document, Version
from catalog.services.granting.grants import grant_access
from catalog.services.publishing.documents import remove_document
from catalog.services.publishing.versions import withdraw_version
from quality.models import Comparison, ComparisonState
from quality.services import comparisons
from quality.services.comparing import _has_proved_key
from tests.fixtures.datasets import add_document, make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import check_draft, publish, push

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "id,place,count\n1,fen,10\n2,fen,20\n3,moor,30\n4,moor,40\n"
SECOND = "id,place,count\n1,fen,10\n2,FEN,25\n3,moor,\n5,moor,50\n"


def keyed(dataset: Dataset) -> None:
    """The draft's table with ``id`` as its key, for the schema's sake."""
    for table in dataset.versions.open().get().resources.all():
        table.schema = {**table.schema, "primaryKey": "id"}
        table.save(update_fields=["schema"])


def two_versions(cast: Cast, *, access: str = "public") -> tuple[Dataset, Version, Version]:
    dataset = make_dataset(cast, access=access)
    push(cast.contributor, dataset, FIRST)
    keyed(dataset)
    first = publish(cast, dataset)
    dataset.refresh_from_db()
    dataset.title, dataset.description = "Birds of the fens", "All *about* them."
    dataset.save(update_fields=["title", "description"])
    push(cast.contributor, dataset, SECOND)
    keyed(dataset)
    second = publish(cast, dataset)
    return dataset, first, second


def compute() -> int:
    """Do the work of whoever is woken."""
    waiting = list(Comparison.objects.filter(state=ComparisonState.QUEUED))
    for row in waiting:
        comparisons.run_next_comparison(comparison_id=row.pk)
    return len(waiting)


def test_a_checked_draft_is_compared_with_the_latest_version(cast: Cast) -> None:
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, FIRST)
    first = publish(cast, dataset)
    push(cast.contributor, dataset, SECOND)
    draft = check_draft(dataset)
    found = difference_of(draft, first)
    assert found is not None
    assert (found.state, found.is_waiting) == ("queued", True)
    assert compute() == 1
    found = difference_of(draft, first)
    assert found is not None
    assert (found.state, found.is_current) == ("done", True)
    assert found.tables["birds"]["rows"]["unkeyed"] == "no-key"
    # Another file, and what was found is not what is there any more.
    push(cast.contributor, dataset, FIRST)
    draft.refresh_from_db()
    found = difference_of(draft, first)
    assert found is not None
    assert not found.is_current


def test_the_whole_difference(cast: Cast, client: Any) -> None:
    _, first, second = two_versions(cast)
    compute()
    address = f"/api/v1/datasets/{cast.organization.slug}/birds/versions/{first.number}/difference"
    asked = client.get(address)
    if asked.status_code == 202:
        compute()
        asked = client.get(address)
    assert asked.status_code == 200
    body = asked.json()
    assert (body["base"], body["version"], body["state"], body["breaking"]) == (
        first.number,
        second.number,
        "done",
        False,
    )
    table = body["tables"]["birds"]
    assert (table["rows"]["added"], table["rows"]["removed"], table["rows"]["changed"]) == (1, 1, 2)
    counted = {column["name"]: column for column in table["cells"]["columns"]}
    assert {name: column["changed"] for name, column in counted.items()} == {"count": 2, "place": 1}
    assert counted["count"]["emptied"] == 1
    assert counted["place"]["examples"][0]["before"] == "fen"
    assert {item["name"] for item in table["drift"]} == {"id", "place", "count"}
    assert [change["name"] for change in body["words"]] == ["title", "description"]
    assert body["words"][1]["pieces"] == [
        ["same", "All *about* "],
        ["removed", "it."],
        ["added", "them."],
    ]
    sent = client.get(f"{table['changes']}&stream=1")
    assert sent.status_code == 200
    records = pq.read_table(io.BytesIO(b"".join(sent.streaming_content))).to_pylist()
    assert len(records) == table["records"] == 5
    assert {(item["kind"], item["key_id"], item["column"]) for item in records} == {
        ("added", 5, None),
        ("removed", 4, None),
        ("changed", 2, "place"),
        ("changed", 2, "count"),
        ("changed", 3, "count"),
    }


def test_documents_are_told_before_the_tables_are_compared(cast: Cast, client: Any) -> None:
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, FIRST)
    for name in ("codebook.pdf", "old.txt"):
        add_document(cast.contributor, dataset, name)
    publish(cast, dataset)
    push(cast.contributor, dataset, SECOND)
    [_, old] = Document.objects.filter(version__state="draft").order_by("position")
    remove_document(actor=cast.contributor, document=old)
    add_document(cast.contributor, dataset, data=b"%PDF another")
    add_document(cast.contributor, dataset, "map.txt", b"here")
    publish(cast, dataset)
    told = client.get("/api/v1/datasets/institute/birds/versions/1.0.0/difference").json()
    assert told["tables"] is None
    found = told["documents"]
    assert [(item["change"], item["name"], bool(item["before"]), bool(item["after"])) for item in found] == [
        ("added", "map.txt", False, True),
        ("changed", "codebook.pdf", True, True),
        ("removed", "old.txt", True, False),
    ]
    changed = found[1]
    assert changed["before"]["sha256"] != changed["after"]["sha256"]
    assert changed["before"]["url"].endswith("/versions/1.0.0/documents/codebook.pdf")
    assert changed["after"]["url"].endswith("/versions/1.1.0/documents/codebook.pdf")


def test_a_key_that_the_checks_proved_is_not_proved_again(cast: Cast) -> None:
    _, first, second = two_versions(cast)
    assert all(_has_proved_key(table) for version in (first, second) for table in version.resources.all())
    table = second.resources.get()
    assert table.report is not None
    table.report.parts = ["another"]
    assert not _has_proved_key(table)
    table.report.refresh_from_db()
    for kind in ("not_null", "unique"):
        kept = [outcome for outcome in table.report.outcomes if outcome["rule"]["type"] != kind]
        table.report.outcomes, whole = kept, table.report.outcomes
        assert not _has_proved_key(table)
        table.report.outcomes = whole
    assert _has_proved_key(table)


def test_tables_that_are_as_they_were_are_not_compared_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, first, _ = two_versions(cast)
    compute()
    push(cast.contributor, dataset, "x\n1\n", "other.csv", resource="other")
    draft = check_draft(dataset)
    comparisons.want_comparison(version=draft, base=first)
    compute()
    compared: list[str] = []
    from quality.services import comparing

    kept: Callable[..., dict[str, Any]] = comparing._compare
    monkeypatch.setattr(comparing, "_compare", lambda old, *rest: compared.append(old.name) or kept(old, *rest))
    dataset.refresh_from_db()
    dataset.title = "Another title"
    dataset.save(update_fields=["title"])
    draft = Version.objects.select_related("dataset").get(pk=draft.pk)
    row = comparisons.want_comparison(version=draft, base=first)
    assert row.state == ComparisonState.QUEUED
    compute()
    row.refresh_from_db()
    assert row.state == ComparisonState.DONE
    assert compared == []
    assert "title" in [change["name"] for change in row.result["words"]]
    assert row.result["added"] == ["other"]


def test_what_fails_three_times_is_said_and_not_tried_for_ever(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _, first, second = two_versions(cast)
    compute()

    def broken(**_: Any) -> dict[str, Any]:
        raise ValueError("no")

    monkeypatch.setattr(comparisons, "compare_versions", broken)
    row = comparisons.want_comparison(version=first, base=second)
    for _ in range(3):
        comparisons.run_comparison(comparison_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.error) == (ComparisonState.ERRORED, "ValueError")
    again = comparisons.want_comparison(version=first, base=second)
    assert again.state == ComparisonState.ERRORED


def test_a_comparison_without_a_worker_is_found(cast: Cast, settings: Any) -> None:
    _, first, second = two_versions(cast)
    compute()
    row = comparisons.want_comparison(version=first, base=second)
    assert row.pk not in dict(comparisons.COMPARISONS.find_work())
    Comparison.objects.filter(pk=row.pk).update(queued_at=None)
    assert row.pk in dict(comparisons.COMPARISONS.find_work())


def test_values_are_for_those_who_may_have_the_bytes_of_both(cast: Cast, api: Callable[..., Any]) -> None:
    dataset, first, second = two_versions(cast, access="restricted")
    compute()
    address = f"/api/v1/datasets/{cast.organization.slug}/{dataset.slug}/versions/{first.number}/difference"
    stranger = api(cast.stranger)
    assert stranger.get(address).status_code == 403
    grant_access(actor=cast.owner, dataset=dataset, username="stranger")
    assert stranger.get(address).status_code in {200, 202}
    withdraw_version(actor=cast.owner, version=second, reason="Wrong counts.")
    assert stranger.get(f"{address}?to={second.number}").status_code == 410
