"""Documents on their way out, and frozen: by the right to the tables' bytes, under the same audit and limits."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import keys, storage
from catalog.allowances.quotas import forget_quotas, stored_bytes
from catalog.errors import CatalogError, Invalid
from catalog.models import AuditEvent, Document, Quota, QuotaKind
from catalog.numbering import document_changes
from catalog.selectors.storage import in_store, storage_by_organization
from catalog.services.granting.grants import grant_access
from catalog.services.publishing.documents import TooManyDocuments, edit_document, remove_document
from catalog.services.publishing.embargo import set_version_embargo
from catalog.services.publishing.resources import VersionNotDraft
from catalog.services.publishing.versions import (
    open_draft,
    propose_number,
    restart_draft,
    submit_version,
    withdraw_version,
)
from tests.fixtures.datasets import (
    PDF,
    add_document,
    make_checked_draft,
    make_dataset,
    make_published,
    make_submitted,
)
from tests.fixtures.people import make_cast
from tests.fixtures.reviews import approve

pytestmark = pytest.mark.django_db
HTML = b"<!doctype html><script>alert(document.domain)</script>"
HOSTILE = "x #_%&.. 表.html"


@pytest.fixture(scope="module")
def world(module_db, django_db_blocker):
    """``birds`` has a codebook in 1.0.0; 1.0.1 changes it, drops the notes, adds a page; ``closed`` is restricted."""
    with django_db_blocker.unblock():
        return make_world()


def make_world():
    cast = make_cast()
    birds = make_dataset(cast, slug="birds")
    add_document(cast.contributor, birds, title="The codebook", description="All codes.")
    add_document(cast.contributor, birds, "notes.txt", b"Notes", media_type="text/plain")
    first = make_published(cast, birds)
    add_document(cast.contributor, birds, data=PDF + b"2")
    remove_document(actor=cast.contributor, document=birds.versions.open().get().documents.get(name="notes.txt"))
    add_document(cast.contributor, birds, "../x #?%&.. 表.html", HTML, media_type="text/html")
    second = make_published(cast, birds)
    closed = make_dataset(cast, slug="closed", access="restricted")
    add_document(cast.owner, closed)
    make_published(cast, closed)
    return SimpleNamespace(cast=cast, birds=birds, first=first, second=second, closed=closed)


def at(version, name="codebook.pdf", dataset="birds"):
    return f"/api/v1/datasets/institute/{dataset}/versions/{version}/documents/{name}"


def people(cast):
    return None, cast.stranger, cast.reader


# ---------------------------------------------------------------- the bytes
def test_a_document_is_an_attachment_of_the_store_and_is_on_record(world, api):
    answer = api().get(at("1.0.0"))
    assert answer.status_code == 302
    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert asked["response-content-disposition"][0].startswith("attachment")
    assert httpx.get(answer["Location"]).content == PDF
    event = AuditEvent.objects.filter(action="document.downloaded").latest("pk")
    assert (event.detail["version"], event.detail["right"]) == ("1.0.0", "public")
    assert event.detail["sha256"] == hashlib.sha256(PDF).hexdigest()


def test_what_a_browser_would_run_is_bytes_and_nothing_more(world, api):
    answer = api().get(at("1.0.1", quote(HOSTILE)) + "?stream=1")
    assert b"".join(answer.streaming_content) == HTML
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    redirect = api().get(at("1.0.1", quote(HOSTILE)))
    assert parse_qs(urlsplit(redirect["Location"]).query)["response-content-type"] == ["application/octet-stream"]


def test_a_range_of_a_document(world, api):
    answer = api().get(at("1.0.0") + "?stream=1", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"%PDF")


@pytest.mark.parametrize("name", ["../codebook.pdf", "%2e%2e%2fcodebook.pdf", "CODEBOOK.PDF", "a/b", "%00"])
def test_no_other_name_leads_anywhere(world, api, name):
    assert api().get(at("1.0.0", name)).status_code == 404


def test_an_embargo_holds_documents_as_it_holds_tables(world, api):
    cast = world.cast
    dataset = make_dataset(cast, slug="held")
    add_document(cast.contributor, dataset)
    draft = make_checked_draft(cast, dataset)
    set_version_embargo(actor=cast.owner, version=draft, until=timezone.now() + timedelta(days=9))
    approve(actor=cast.steward, review=submit_version(actor=cast.contributor, version=draft, note="N.").reviews.get())
    address = at("1.0.0", dataset="held")
    table = "/api/v1/datasets/institute/held/versions/1.0.0/resources/birds/original"
    told = [[api(person).get(path).status_code for person in people(cast)] for path in (address, table)]
    assert told == [[403, 403, 302], [403, 403, 302]]


def test_a_withdrawn_version_gives_no_document(world, api):
    withdraw_version(actor=world.cast.owner, version=world.second, reason="Wrong.")
    answer = api(world.cast.owner).get(at("1.0.1"))
    assert (answer.status_code, answer.json()["code"]) == (410, "version-withdrawn")
    assert api().get(at("1.0.0")).status_code == 302


def test_documents_count_for_the_quota_of_downloads(world, api):
    Quota.objects.create(organization=world.cast.organization, kind=QuotaKind.DOWNLOADS, amount=len(PDF) - 1)
    forget_quotas()
    try:
        answer = api().get(at("1.0.0"))
    finally:
        forget_quotas()
    assert (answer.status_code, answer.json()["code"]) == (429, "quota-spent")


# ---------------------------------------------------------------- frozen
def test_the_manifest_names_documents_with_their_hashes(world):
    manifest = json.loads(storage.read_bytes(keys.manifest(world.birds.pk, "1.0.0")))
    assert manifest["documents"] == [
        {
            "name": "codebook.pdf",
            "title": "The codebook",
            "description": "All codes.",
            "media_type": "application/pdf",
            "bytes": len(PDF),
            "sha256": hashlib.sha256(PDF).hexdigest(),
        },
        {
            "name": "notes.txt",
            "title": "",
            "description": "",
            "media_type": "text/plain",
            "bytes": 5,
            "sha256": hashlib.sha256(b"Notes").hexdigest(),
        },
    ]


@pytest.mark.parametrize("change", ["UPDATE {} SET title = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_a_published_document(world, change):
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(Document._meta.db_table) + " WHERE version_id = %s", [world.first.pk])


def test_services_refuse_too(world):
    document = world.first.documents.get(name="codebook.pdf")
    for refused in (edit_document, remove_document):
        with pytest.raises(VersionNotDraft):
            refused(actor=world.cast.contributor, document=document)


# ---------------------------------------------------------------- drafts
def test_a_draft_begins_with_the_last_documents_and_copies_no_byte(world):
    before = sorted(storage.list_keys(f"datasets/{world.birds.pk}/documents/"))
    draft = open_draft(actor=world.cast.contributor, dataset=world.birds)
    pairs = [list(item.documents.values_list("name", "sha256", "title")) for item in (world.second, draft)]
    assert pairs[0] == pairs[1]
    assert len(pairs[0]) == 2
    assert sorted(storage.list_keys(f"datasets/{world.birds.pk}/documents/")) == before
    empty = restart_draft(actor=world.cast.contributor, version=draft, start_from="empty")
    assert empty.documents.count() == 0
    again = restart_draft(actor=world.cast.contributor, version=empty, start_from="1.0.0")
    assert set(again.documents.values_list("name", flat=True)) == {"codebook.pdf", "notes.txt"}
    assert world.second.documents.count() == 2


def test_documents_alone_ask_for_a_patch(world):
    draft = open_draft(actor=world.cast.contributor, dataset=world.birds)
    add_document(world.cast.contributor, world.birds, "map.png", b"map")
    proposal = propose_number(draft)
    assert (proposal.number, proposal.reasons) == ("1.0.2", (("document-added", "map.png"),))
    assert document_changes({"a": "1", "b": "2"}, {"a": "2", "c": "3"}) == [
        ("document-added", "c"),
        ("document-changed", "a"),
        ("document-removed", "b"),
    ]


def test_what_is_said_has_its_limits(world, api):
    open_draft(actor=world.cast.contributor, dataset=world.birds)
    client = api(world.cast.contributor)
    answer = client.patch(at("draft"), {"title": "  Codes\n of 2024 ", "description": "<b>all</b>"})
    assert (answer.json()["title"], answer.json()["description"]) == ("Codes of 2024", "<b>all</b>")
    assert client.patch(at("draft"), {"title": "x" * 201}).status_code == 422
    with pytest.raises(Invalid):
        edit_document(
            actor=world.cast.contributor,
            document=world.birds.versions.open().get().documents.first(),
            description="x" * 1001,
        )


def test_a_version_has_only_so_many(world, monkeypatch):
    monkeypatch.setattr("catalog.services.publishing.documents.MOST", 2)
    open_draft(actor=world.cast.contributor, dataset=world.birds)
    with pytest.raises(TooManyDocuments):
        add_document(world.cast.contributor, world.birds, "third.txt", b"3")
    add_document(world.cast.contributor, world.birds, "codebook.pdf", b"another")


def test_a_submitted_version_is_not_added_to(world):
    dataset = make_dataset(world.cast, slug="waiting")
    make_submitted(world.cast, dataset)
    with pytest.raises(CatalogError, match="in review"):
        add_document(world.cast.contributor, dataset)


# ---------------------------------------------------------------- what is kept
def test_storage_counts_each_document_once(world):
    organization = world.cast.organization
    before = stored_bytes(organization)
    open_draft(actor=world.cast.contributor, dataset=world.birds)
    assert stored_bytes(organization) == before
    add_document(world.cast.contributor, world.birds, "map.png", b"map")
    assert stored_bytes(organization) == before + 3
    [row] = [row for row in storage_by_organization() if row.organization == organization]
    distinct = {
        (item.version.dataset_id, item.sha256): item.bytes for item in Document.objects.select_related("version")
    }
    assert (row.documents.objects, row.documents.bytes) == (len(distinct), sum(distinct.values()))
    assert row.total == before + 3


def test_what_was_removed_from_a_draft_is_told_as_unnamed(world):
    organization = world.cast.organization
    before = in_store(organization).unnamed
    open_draft(actor=world.cast.contributor, dataset=world.birds)
    document = add_document(world.cast.contributor, world.birds, "map.png", b"a map that nobody names")
    assert in_store(organization).unnamed == before
    remove_document(actor=world.cast.contributor, document=document)
    after = in_store(organization).unnamed
    assert (after.objects - before.objects, after.bytes - before.bytes) == (1, 23)


# ---------------------------------------------------------------- lists, archive, protocols
def test_files_json_registry_and_signed_addresses_name_documents(world, api):
    base = "/api/v1/datasets/institute/birds/versions/1.0.1"
    files = [item for item in api().get(f"{base}/files.json").json()["files"] if item["kind"] == "document"]
    assert [item["path"] for item in files] == ["documents/codebook.pdf", f"documents/{HOSTILE}"]
    assert unquote(urlsplit(files[1]["url"]).path).endswith(f"/documents/{HOSTILE}")
    assert api().get(urlsplit(files[1]["url"]).path).status_code == 302
    registry = api().get(f"{base}/registry.txt").content.decode()
    assert f"documents/codebook.pdf sha256:{files[0]['sha256']} {files[0]['url']}\n" in registry
    signed = api().get(f"{base}/urls?kind=document").json()["files"]
    assert [httpx.get(item["url"]).content for item in signed] == [PDF + b"2", HTML]
    assert AuditEvent.objects.filter(action="document.downloaded").count() == 2 + 1


def test_the_archive_holds_documents_with_their_sums(world, api):
    answer = api().get("/api/v1/datasets/institute/birds/versions/1.0.1/archive.zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.read("birds-1.0.1/documents/codebook.pdf") == PDF + b"2"
    assert archive.read(f"birds-1.0.1/documents/{HOSTILE}") == HTML
    sums = archive.read("birds-1.0.1/SHA256SUMS").decode()
    assert f"{hashlib.sha256(HTML).hexdigest()}  documents/{HOSTILE}\n" in sums
    assert b"documents/codebook.pdf" in archive.read("birds-1.0.1/README.md")
    told = AuditEvent.objects.filter(action="document.downloaded", detail__protocol="archive")
    assert told.count() == 2


def test_protocols_tell_documents_in_their_own_words(world, api):
    base = "/api/v1/datasets/institute/birds"
    distribution = api().get(f"{base}/versions/1.0.0/croissant.json").json()["distribution"]
    [found] = [item for item in distribution if item["name"] == "codebook.pdf"]
    assert (found["encodingFormat"], found["description"]) == ("application/pdf", "The codebook. All codes")
    turtle = api().get(f"{base}/versions/1.0.0/dcat.ttl").content.decode()
    assert "foaf:page" in turtle
    assert "/versions/1.0.0/documents/codebook.pdf" in turtle
    package = api().get("/api/3/action/package_show?id=institute_birds@1.0.0").json()["result"]
    [resource] = [item for item in package["resources"] if item["name"] == "The codebook"]
    assert (resource["resource_type"], resource["mimetype"]) == ("documentation", "application/pdf")
    shown = api().get(f"/api/3/action/resource_show?id={resource['id']}").json()["result"]
    assert shown["hash"] == f"sha256:{hashlib.sha256(PDF).hexdigest()}"
    tree = api().get("/hf/api/datasets/institute/birds/tree/v1.0.0/documents").json()
    assert [item["path"] for item in tree] == ["documents/codebook.pdf", "documents/notes.txt"]
    sent = api().get("/hf/datasets/institute/birds/resolve/v1.0.0/documents/codebook.pdf")
    assert httpx.get(sent["Location"]).content == PDF
    links = api().get(f"{base}/versions/1.0.0/linkset.json").json()["linkset"][0]["item"]
    assert any(link["href"].endswith("/documents/codebook.pdf") for link in links)
    datacite = api().get(f"{base}/versions/1.0.0/datacite.json").json()
    assert "codebook" not in json.dumps(datacite)


def test_the_files_of_a_restricted_dataset_are_told_and_not_given(world, api):
    turtle = api().get("/api/v1/datasets/institute/closed/versions/1.0.0/dcat.ttl").content.decode()
    assert "foaf:page" in turtle
    assert "/documents/codebook.pdf" not in turtle
    assert (
        api(world.cast.stranger).get("/hf/datasets/institute/closed/resolve/main/documents/codebook.pdf").status_code
        == 403
    )


# ---------------------------------------------------------------- pages
def page_of(path, person=None):
    client = Client()
    if person is not None:
        client.force_login(person.user)
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.parametrize("address", ["files.json?links=1", "urls"])
def test_the_right_is_asked_once_for_all_files(world, api, address):
    """A version may have thousands of parts: only what is put on record is a question for each."""
    cast = world.cast
    closed = make_dataset(cast, slug="many", access="restricted")
    for number in range(7):
        add_document(cast.contributor, closed, f"{number}.txt", bytes([65 + number]))
    make_published(cast, closed)
    grant_access(actor=cast.owner, dataset=closed, username="grantee")
    client = api(cast.grantee)
    with CaptureQueriesContext(connection) as asked:
        told = client.get(f"/api/v1/datasets/institute/many/versions/1.0.0/{address}")
    assert told.status_code == 200, told.content
    assert len(told.json()["files"]) >= 8
    rights = [query["sql"] for query in asked.captured_queries if "catalog_accessgrant" in query["sql"]]
    assert 1 <= len(rights) <= 5


def test_the_overview_lists_documents(world):
    page = page_of("/institute/birds/v/1.0.0/")
    assert "The codebook" in page
    assert 'href="/api/v1/datasets/institute/birds/versions/1.0.0/documents/codebook.pdf" download' in page
    assert hashlib.sha256(PDF).hexdigest() in page
    hostile = page_of("/institute/birds/")
    assert f"documents/{quote(HOSTILE)}" in hostile
    closed = page_of("/institute/closed/", world.cast.stranger)
    assert "codebook.pdf" in closed
    assert 'documents/codebook.pdf" download' not in closed


def test_the_steward_sees_and_opens_them(world, api):
    dataset = make_dataset(world.cast, slug="waiting")
    add_document(world.cast.contributor, dataset, title="<script>alert(1)</script>")
    review = make_submitted(world.cast, dataset).reviews.get()
    page = page_of(f"/review/{review.pk}/", world.cast.steward)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert(1)" not in page
    assert 'href="/api/v1/datasets/institute/waiting/versions/draft/documents/codebook.pdf"' in page
    assert api(world.cast.steward).get(at("draft", dataset="waiting")).status_code == 302
    assert api(world.cast.stranger).get(at("draft", dataset="waiting")).status_code == 404


def test_a_comparison_says_what_became_of_documents(world):
    page = page_of("/institute/birds/compare/1.0.0...1.0.1/")
    for said in ("document added", "other bytes", "document removed", "notes.txt"):
        assert said in page


def test_the_share_page_tells_with_what_a_draft_begins(world):
    page = page_of("/share/institute/birds/", world.cast.contributor)
    assert "The version starts with the 2 documents of 1.0.1" in page
    make_checked_draft(world.cast, world.birds)
    listed = page_of("/share/institute/birds/", world.cast.contributor)
    assert 'value="codebook.pdf">Remove' in listed
