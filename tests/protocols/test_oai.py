"""OAI-PMH: verbs, refusals, dates, sets, lists in pieces, and what was taken away."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Dataset
from catalog.protocols.oai_pmh import views
from catalog.protocols.oai_pmh.formats import FORMATS
from catalog.protocols.oai_pmh.records import Selection, key_of
from catalog.protocols.oai_pmh.requests import Harvest, OaiError, Place, read_arguments, read_harvest, token_of
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.membership.organizations import create_organization
from catalog.services.publishing.versions import withdraw_version
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published
from tests.fixtures.people import make_cast
from tests.protocols.markup import xml_of

pytestmark = pytest.mark.django_db
OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
LIST = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}


@pytest.fixture(scope="module")
def shelf(module_db, django_db_blocker):
    """Three datasets that anybody may see, one for members alone, and one that is not published."""
    with django_db_blocker.unblock():
        cast = make_cast()
        for slug in ("a", "b"):
            make_published(cast, make_dataset(cast, slug=slug))
        make_published(cast, make_dataset(cast, slug="closed", access="restricted"))
        make_published(cast, make_dataset(cast, slug="secret", access="private"))
        make_checked_draft(cast, make_dataset(cast, slug="drafted"))
    return cast


def ask(client, **arguments):
    said = {name.rstrip("_"): value for name, value in arguments.items()}
    answer = client.get(f"/oai?{urlencode(said)}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    return xml_of(answer.content)


def error(root):
    found = root.find(f"{OAI}error")
    return None if found is None else found.get("code")


def headers(root):
    return [
        (found.findtext(f"{OAI}identifier").rpartition("-")[2], found.get("status"))
        for found in root.iter(f"{OAI}header")
    ]


def key(slug):
    return str(Dataset.objects.get(slug=slug).pk)


def identifier(slug):
    return f"oai:127.0.0.1:dataset-{key(slug)}"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "List"}, "badVerb"),
        ({"verb": "Identify", "set": "a"}, "badArgument"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({**LIST, "metadataPrefix": "marc21"}, "cannotDisseminateFormat"),
        ({**LIST, "from": "yesterday"}, "badArgument"),
        ({**LIST, "from": "2026-02-30"}, "badArgument"),
        ({**LIST, "from": "2026-01-01", "until": "2026-01-01T00:00:00Z"}, "badArgument"),
        ({**LIST, "from": "2026-01-02", "until": "2026-01-01"}, "badArgument"),
        ({**LIST, "from": "9999-12-31T23:59:59Z"}, "noRecordsMatch"),
        ({**LIST, "until": "0001-01-01"}, "noRecordsMatch"),
        ({**LIST, "set": "no-such"}, "noRecordsMatch"),
        ({**LIST, "set": "no such"}, "badArgument"),
        ({**LIST, "resumptionToken": "x"}, "badArgument"),
        ({"verb": "ListRecords", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
        ({"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "oai:x:1"}, "idDoesNotExist"),
        ({"verb": "GetRecord", "metadataPrefix": "x", "identifier": "oai:x:1"}, "cannotDisseminateFormat"),
        ({"verb": "ListMetadataFormats", "identifier": "oai:127.0.0.1:dataset-0"}, "idDoesNotExist"),
    ],
)
def test_a_refusal_is_an_answer_with_its_code(api, shelf, said, code):
    assert error(ask(api(), **said)) == code


def test_an_argument_given_twice_is_refused(api):
    answer = xml_of(api().get("/oai?verb=Identify&verb=Identify").content)
    assert error(answer) == "badVerb"


def test_identify_says_how_it_keeps_what_was_taken_away(api, shelf, settings):
    found = ask(api(), verb="Identify").find(f"{OAI}Identify")
    assert found.findtext(f"{OAI}baseURL") == f"{settings.BASE_URL}/oai"
    assert found.findtext(f"{OAI}granularity") == "YYYY-MM-DDThh:mm:ssZ"
    assert found.findtext(f"{OAI}deletedRecord") == "persistent"
    assert "@" in found.findtext(f"{OAI}adminEmail")
    earliest = Dataset.objects.get(slug="a").modified
    assert found.findtext(f"{OAI}earliestDatestamp") == earliest.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_formats_and_sets(api, shelf):
    create_organization(actor=shelf.owner, slug="empty", title="Nothing yet")
    formats = [found.text for found in ask(api(), verb="ListMetadataFormats").iter(f"{OAI}metadataPrefix")]
    assert formats == ["oai_dc", "oai_datacite", "dcat"]
    sets = [
        (s.findtext(f"{OAI}setSpec"), s.findtext(f"{OAI}setName"))
        for s in ask(api(), verb="ListSets").iter(f"{OAI}set")
    ]
    assert sets == [("institute", "Institute")]


def test_an_empty_site_has_no_set_and_no_record(api, shelf):
    Dataset.objects.update(latest=None)
    assert error(ask(api(), verb="ListSets")) == "noSetHierarchy"
    assert error(ask(api(), **LIST)) == "noRecordsMatch"
    assert error(ask(api(), verb="Identify")) is None


@pytest.mark.parametrize("who", ["nobody", "owner"])
def test_everybody_harvests_what_anybody_may_see(api, shelf, who):
    client = api() if who == "nobody" else api(shelf.owner)
    expected = [(key(slug), None) for slug in ("a", "b", "closed")]
    assert headers(ask(client, **LIST)) == expected
    assert headers(ask(client, **{**LIST, "verb": "ListIdentifiers"})) == expected


@pytest.mark.parametrize("prefix", sorted(FORMATS))
def test_a_record_in_each_format(api, shelf, prefix):
    root = ask(api(), verb="GetRecord", identifier=identifier("closed"), metadataPrefix=prefix)
    [record] = root.iter(f"{OAI}record")
    [metadata] = record.find(f"{OAI}metadata")
    assert metadata.tag.startswith(f"{{{FORMATS[prefix].namespace}}}")
    assert "Closed" in list(metadata.itertext())
    assert all("parquet" not in text or "vnd.apache" in text for text in metadata.itertext() if "http" in text)


def test_dublin_core_names_rights_and_both_addresses(api, shelf, settings):
    root = ask(api(), verb="GetRecord", identifier=identifier("a"), metadataPrefix="oai_dc")
    said = [(found.tag.removeprefix(DC), found.text) for found in root.iter() if found.tag.startswith(DC)]
    assert ("identifier", f"{settings.BASE_URL}/institute/a/v/1.0.0/") in said
    assert ("rights", "info:eu-repo/semantics/openAccess") in said
    assert ("rights", "https://spdx.org/licenses/CC-BY-4.0.html") in said
    assert ("creator", "Institute") in said


def test_a_list_comes_in_pieces_and_each_record_once(api, shelf, monkeypatch):
    monkeypatch.setattr(views, "PAGE_SIZE", 2)
    client = api()
    root = ask(client, **LIST, set="institute")
    seen = headers(root)
    token = root.find(f".//{OAI}resumptionToken")
    assert (token.get("completeListSize"), token.get("cursor")) == ("3", "0")
    again = ask(client, verb="ListRecords", resumptionToken=token.text)
    assert headers(again) == headers(ask(client, verb="ListRecords", resumptionToken=token.text))
    seen += headers(again)
    last = again.find(f".//{OAI}resumptionToken")
    assert (last.text, last.get("cursor")) == (None, "2")
    assert [number for number, _ in seen] == [key(slug) for slug in ("a", "b", "closed")]


def test_a_list_is_cut_by_seconds_on_both_sides(api, shelf):
    moment = timezone.now().replace(microsecond=0)
    for slug, days in (("a", 3), ("b", 2), ("closed", 1)):
        Dataset.objects.filter(slug=slug).update(modified=moment - timedelta(days=days) + timedelta(milliseconds=700))
    at = {slug: f"{moment - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for slug, days in (("a", 3), ("b", 2))}
    client = api()
    assert len(headers(ask(client, **LIST, from_=at["b"], until=at["b"]))) == 1
    assert [number for number, _ in headers(ask(client, **LIST, until=at["b"]))] == [key("a"), key("b")]
    assert [number for number, _ in headers(ask(client, **LIST, from_=at["b"]))] == [key("b"), key("closed")]
    assert headers(ask(client, **LIST, from_=at["a"][:10], until=at["a"][:10])) == [(key("a"), None)]


def test_what_was_taken_away_leaves_a_tombstone(api, shelf):
    client = api()
    withdraw_version(actor=shelf.owner, version=Dataset.objects.get(slug="a").latest, reason="Wrong.")
    update_dataset(actor=shelf.owner, dataset=Dataset.objects.get(slug="b"), description=Description(access="private"))
    found = dict(headers(ask(client, **LIST)))
    assert found == {key("closed"): None, key("a"): "deleted", key("b"): "deleted"}
    for slug in ("a", "b"):
        root = ask(client, verb="GetRecord", identifier=identifier(slug), metadataPrefix="oai_datacite")
        assert headers(root) == [(key(slug), "deleted")]
        assert root.find(f".//{OAI}metadata") is None


def test_what_was_never_for_everybody_leaves_none(api, shelf):
    """Private at its publication, or published only after it was made private: nobody outside has ever heard of it."""
    hidden = make_dataset(shelf, slug="hidden")
    update_dataset(actor=shelf.owner, dataset=hidden, description=Description(access="private"))
    make_published(shelf, hidden)
    assert len(headers(ask(api(), **LIST))) == 3
    for slug in ("hidden", "secret"):
        root = ask(api(), verb="GetRecord", identifier=identifier(slug), metadataPrefix="oai_dc")
        assert error(root) == "idDoesNotExist"


def test_a_dataset_that_is_open_again_is_a_record_again(api, shelf):
    dataset = Dataset.objects.get(slug="b")
    for access in ("private", "restricted"):
        dataset = update_dataset(actor=shelf.owner, dataset=dataset, description=Description(access=access))
    assert dict(headers(ask(api(), **LIST)))[key("b")] is None


def test_arguments_are_taken_from_a_form_too(api, shelf, client):
    body = urlencode(LIST)
    answer = client.post("/oai", body, content_type="application/x-www-form-urlencoded")
    assert len(headers(xml_of(answer.content))) == 3
    assert client.post("/oai", "{}", content_type="application/json").status_code == 415
    assert error(xml_of(client.post("/oai", b"", content_type="").content)) == "badVerb"


def test_a_list_takes_the_same_queries_however_long(api, shelf, django_assert_num_queries):
    client = api()
    with django_assert_num_queries(7):
        client.get(f"/oai?{urlencode(LIST)}")
    Dataset.objects.filter(slug="a").update(latest=None)
    with django_assert_num_queries(7):
        client.get(f"/oai?{urlencode(LIST)}")


@given(st.text(max_size=80))
def test_no_token_makes_more_than_a_refusal(token):
    with pytest.raises(OaiError, match="none of ours"):
        read_harvest(read_arguments([("verb", "ListRecords"), ("resumptionToken", token)]))


def test_a_token_holds_all_of_its_list():
    moment = timezone.now()
    harvest = Harvest("dcat", Selection(moment, moment, "institute"))
    place = Place(moment, 7, 100, 250)
    read = read_harvest({"verb": "ListRecords", "resumptionToken": token_of(harvest, place)})
    assert read == Harvest("dcat", harvest.selection, place)


@pytest.mark.parametrize("text", ["", "oai:elsewhere:dataset-1", "oai:127.0.0.1:dataset-01", "oai:127.0.0.1:dataset-x"])
def test_an_identifier_of_another_is_none_of_ours(text):
    assert key_of(text) is None
