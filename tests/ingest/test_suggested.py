"""What files suggest for their description: from real columns, once, and only what is not said yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from catalog.models import AuditEvent, Dataset
from catalog.selectors.reviews import usual_days
from ingest.web.draft import open_draft_of
from ingest.web.suggested import suggestions
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast
from tests.fixtures.uploading import check_draft, push

# The lease of a job is held by a thread of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
DATA = Path(__file__).parents[1] / "data"
PLACES = """station,lat,lon,measured_at
Wuxi,31.5,120.25,2021-01-01
Suzhou,31.25,120.75,2021-03-05
Huzhou,31,120,2020-12-31
"""


def values(cast: Cast) -> dict[str, str]:
    """By the field, what is suggested."""
    draft = open_draft_of(cast.contributor, "institute", "birds")
    found: dict[str, str] = {}
    for item in suggestions(draft, cast.contributor):
        found[item.field] = f"{found[item.field]} {item.value}" if item.field in found else item.value
    return found


def test_real_columns_give_keywords_and_nothing_that_any_table_has(cast: Cast) -> None:
    push(cast.contributor, make_dataset(cast), (DATA / "penguins.csv").read_bytes(), "penguins.csv")
    assert values(cast)["id_keywords"] == "species, island, bill, length, depth, flipper"
    assert values(cast)["id_title"] == "Penguins"


def test_what_the_checked_values_cover_is_said(cast: Cast) -> None:
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, PLACES, "places.csv")
    assert "id_description" not in values(cast), "nobody has looked at the values yet"
    check_draft(dataset)
    assert values(cast)["id_description"] == (
        "Covers 2020-12-31 to 2021-03-05 (measured_at). "
        "Lies between latitudes 31.00 and 31.50 and longitudes 120.00 and 120.75."
    )


def test_what_is_said_already_is_not_suggested(cast: Cast) -> None:
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, PLACES, "places.csv")
    check_draft(dataset)
    assert values(cast)["id_contact_name"] == "Contributor"
    said = " ".join(item for field, item in values(cast).items() if field == "id_description")
    Dataset.objects.filter(pk=dataset.pk).update(
        title="Places", description=said, keywords=["Station", "measured"], contact_email="a@example.org"
    )
    assert values(cast) == {}


def test_names_without_latin_letters_are_words(cast: Cast) -> None:
    push(cast.contributor, make_dataset(cast), "站点,风速 (m/s),id\n滨湖,3,1\n", "风.csv")
    assert values(cast)["id_keywords"] == "站点, 风速"


def test_without_a_table_there_is_nothing_to_suggest(cast: Cast) -> None:
    make_dataset(cast)
    assert values(cast) == {}


def test_names_that_are_foreign_are_escaped(cast: Cast) -> None:
    push(cast.contributor, make_dataset(cast), '"<script>alert(1)</script>","a""b"\n1,2\n', "hostile.csv")
    client = Client()
    client.force_login(cast.contributor.user)
    shown = client.get("/share/institute/birds/suggested/").content.decode()
    assert "<script>" not in shown
    assert "script, alert" in shown


def test_who_may_share_says_so_and_it_is_on_record(cast: Cast) -> None:
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, "id\n1\n")
    check_draft(dataset)
    client = Client()
    client.force_login(cast.contributor.user)
    address = "/share/institute/birds/submit/"
    sent = {"note": "First.", "number": "1.0.0"}
    refused = client.post(address, sent)
    assert refused.status_code == 400
    assert "Say that you may share them" in refused.content.decode()
    assert client.post(address, {**sent, "may_share": "on"}).status_code == 400, "both are to be said"
    assert client.post(address, {**sent, "may_share": "on", "persons_declared": "on"}).status_code == 302
    event = AuditEvent.objects.get(action="version.declared")
    assert (event.actor, event.dataset_id) == (cast.contributor.user, dataset.pk)


def test_the_submitter_is_told_who_decides_and_how_quickly(cast: Cast) -> None:
    make_published(cast, make_dataset(cast, slug="earlier"))
    assert usual_days(cast.organization) == 1
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, "id\n1\n")
    check_draft(dataset)
    Dataset.objects.filter(pk=dataset.pk).update(license="")
    client = Client()
    client.force_login(cast.contributor.user)
    shown = " ".join(client.get("/share/institute/birds/submit/").content.decode().split())
    assert "Steward can decide. Usual answer within 1 day." in shown
    assert 'href="/share/institute/birds/#id_license">Choose one' in shown
