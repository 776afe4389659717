"""Documents on their way in: announced, sent in parts, verified, stored as they are; nothing of them is read."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from catalog import keys, storage
from catalog.document_names import document_name
from catalog.errors import Invalid
from catalog.models import AuditEvent, Document
from catalog.services.membership.organizations import set_member
from catalog.services.publishing.versions import submit_version
from ingest.files.document_types import document_type
from ingest.models import Upload, UploadState
from ingest.services.documents import DocumentWords, NotKept, initiate_document, keep_as_document, may_be_kept
from ingest.services.processing import process
from ingest.services.uploads import sweep_staged
from tests.fixtures.datasets import make_checked_draft, make_dataset
from tests.fixtures.uploading import attach, push

pytestmark = pytest.mark.django_db(transaction=True)

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(60)


def documents_of(dataset):
    return list(dataset.versions.open().get().documents.all())


def test_a_document_is_stored_as_it_is_and_is_in_the_draft(cast):
    dataset = make_dataset(cast)
    upload = attach(cast.contributor, dataset, PDF, "codebook.pdf", title=" The  codebook ", description="Every code.")
    assert (upload.state, upload.kind, upload.resource_names) == (UploadState.STORED, "document", [])
    [document] = documents_of(dataset)
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert (document.name, document.title, document.description) == ("codebook.pdf", "The codebook", "Every code.")
    assert (document.sha256, document.bytes, document.media_type) == (sha256, len(PDF), "application/pdf")
    assert storage.read_bytes(keys.document(dataset.pk, sha256)) == PDF
    assert not storage.exists(keys.staged_upload(upload.pk))
    assert AuditEvent.objects.filter(action="document.stored", object_id=str(document.pk)).count() == 1


def test_a_document_of_the_same_name_takes_the_place_and_keeps_what_was_said(cast):
    dataset = make_dataset(cast)
    attach(cast.contributor, dataset, PDF, "map.pdf")
    attach(cast.contributor, dataset, PDF, "codebook.pdf", title="The codebook")
    attach(cast.contributor, dataset, PDF + b"2", "Codebook.pdf")
    shown = [(item.name, item.title, item.bytes - len(PDF)) for item in documents_of(dataset)]
    assert shown == [("map.pdf", "", 0), ("Codebook.pdf", "The codebook", 1)]


def test_bytes_that_are_not_those_that_were_announced_are_refused(cast):
    dataset = make_dataset(cast)
    upload = initiate_document(
        actor=cast.contributor, dataset=dataset, filename="a.pdf", size=len(PDF), words=DocumentWords(), sha256="0" * 64
    )
    storage.put_bytes(keys.staged_upload(upload.pk), PDF, content_type="application/pdf")
    Upload.objects.filter(pk=upload.pk).update(state=UploadState.RECEIVED)
    process(upload_id=upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.findings[0]["code"]) == (UploadState.REJECTED, "checksum-mismatch")
    assert Document.objects.count() == 0


def test_a_refused_file_becomes_a_document_of_the_bytes_that_are_here(cast):
    dataset = make_dataset(cast)
    refused = push(cast.contributor, dataset, PICTURE, "plan.dat")
    assert refused.findings[0]["code"] == "format-has-a-way"
    kept = keep_as_document(actor=cast.contributor, upload=refused)
    assert (kept.state, kept.multipart_id) == (UploadState.RECEIVED, "")
    process(upload_id=kept.pk)
    kept.refresh_from_db()
    assert kept.state == UploadState.STORED
    [document] = documents_of(dataset)
    assert (document.name, document.media_type) == ("plan.dat", "image/png")
    assert storage.read_bytes(keys.document(dataset.pk, document.sha256)) == PICTURE
    assert not storage.exists(keys.staged_upload(refused.pk))
    with pytest.raises(NotKept):
        keep_as_document(actor=cast.contributor, upload=refused)


def test_what_is_refused_for_its_rows_or_is_gone_is_not_offered(cast):
    dataset = make_dataset(cast)
    accepted = push(cast.contributor, dataset, "a,b\n1,2\n")
    with pytest.raises(NotKept):
        keep_as_document(actor=cast.contributor, upload=accepted)
    refused = push(cast.contributor, dataset, PICTURE, "plan.dat")
    Upload.objects.filter(pk=refused.pk).update(filename="plan.parquet")
    refused.refresh_from_db()
    assert not may_be_kept(refused)
    Upload.objects.filter(pk=refused.pk).update(filename="plan.dat")
    storage.delete(keys.staged_upload(refused.pk))
    with pytest.raises(NotKept) as caught:
        keep_as_document(actor=cast.contributor, upload=refused)
    assert "kept for" in caught.value.sentence


def test_a_document_over_the_limit_is_told_so_before_a_byte_travels(cast, api, settings):
    settings.DOCUMENT_LIMIT_BYTES = 1_000
    make_dataset(cast)
    body = {"dataset": "institute/birds", "filename": "a.pdf", "size": 1_001, "kind": "document"}
    answer = api(cast.contributor).post("/api/v1/uploads", body)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload-too-large")
    assert answer.json()["detail"] == "a.pdf has 1,001 bytes, which is over 1,000, the most that a document may have."
    assert Upload.objects.count() == 0


def test_a_draft_that_was_submitted_meanwhile_takes_no_document(cast):
    dataset = make_dataset(cast)
    draft = make_checked_draft(cast, dataset)
    upload = initiate_document(
        actor=cast.contributor, dataset=dataset, filename="a.pdf", size=len(PDF), words=DocumentWords()
    )
    storage.put_bytes(keys.staged_upload(upload.pk), PDF, content_type="application/pdf")
    Upload.objects.filter(pk=upload.pk).update(state=UploadState.RECEIVED)
    submit_version(actor=cast.contributor, version=draft, note="First.")
    process(upload_id=upload.pk)
    upload.refresh_from_db()
    assert (upload.state, upload.error["code"]) == (UploadState.REJECTED, "version-not-draft")
    assert Document.objects.count() == 0


def test_whoever_lost_the_right_meanwhile_adds_nothing(cast):
    dataset = make_dataset(cast)
    upload = initiate_document(
        actor=cast.contributor, dataset=dataset, filename="a.pdf", size=len(PDF), words=DocumentWords()
    )
    storage.put_bytes(keys.staged_upload(upload.pk), PDF, content_type="application/pdf")
    Upload.objects.filter(pk=upload.pk).update(state=UploadState.RECEIVED)
    set_member(actor=cast.owner, organization=cast.organization, username="contributor", role="reader")
    process(upload_id=upload.pk)
    upload.refresh_from_db()
    assert (upload.state, Document.objects.count()) == (UploadState.REJECTED, 0)


def test_the_sweep_of_staged_copies_knows_documents(cast):
    dataset = make_dataset(cast)
    upload = attach(cast.contributor, dataset, PDF)
    storage.put_bytes(keys.staged_upload(upload.pk), PDF, content_type="application/pdf")
    assert sweep_staged() >= 1
    assert not storage.exists(keys.staged_upload(upload.pk))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x.pdf", "x.pdf"),
        ("C:\\secret\\x.pdf", "x.pdf"),
        ("<script>.pdf", "_script_.pdf"),
        ("annual\u202efdp.exe", "annualfdp.exe"),
        ("a\x00b\nc.txt", "abc.txt"),
        ("con.txt", "_con.txt"),
        ("..hidden", "hidden"),
        ("a   b.pdf", "a b.pdf"),
        ("调查问卷.docx", "调查问卷.docx"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
    ],
)
def test_names_are_safe(given, kept):
    assert document_name(given) == kept


@pytest.mark.parametrize("name", ["x" * 300 + ".pdf", "表" * 300 + ".pdf", "x." + "y" * 300, "🐦" * 100])
def test_long_names_are_cut_and_keep_their_suffix(name):
    found = document_name(name)
    assert len(found.encode()) <= 200
    assert document_name(found) == found
    if name.endswith(".pdf"):
        assert found.endswith(".pdf")


@pytest.mark.parametrize("name", ["", "..", "/", "\u202e", "birds.parquet", "x/Birds.PARQUET"])
def test_names_that_can_not_be(name):
    with pytest.raises(Invalid):
        document_name(name)


def packed(first, content=b""):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(first, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("head", "name", "expected"),
    [
        (PDF, "page.html", "application/pdf"),
        (PICTURE, "x.pdf", "image/png"),
        (b"<!DOCTYPE html><p>", "notes.txt", "text/html"),
        (b"  <svg onload='x'>", "map.png", "image/svg+xml"),
        (b"<?xml version='1.0'?><html xmlns='x'>", "x.txt", "application/xhtml+xml"),
        (b"<?xml version='1.0'?><a/>", "x.txt", "application/xml"),
        (b"# Notes\n", "README.md", "text/markdown"),
        (b"Plain words", "x.pdf", "text/plain"),
        (b"BZh is a word", "x.txt", "text/plain"),
        (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(range(32)) * 4, "x.pdf", "application/octet-stream"),
        (
            packed("[Content_Types].xml"),
            "x.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (packed("[Content_Types].xml"), "x.pdf", "application/zip"),
        (
            packed("mimetype", b"application/vnd.oasis.opendocument.text"),
            "x.zip",
            "application/vnd.oasis.opendocument.text",
        ),
        (packed("mimetype", b"text/html"), "x.zip", "application/zip"),
        (packed("a.txt"), "x.docx", "application/zip"),
        (b"\x00\x00\x00\x18ftypavif", "x", "image/avif"),
        (b"RIFF\x00\x00\x00\x00WEBP", "x", "image/webp"),
        (bytes(257) + b"ustar\x0000" + bytes(100), "x", "application/x-tar"),
    ],
)
def test_the_media_type_is_found_in_the_bytes(head, name, expected):
    assert document_type(head, name) == expected
