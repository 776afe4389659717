"""Documents of a version and the signed addresses of its files; what a page tells search engines."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from catalog.allowances.quotas import forget_quotas
from catalog.models import AuditEvent, Quota, QuotaKind
from catalog.protocols.documents.croissant import MAX_RECORD_SETS, croissant
from catalog.protocols.documents.datapackage import datapackage
from catalog.protocols.documents.files import named_files, registry
from catalog.protocols.release import OriginalFile, PartFile, columns_of
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.granting.grants import grant_access
from tests.fixtures.datasets import make_dataset
from tests.protocols.test_huggingface_facade import release
from tests.protocols.world import client_of, make_world, publish

pytestmark = pytest.mark.django_db
API = "/api/v1/datasets/institute"
STRUCTURED = '<script type="application/ld+json">'


@pytest.fixture(scope="module")
def world(module_db, django_db_blocker):
    with django_db_blocker.unblock():
        return make_world()


def test_one_call_signs_every_file(world):
    """The addresses give the very bytes, end when they say, and the call is one read of each table on the trail."""
    before = AuditEvent.objects.filter(action="resource.read").count()
    answer = client_of(world, "grantee").get(f"{API}/closed/versions/1.0.0/urls")
    assert answer["Cache-Control"] == "no-store"
    files = answer.json()["files"]
    assert [(file["kind"], file["path"]) for file in files] == [
        ("parquet", "birds.parquet"),
        ("original", "originals/birds/birds.csv"),
    ]
    for file in files:
        data = httpx.get(file["url"]).content
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
        left = datetime.fromisoformat(file["expires"]) - timezone.now()
        assert timedelta() < left <= timedelta(seconds=settings.PRESIGNED_SECONDS)
    [event] = AuditEvent.objects.filter(action="resource.read").order_by("pk")[before:]
    assert (event.actor, event.detail["links"], event.detail["right"]) == (world.grantee.user, 2, "grant")


def test_an_address_ends_with_the_grant(world):
    dataset = make_dataset(world, slug="soon", access="restricted")
    publish(world, dataset)
    until = timezone.now() + timedelta(seconds=60)
    grant_access(actor=world.owner, dataset=dataset, username="stranger", expires_at=until)
    [file, _] = client_of(world, "stranger").get(f"{API}/soon/versions/1.0.0/urls").json()["files"]
    assert datetime.fromisoformat(file["expires"]) <= until
    assert int(re.search(r"X-Amz-Expires=(\d+)", file["url"])[1]) <= 60


def test_files_are_chosen(world):
    ask = lambda query: client_of(world, "anonymous").get(f"{API}/open/versions/latest/urls?{query}")  # noqa: E731
    assert [file["kind"] for file in ask("kind=original").json()["files"]] == ["original"]
    assert [file["kind"] for file in ask("resource=birds&kind=parquet").json()["files"]] == ["parquet"]
    assert ask("resource=none").status_code == 404
    assert ask("kind=none").status_code == 400
    assert ask("").json()["version"] == "1.2.0", "an address that says latest gives those of a number"


@pytest.fixture
def spent(world):
    """A reader whose quota of downloads is one byte."""
    Quota.objects.create(user=world.reader.user, kind=QuotaKind.DOWNLOADS, amount=1)
    forget_quotas()
    yield client_of(world, "reader")
    forget_quotas()


def test_every_protocol_counts_what_it_gives_away(world, spent):
    before = AuditEvent.objects.count()
    hub = "/hf/datasets/institute/open/resolve/v1.0.0/birds/train/0000.parquet"
    share = "/delta-sharing/shares/institute/schemas/open/tables/birds"
    told = [
        spent.get(f"{API}/open/versions/1.0.0/urls").status_code,
        spent.get(hub, REMOTE_ADDR="192.0.2.9").status_code,
        spent.get(hub, REMOTE_ADDR="192.0.2.9").status_code,
        spent.post(f"{share}/query", {}, format="json").status_code,
        spent.get(f"{share}/changes?startingVersion=1").status_code,
    ]
    assert told == [429] * 5
    assert AuditEvent.objects.count() == before, "nothing was given"
    assert spent.get(f"{share}/metadata").status_code == 200


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ("croissant.json", 200),
        ("croissant.json?spec=1.1", 200),
        ("croissant.json?spec=2", 400),
        ("datapackage.json", 200),
        ("datapackage.json?spec=1", 200),
        ("datapackage.json?spec=3", 400),
        ("registry.txt", 200),
    ],
)
def test_documents_are_of_published_versions_and_known_by_their_etag(world, document, status):
    client = client_of(world, "anonymous")
    answer = client.get(f"{API}/open/versions/1.0.0/{document}")
    assert answer.status_code == status
    if status == 200:
        assert client.get(f"{API}/open/versions/1.1.0/{document}").status_code == 410, "it was withdrawn"
        again = client.get(f"{API}/open/versions/1.0.0/{document}", HTTP_IF_NONE_MATCH=answer["ETag"])
        assert (again.status_code, again.content) == (304, b"")


def test_an_old_version_is_described_as_it_was(world):
    before = client_of(world, "anonymous").get(f"{API}/open/versions/1.0.0/croissant.json").json()
    dataset = world.organization.datasets.get(slug="open")
    update_dataset(actor=world.owner, dataset=dataset, description=Description(title="Another title", license="MIT"))
    after = client_of(world, "anonymous").get(f"{API}/open/versions/1.0.0/croissant.json").json()
    assert after == before
    assert after["name"] == "Open"


def test_the_page_tells_search_engines(world):
    dataset = world.organization.datasets.get(slug="open")
    hostile = Description(title="</script><script>alert(1)</script> & more", license="CC-BY-4.0")
    update_dataset(actor=world.owner, dataset=dataset, description=hostile)
    page = Client().get("/institute/open/").content.decode()
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    told = json.loads(text)
    assert told["@type"] == "sc:Dataset"
    assert told["name"] == hostile.title
    assert told["distribution"][0]["contentUrl"].endswith("/versions/1.2.0/resources/birds.parquet")
    assert told["license"].startswith("https://spdx.org/")
    assert "alert(1)</script>" not in page
    signed_in = Client()
    signed_in.force_login(world.owner.user)
    assert STRUCTURED not in signed_in.get("/institute/secret/").content.decode(), "nobody else is to know of it"
    assert STRUCTURED not in signed_in.get("/institute/open/v/1.1.0/").content.decode(), "it was withdrawn"


def with_parts(count, originals=()):
    made = release(rows=3)
    parts = tuple(PartFile(n, f"t-{n:05d}.parquet", f"https://site/{n}", "f" * 64, 9, 3) for n in range(count))
    schema = {
        "primaryKey": "id",
        "fields": [
            {"name": "id", "type": "integer", "arrow": "int64"},
            {"name": "größe / m²", "type": "array", "arrow": "list<element: list<element: double>>"},
            {"name": "thing", "type": "object", "arrow": "struct<a: int64>"},
        ],
    }
    table = replace(made.tables[0], parts=parts, schema=schema, columns=columns_of(schema), originals=tuple(originals))
    return replace(made, tables=(table,))


def test_a_table_of_many_files_is_told_file_by_file_or_together():
    few, many = croissant(with_parts(3), spec="1.1"), croissant(with_parts(MAX_RECORD_SETS + 1), spec="1.1")
    assert [record["@id"] for record in few["recordSet"]] == ["t-0", "t-1", "t-2"]
    assert [record["@id"] for record in many["recordSet"]] == ["t"]
    assert many["distribution"][-1]["@type"] == "cr:FileSet"
    assert "recordSet" not in croissant(with_parts(3), spec="1.0", records=False)


def test_columns_in_croissant():
    number, grid = croissant(with_parts(1), spec="1.1")["recordSet"][0]["field"]
    assert (number["dataType"], grid["arrayShape"], grid["name"]) == ("cr:Int64", "-1,-1", "größe / m²")
    assert grid["@id"] == "t/gr%C3%B6%C3%9Fe%20%2F%20m%C2%B2"
    assert croissant(with_parts(1), spec="1.0")["recordSet"][0]["field"][1]["repeated"] is True
    record = croissant(with_parts(1), spec="1.0")["recordSet"][0]
    assert record["key"] == [{"@id": "t/id"}]
    assert "thing" in record["description"]


def test_a_data_package_names_addresses_or_files():
    made = datapackage(with_parts(2), spec="2")["resources"][0]
    assert made["path"] == ["https://site/0", "https://site/1"]
    assert "hash" not in made
    local = datapackage(with_parts(1), spec="1", local=True)["resources"][0]
    assert (local["path"], local["hash"]) == ("t-00000.parquet", f"sha256:{'f' * 64}")
    assert [field["type"] for field in local["schema"]["fields"]] == ["integer", "any", "object"]
    assert "$schema" not in local["schema"]


def test_a_registry_has_a_name_of_its_own_for_every_file():
    originals = [
        OriginalFile(n, name, f"https://site/o{n}", "e" * 64, 5, "text/csv")
        for n, name in enumerate(["a b.csv", "day.csv", "day.csv", "../up.csv"])
    ]
    made = with_parts(1, originals)
    paths = [file.path for file in named_files(made)]
    assert paths == [
        "t-00000.parquet",
        "originals/t/a b.csv",
        "originals/t/001-day.csv",
        "originals/t/002-day.csv",
        "originals/t/.._up.csv",
    ]
    assert f"'originals/t/a b.csv' sha256:{'e' * 64} https://site/o0\n" in registry(made)
