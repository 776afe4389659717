"""The page that compares two versions: what it says while it waits, to whom it shows values, and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import Dataset, Version
from catalog.services.publishing.versions import withdraw_version
from quality.models import Comparison, ComparisonState
from quality.services import comparisons
from tests.fixtures.datasets import make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import publish, push

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "id,place,count\n1,fen,10\n2,fen,20\n3,moor,30\n4,moor,40\n"
SECOND = "id,place,counted\n1,fen,10\n2,<b>FEN</b>,25\n3,moor,\n5,moor,50\n"


@pytest.fixture
def site() -> Callable[..., Client]:
    def make(actor: Any = None) -> Client:
        client = Client()
        if actor is not None:
            client.force_login(actor.user)
        return client

    return make


def two_versions(cast: Cast, *, access: str = "public") -> tuple[Dataset, Version, Version]:
    dataset = make_dataset(cast, access=access)
    versions = []
    for data in (FIRST, SECOND):
        push(cast.contributor, dataset, data)
        for table in dataset.versions.open().get().resources.all():
            table.schema = {**table.schema, "primaryKey": "id"}
            table.save(update_fields=["schema"])
        versions.append(publish(cast, dataset))
    Comparison.objects.all().delete()
    return dataset, versions[0], versions[1]


def compute() -> None:
    for row in Comparison.objects.filter(state=ComparisonState.QUEUED):
        comparisons.run_comparison(comparison_id=row.pk)


def address(dataset: Dataset, base: Version, version: Version) -> str:
    return f"/{dataset.organization.slug}/{dataset.slug}/compare/{base.number}...{version.number}/"


def test_the_page_waits_and_then_shows_rows_cells_and_columns(cast: Cast, site: Callable[..., Client]) -> None:
    dataset, first, second = two_versions(cast)
    page = address(dataset, first, second)
    waiting = site().get(page)
    assert waiting.status_code == 200
    assert 'hx-trigger="every 2s"' in waiting.content.decode()
    assert "Being computed" in waiting.content.decode()
    compute()
    shown = site().get(page).content.decode()
    assert "hx-trigger" not in shown.split('id="difference"')[1].split(">")[0]
    assert "Rows are matched by id." in shown
    assert "&lt;b&gt;FEN&lt;/b&gt;" in shown
    assert "<b>FEN</b>" not in shown
    assert "All 3 changes as Parquet" in shown
    assert "counted" in shown
    assert "Breaking" in shown


def test_the_other_way_round_is_another_difference(cast: Cast, site: Callable[..., Client]) -> None:
    dataset, first, second = two_versions(cast)
    site().get(address(dataset, second, first))
    compute()
    row = Comparison.objects.get()
    assert (row.version_id, row.base_id) == (first.pk, second.pk)
    assert row.result["tables"]["birds"]["rows"]["added"] == 1
    assert "What is different in 1.0.0" in site().get(address(dataset, second, first)).content.decode()


def test_without_the_right_to_the_bytes_there_are_counts_and_no_values(cast: Cast, site: Callable[..., Client]) -> None:
    dataset, first, second = two_versions(cast, access="restricted")
    page = address(dataset, first, second)
    assert "Rows are not compared yet" in site(cast.stranger).get(page).content.decode()
    assert not Comparison.objects.exists()
    site(cast.reader).get(page)
    compute()
    values = site(cast.reader).get(page).content.decode()
    counts = site(cast.stranger).get(page).content.decode()
    for secret in ("&lt;b&gt;FEN", "moor", "changes as Parquet"):
        assert secret in values
        assert secret not in counts
    assert "Cells changed" in counts
    withdraw_version(actor=cast.owner, version=second, reason="Wrong counts.")
    assert "&lt;b&gt;FEN" not in site(cast.reader).get(page).content.decode()


@pytest.mark.parametrize(
    ("query", "status"),
    [("from=1.0.0&to=2.0.0", 302), ("from=1.0.0&to=1.0.0", 400), ("from=&to=9", 404), ("", 404)],
)
def test_the_form_leads_to_the_page(cast: Cast, site: Callable[..., Client], query: str, status: int) -> None:
    dataset, first, second = two_versions(cast)
    assert (first.number, second.number) == ("1.0.0", "2.0.0")
    home = f"/{dataset.organization.slug}/{dataset.slug}"
    answer = site().get(f"{home}/compare/?{query}")
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"] == f"{home}/compare/1.0.0...2.0.0/"
    assert "compare-from" in site().get(f"{home}/versions/").content.decode()


def test_a_draft_is_not_compared_for_strangers(cast: Cast, site: Callable[..., Client]) -> None:
    dataset, first, _ = two_versions(cast)
    push(cast.contributor, dataset, FIRST)
    page = f"/{dataset.organization.slug}/{dataset.slug}/compare/{first.number}...draft/"
    assert site().get(page).status_code == 404
    assert site(cast.contributor).get(page).status_code == 200


def test_what_broke_off_is_said(cast: Cast, site: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, first, second = two_versions(cast)
    page = address(dataset, first, second)
    site().get(page)

    def broken(**_: Any) -> dict[str, Any]:
        raise ValueError("no")

    monkeypatch.setattr(comparisons, "compare_versions", broken)
    for _ in range(3):
        compute()
    assert "Could not compare" in site().get(page).content.decode()
