"""Annotations over the API and on the pages: proposed, read, decided, applied; bad input answered in a sentence."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from catalog.models import Annotation, Version
from catalog.services.annotating.annotations import RowMeant
from tests.catalog.test_annotations import (
    BASE,
    KEYED,
    TABLE,
    accept,
    correction,
    description,
    label,
    published,
    signed_in,
)
from tests.fixtures.datasets import SCHEMA, make_checked_draft, make_dataset, make_published
from tests.fixtures.people import Cast

pytestmark = pytest.mark.django_db


# ---------------------------------------------------------------- API
def test_proposed_read_decided_and_listed_over_the_api(cast: Cast, api: Any) -> None:
    resource = published(cast)
    stranger, steward = api(cast.stranger), api(cast.steward)
    body = {"kind": "correction", "row": 10, "column": "amount", "value": 1.25, "reason": "Typo."}
    made = stranger.post(TABLE, body, format="json")
    assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["before"], told["value"], told["row_key"], told["fit"]) == ("13.5", "1.25", {"id": 9}, "fits")
    one = f"{BASE}/annotations/{told['id']}"
    assert stranger.get(one).json()["author"] == "stranger"
    assert api().get(one).status_code == 404
    decided = steward.post(f"{one}/decision", {"decision": "accept", "reason": "Yes."}, format="json")
    assert (decided.status_code, decided.json()["state"]) == (200, "accepted")
    stranger.post(TABLE, {"kind": "label", "row_key": {"id": 3}, "label": "seen", "value": "yes"}, format="json")
    stranger.post(TABLE, {"kind": "column", "column": "name", "aspect": "unit", "value": "=1"}, format="json")
    assert [item["kind"] for item in steward.get(TABLE).json()["results"]] == ["correction", "label", "column"]
    assert steward.get(f"{TABLE}?kind=column&column=name&state=proposed").json()["count"] == 1
    assert steward.get(f"{TABLE}?kind=row").status_code == 422
    assert steward.get(f"{TABLE}?column=%00").status_code == 422
    assert api().get(TABLE).json()["count"] == 1
    lines = list(csv.DictReader(io.StringIO(b"".join(steward.get(f"{TABLE[:-12]}/annotations.csv")).decode())))
    assert [(line["kind"], line["value"], line["row_key"]) for line in lines] == [
        ("correction", "1.25", '{"id": 9}'),
        ("label", "yes", '{"id": 3}'),
        ("column", "'=1", ""),
    ]
    agreed = stranger.get(f"{TABLE}/agreement?label=seen").json()
    assert (agreed["ratings"], agreed["alpha"], agreed["values"]) == (1, None, [{"value": "yes", "count": 1}])
    assert stranger.get(f"{TABLE}/agreement").status_code == 422
    back = stranger.post(f"{one}/withdraw", {}, format="json")
    assert (back.status_code, back.json()["state"]) == (200, "withdrawn")
    assert resource.rows == 100


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "row"},
        {"kind": "correction", "row": 1},
        {"kind": "correction", "row": 2**70, "column": "name", "value": "x", "reason": "y"},
        {"kind": "correction", "row_key": {"id": None}, "column": "name", "value": "x", "reason": "y"},
        {"kind": "correction", "row_key": {"id": "\ud800"}, "column": "name", "value": "x", "reason": "y"},
        {"kind": "correction", "row_key": {"id": 2**200}, "column": "name", "value": "x", "reason": "y"},
        {"kind": "correction", "row": 1, "column": "name", "value": "\u0000", "reason": "y"},
        {"kind": "correction", "row": 1, "column": "amount", "value": "\ud800", "reason": "y"},
        {"kind": "correction", "row": 1, "column": "name\u0000", "value": "x", "reason": "y"},
        {"kind": "label", "row": 1, "label": "a\nb\u202e", "value": {"x": 1}},
        {"kind": "label", "row": 1, "value": "x"},
        {"kind": "column", "column": "name", "aspect": "codes", "value": {"a\u0000": "b"}},
        {"kind": "column", "column": "name", "aspect": "codes", "value": {"a": ["b"]}},
        {"kind": "column", "column": "name", "value": "b"},
    ],
)
def test_bad_input_is_answered_in_a_sentence(cast: Cast, api: Any, body: dict[str, Any]) -> None:
    published(cast)
    response = api(cast.stranger).post(TABLE, json.dumps(body), content_type="application/json")
    assert response.status_code == 422, response.json()
    assert response.json()["detail"]


def test_a_correction_of_an_old_version_is_told_as_stale_in_the_new_one(cast: Cast, api: Any) -> None:
    resource = published(cast)
    correction(cast.stranger, resource)
    correction(cast.stranger, resource, "ten", meant=RowMeant(row_key={"id": 10}))
    correction(cast.stranger, resource, "eleven", meant=RowMeant(row_key={"id": 11}))
    sql = "SELECT range AS id, if(range = 9, 'other', if(range = 11, 'eleven', 'n' || range)) AS name, range * 1.5 AS amount FROM range(100) WHERE range <> 10"  # noqa: E501
    make_published(cast, resource.version.dataset, schema=KEYED, sql=sql)
    number = Version.objects.latest("sequence").number
    client = api(cast.stranger)

    def fits(version: str) -> list[str]:
        address = f"{BASE}/versions/{version}/resources/birds/annotations"
        return [item["fit"] for item in client.get(address).json()["results"]]

    assert fits("1.0.0") == ["fits", "fits", "fits"]
    assert fits(str(number)) == ["differs", "gone", "done"]


# ---------------------------------------------------------------- pages
PAGE = "/institute/birds/annotations/"


def test_a_row_is_corrected_and_labelled_from_the_data_tab(cast: Cast) -> None:
    published(cast)
    client = signed_in(cast.stranger)
    data = client.get("/institute/birds/data/?row=10").content.decode()
    address = "/institute/birds/annotations/?table=birds&amp;row=10"
    assert address in data
    address = address.replace("&amp;", "&")
    assert "id = 9" in client.get(address).content.decode()
    sent = {"what": "correction", "column": "amount", "value": "a lot", "reason": "Typo, clearly."}
    refused = client.post(address, sent)
    text = refused.content.decode()
    assert refused.status_code == 400
    assert "is no number" in text
    assert "Typo, clearly." in text
    assert 'value="a lot"' in text
    assert client.post(address, {**sent, "value": "1.5"}).status_code == 302
    missing = {"what": "correction", "column": "name", "value": "", "is_missing": "on", "reason": "Not known."}
    assert client.post(address, missing).status_code == 302
    assert client.post(address, {"what": "label", "label": "species", "value": "wren"}).status_code == 302
    again = client.post(address, {"what": "label", "label": "species", "value": "robin"})
    assert (again.status_code, "labelled this row" in again.content.decode()) == (400, True)
    assert list(Annotation.objects.values_list("kind", "column", "before", "value")) == [
        ("correction", "amount", "13.5", "1.5"),
        ("correction", "name", "n9", None),
        ("label", "", None, "wren"),
    ]
    assert "goes from 1 to 100" not in client.get(f"{PAGE}?row=101").content.decode()
    assert "rows go from 1 to 100" in client.get(f"{PAGE}?row=101").content.decode()


def test_columns_are_described_with_codes_a_line_each(cast: Cast) -> None:
    published(cast)
    client = signed_in(cast.stranger)
    sent = {
        "what": "description",
        "column": "name",
        "aspect": "codes",
        "value": "a = Ant = big\n\n b=Bee",
        "reason": "",
    }
    assert client.post(PAGE, sent).status_code == 302
    assert Annotation.objects.get().value == {"a": "Ant = big", "b": "Bee"}
    refused = client.post(PAGE, {**sent, "value": "ant"})
    assert (refused.status_code, "\nant</textarea>" in refused.content.decode()) == (400, True)


def test_the_organization_decides_on_the_page(cast: Cast) -> None:
    resource = published(cast)
    found = correction(cast.stranger, resource)
    label(cast.stranger, resource)
    label(cast.reader, resource)
    one = f"{PAGE}{found.pk}/"
    owner, stranger = signed_in(cast.owner), signed_in(cast.stranger)
    listed = owner.get(PAGE).content.decode()
    assert "Misread." in listed
    assert "Krippendorff" in listed
    assert f'action="{one}"' in listed
    assert f'action="{one}"' not in stranger.get(PAGE).content.decode()
    refused = owner.post(one, {"decision": "decline", "reason": ""})
    assert (refused.status_code, "Say why" in refused.content.decode()) == (400, True)
    assert stranger.post(one, {"decision": "accept"}).status_code == 403
    assert Client().get(one).status_code == 404
    assert owner.post(one, {"decision": "accept", "reason": "Right."}).status_code == 302
    assert "Apply 1 to the draft" in owner.get(PAGE).content.decode()
    assert "Apply 1 to the draft" not in stranger.get(PAGE).content.decode()
    applied = owner.post("/share/institute/birds/annotations/apply/", {"table": "birds"})
    assert (applied.status_code, applied["Location"].startswith("/uploads/")) == (302, True)
    assert "corrections.parquet" in owner.get(applied["Location"]).content.decode()
    again = owner.post("/share/institute/birds/annotations/apply/", {"table": "birds"}, follow=True)
    assert "being applied just now" in again.content.decode()
    assert stranger.post(one, {"decision": "withdraw"}).status_code == 302
    found.refresh_from_db()
    assert found.state == "withdrawn"


def test_descriptions_are_applied_where_the_corrections_can_t_be(cast: Cast, api: Any) -> None:
    resource = published(cast, schema=SCHEMA)
    accept(cast, correction(cast.stranger, resource, meant=RowMeant(row=10)))
    client = api(cast.contributor)
    refused = client.post(f"{BASE}/annotations/apply", {"resource": "birds"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "rows-without-key")
    accept(cast, description(cast.stranger, resource))
    done = client.post(f"{BASE}/annotations/apply", {"resource": "birds"}, format="json").json()
    assert (done["described"], done["upload"]) == (1, None)
    assert "no primary key" in done["refusal"]
    assert list(Annotation.objects.order_by("pk").values_list("state", flat=True)) == ["accepted", "applied"]
    refused = client.post(f"{BASE}/annotations/apply", {"resource": "other"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "nothing-to-apply")


def test_the_page_of_a_draft_and_of_nothing(cast: Cast) -> None:
    dataset = make_dataset(cast)
    client = signed_in(cast.contributor)
    assert client.get(PAGE).status_code == 404
    make_checked_draft(cast, dataset, schema=KEYED)
    assert client.get("/institute/birds/v/draft/annotations/").status_code == 200
    assert client.get(f"{PAGE}?kind=%00&state=x&column=%00&row=%00&page=x").status_code == 200
