"""How a file is opened, on its page: three lines in several encodings, and the header among the first lines."""

from __future__ import annotations

import gzip
import re

import pytest
from django.test import Client

from catalog.models import Dataset, Resource
from ingest.models import Upload
from ingest.selectors.beginnings import samples
from ingest.services.processing import process
from tests.fixtures.datasets import make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.uploading import push

# The lease of a job is held by a thread of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

CLEAN = "/share/institute/birds/tables/birds/clean/"
OPENING = "/share/institute/birds/tables/birds/opening/"
GREEK = ("όνομα,place\n" + "".join(f"<b>{n},Αθήνα\n" for n in range(30))).encode("cp1253")


@pytest.fixture
def dataset(cast: Cast) -> Dataset:
    return make_dataset(cast)


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.contributor.user)
    return client


def names(dataset: Dataset) -> list[str]:
    table = Resource.objects.get(version__dataset=dataset, version__state="draft")
    return [field.get("sourceName") or field["name"] for field in table.schema["fields"]]


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def say(client: Client, **sent: str) -> None:
    assert client.post(OPENING, sent).status_code == 302
    process(upload_id=Upload.objects.latest("created").pk)


def test_the_readable_lines_are_picked_and_the_header_is_clicked(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, GREEK)
    assert "The file does not say how its letters are written." in shown(client, CLEAN)
    page = shown(client, OPENING)
    assert "<b>0" not in page
    assert "&lt;b&gt;0,Αθήνα" in page, "three lines of one of the readings"
    offered = re.findall('name="encoding" value="([^"]+)"', page)
    assert len(offered) == 2
    say(client, encoding=offered[0])
    assert "The file does not say" not in shown(client, CLEAN)
    assert names(dataset)[0] != "όνομα"
    say(client, encoding="cp1253")
    assert names(dataset) == ["όνομα", "place"]
    say(client, header="0")
    assert names(dataset) == ["column_1", "column_2"]
    say(client, header="2")
    assert names(dataset) == ["<b>0", "Αθήνα"], "the encoding stays as it was said"
    page = shown(client, OPENING)
    assert re.search('name="header" value="2" aria-current="true"', page)
    say(client, as_found="1")
    assert names(dataset) == ["όνομα", "place"]
    assert "The file does not say" in shown(client, CLEAN)


def test_what_is_not_offered_is_refused(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, GREEK)
    for sent in ({"encoding": "rot13"}, {"header": "21"}, {"header": "-1"}, {}):
        refused = client.post(OPENING, sent)
        assert refused.status_code == 400
        assert "that are shown" in refused.content.decode()


def test_a_packed_file_and_one_in_utf_8_are_in_no_doubt(cast: Cast, dataset: Dataset, client: Client) -> None:
    push(cast.contributor, dataset, gzip.compress(GREEK), "birds.csv.gz")
    page = shown(client, OPENING)
    assert 'name="encoding"' not in page
    assert 'name="header"' not in page
    assert samples("ä\n".encode(), "utf-8") == ()
    assert [item.encoding for item in samples(b"\xc4\xe3\xba\xc3\n", "gb18030")][:1] == ["gb18030"]
