"""A column of a draft is described in its row of the Schema tab, and without scripts on a page of its own."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import Dataset
from catalog.selectors.datasets import get_version
from tests.fixtures.datasets import make_checked_draft, make_dataset
from tests.fixtures.people import Cast

FORM = "/institute/birds/v/draft/schema/column/?table=birds&column=id"


@pytest.fixture
def dataset(cast: Cast) -> Dataset:
    dataset = make_dataset(cast)
    make_checked_draft(cast, dataset)
    return dataset


@pytest.fixture
def owner(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.contributor.user)
    return client


def described(cast: Cast, dataset: Dataset) -> tuple[str, str]:
    draft = get_version(actor=cast.contributor, dataset=dataset, version="draft")
    (field,) = [field for field in draft.resources.get().schema["fields"] if field["name"] == "id"]
    return field.get("description", ""), field.get("unit", "")


def test_saved_in_the_row_by_a_fragment(cast: Cast, dataset: Dataset, owner: Client) -> None:
    form = owner.get(FORM, headers={"HX-Request": "true"}).content.decode()
    assert form.startswith("<tr")
    assert 'hx-target="closest tr"' in form
    row = owner.post(FORM, {"meaning": "Number of the ring", "unit": "1"}, headers={"HX-Request": "true"})
    assert "Number of the ring" in row.content.decode()
    assert "Saved" in row.content.decode()
    assert described(cast, dataset) == ("Number of the ring", "1")
    closed = owner.get(f"{FORM}&closed=1", headers={"HX-Request": "true"}).content.decode()
    assert closed.startswith("<tr><td")
    assert "<form" not in closed
    assert "Saved" not in closed


def test_without_scripts_it_is_a_page(cast: Cast, dataset: Dataset, owner: Client) -> None:
    tab = owner.get("/institute/birds/v/draft/schema/").content.decode()
    assert FORM.replace("&", "&amp;") in tab
    assert "<html" in owner.get(FORM).content.decode()
    saved = owner.post(FORM, {"meaning": "Ring", "unit": ""})
    assert (saved.status_code, saved.headers["Location"]) == (302, "/institute/birds/v/draft/schema/")
    assert described(cast, dataset) == ("Ring", "")


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(cast: Cast, dataset: Dataset, owner: Client) -> None:
    refused = owner.post(FORM, {"meaning": "Kept", "unit": "x" * 61})
    text = refused.content.decode()
    assert refused.status_code == 400
    assert "at most 60 characters" in text
    assert ">\nKept</textarea>" in text
    fragment = owner.post(FORM, {"meaning": "Kept", "unit": "x" * 61}, headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.content.decode()[:3]) == (200, "<tr")
    assert described(cast, dataset) == ("", "")


def test_other_columns_and_what_is_asked_of_this_one_stay(cast: Cast, dataset: Dataset, owner: Client) -> None:
    draft = get_version(actor=cast.contributor, dataset=dataset, version="draft")
    before = draft.resources.get().schema
    owner.post(FORM, {"meaning": "Ring", "unit": ""})
    after = draft.resources.get().schema
    assert after["fields"][1:] == before["fields"][1:]
    assert {**after["fields"][0], "description": ""} == {**before["fields"][0], "description": ""}


@pytest.mark.parametrize("column", ["", "nobody"])
def test_a_column_that_is_not_there(dataset: Dataset, owner: Client, column: str) -> None:
    assert owner.get(f"/institute/birds/v/draft/schema/column/?column={column}").status_code == 404
