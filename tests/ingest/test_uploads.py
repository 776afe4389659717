"""Uploads over the API and the real store: presigned parts, resume, completion, refusals, cancelling, sweeping."""

import base64
import hashlib
import io
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from catalog import keys, storage
from catalog.actor import system
from catalog.jobs.lanes import Lane
from ingest.models import Upload, UploadState
from ingest.services.sweeping import find_work
from ingest.services.uploads import MIN_PART, expire_abandoned, part_size_for, sweep_staged
from tests.fixtures.datasets import make_dataset

pytestmark = pytest.mark.django_db


def md5(data):
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


@pytest.fixture
def client(cast, api):
    make_dataset(cast)
    return api(cast.contributor)


def begin(client, size, **more):
    body = {"dataset": "institute/birds", "filename": "birds.csv", "size": size, **more}
    answer = client.post("/api/v1/uploads", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def put(client, upload, number, data, *, body=None, headers=None):
    request = {"parts": [{"number": number, "md5": md5(data)}]}
    signed = client.post(f"/api/v1/uploads/{upload['id']}/parts", request).json()["parts"][0]
    sent = data if body is None else body
    return httpx.put(signed["url"], content=sent, headers=headers if headers is not None else signed["headers"])


def test_parts_go_straight_to_the_store_and_are_joined(client):
    data = b"a,b\n1,2\n"
    upload = begin(client, len(data), sha256=hashlib.sha256(data).hexdigest())
    assert (upload["part_size"], upload["part_count"], upload["state"]) == (MIN_PART, 1, "pending")
    assert put(client, upload, 1, data).status_code == 200
    stored = client.get(f"/api/v1/uploads/{upload['id']}/parts").json()
    assert stored["parts"] == [{"number": 1, "size": len(data)}]
    answer = client.post(f"/api/v1/uploads/{upload['id']}/complete", {})
    assert (answer.status_code, answer.json()["state"]) == (202, "received")
    key = keys.staged_upload(Upload.objects.get(pk=upload["id"]).pk)
    assert storage.read_bytes(key) == data
    # An answer that was lost is asked for again.
    again = client.post(f"/api/v1/uploads/{upload['id']}/complete", {})
    assert (again.status_code, again.json()["state"]) == (202, "received")


def test_several_parts_resume_from_what_the_store_has(client):
    data = io.BytesIO(bytes(range(256)) * (MIN_PART // 256) + b"tail").getvalue()
    upload = begin(client, len(data))
    assert upload["part_count"] == 2
    assert put(client, upload, 2, data[MIN_PART:]).status_code == 200
    refused = client.post(f"/api/v1/uploads/{upload['id']}/complete", {})
    assert (refused.status_code, refused.json()["code"], refused.json()["missing"]) == (409, "parts-missing", [1])
    assert put(client, upload, 1, data[:MIN_PART]).status_code == 200
    assert client.post(f"/api/v1/uploads/{upload['id']}/complete", {}).status_code == 202


@pytest.mark.parametrize("fault", ["other bytes", "longer", "no md5"])
def test_the_store_refuses_a_part_that_is_not_the_signed_one(client, fault):
    data = b"a,b\n1,2\n"
    upload = begin(client, len(data))
    body = {"other bytes": b"a,b\n1,3\n", "longer": data + b"more", "no md5": data}[fault]
    headers = {} if fault == "no md5" else None
    assert put(client, upload, 1, data, body=body, headers=headers).status_code in {400, 403}
    assert client.get(f"/api/v1/uploads/{upload['id']}/parts").json()["parts"] == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"filename": "notes.docx"}, 422, "file-type-refused"),
        ({"filename": "page.html"}, 422, "file-type-refused"),
        ({"filename": "../../.."}, 422, "invalid"),
        ({"filename": "a.csv", "size": 0}, 422, "invalid"),
        ({"filename": "a.csv", "size": 10**15}, 413, "upload-too-large"),
        ({"filename": "a.csv", "sha256": "abc"}, 422, "invalid"),
        ({"filename": "a.csv", "resource": "Not a slug"}, 422, "invalid"),
        ({"filename": "a.csv", "dataset": "institute/none"}, 404, "not-found"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_a_byte_travels(client, body, status, code):
    answer = client.post("/api/v1/uploads", {"dataset": "institute/birds", "size": 10, **body})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("size", "remedy"), [(58 * 10**9, "Compress it with gzip or zstd, or split it"), (10**12, "Split it")]
)
def test_a_file_that_is_too_large_is_told_both_numbers_and_what_helps(client, size, remedy):
    """What comes out of a compressed file has a limit too: no more is promised than what that lets through."""
    problem = client.post("/api/v1/uploads", {"dataset": "institute/birds", "filename": "a.csv", "size": size}).json()
    assert problem["detail"] == (
        f"a.csv has {size:,} bytes, which is over 50,000,000,000, the most that this site takes of one file."
    )
    assert problem["remedy"].startswith(remedy)
    assert problem["limit"] == 50 * 10**9


def test_a_file_name_loses_its_path(client):
    assert begin(client, 1, filename="C:\\data\\..\\mine.csv")["filename"] == "mine.csv"
    assert begin(client, 1, filename="/etc/passwd.csv")["filename"] == "passwd.csv"


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [{"number": 0, "md5": md5(b"")}],
        [{"number": 2, "md5": md5(b"")}],
        [{"number": 1, "md5": "short"}],
        [{"number": 1, "md5": md5(b"")}] * 101,
    ],
)
def test_only_parts_of_the_upload_are_signed(client, parts):
    upload = begin(client, 10)
    assert client.post(f"/api/v1/uploads/{upload['id']}/parts", {"parts": parts}).status_code == 422


def test_a_cancelled_upload_takes_no_more_and_leaves_nothing(client):
    data = b"a,b\n1,2\n"
    upload = begin(client, len(data))
    put(client, upload, 1, data)
    row = Upload.objects.get(pk=upload["id"])
    assert client.delete(f"/api/v1/uploads/{upload['id']}").status_code == 204
    with pytest.raises(storage.client().exceptions.ClientError):
        storage.list_parts(keys.staged_upload(row.pk), row.multipart_id)
    answer = client.post(f"/api/v1/uploads/{upload['id']}/complete", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "upload-not-open")


def test_abandoned_uploads_expire_and_their_parts_go(client, settings):
    data = b"a,b\n1,2\n"
    old, young = begin(client, len(data)), begin(client, len(data))
    put(client, old, 1, data)
    before = timezone.now() - timedelta(days=settings.UPLOAD_DAYS, minutes=1)
    Upload.objects.filter(pk=old["id"]).update(active_at=before)
    assert expire_abandoned(actor=system()) == 1
    row = Upload.objects.get(pk=old["id"])
    assert row.state == UploadState.EXPIRED
    assert Upload.objects.get(pk=young["id"]).state == UploadState.PENDING
    with pytest.raises(storage.client().exceptions.ClientError):
        storage.list_parts(keys.staged_upload(row.pk), row.multipart_id)


def test_staged_copies_go_when_nobody_needs_them(client, settings):
    data = b"a,b\n1,2\n"
    keep, old, new = (begin(client, len(data)) for _ in range(3))
    for upload in (keep, old, new):
        put(client, upload, 1, data)
        client.post(f"/api/v1/uploads/{upload['id']}/complete", {})
    long_ago = timezone.now() - timedelta(days=settings.UPLOAD_DAYS, minutes=1)
    Upload.objects.filter(pk=old["id"]).update(state="rejected", finished_at=long_ago)
    Upload.objects.filter(pk=new["id"]).update(state="rejected", finished_at=timezone.now())
    storage.put_bytes("uploads/00000000-0000-0000-0000-000000000001", b"x", content_type="text/plain")
    sweep_staged()
    left = set(storage.list_keys("uploads/"))
    assert f"uploads/{keep['id']}" in left
    assert f"uploads/{new['id']}" in left
    assert f"uploads/{old['id']}" not in left
    assert "uploads/00000000-0000-0000-0000-000000000001" not in left


def test_the_sweep_finds_what_waits_without_a_message_and_what_lost_its_worker(client, settings):
    data = b"a,b\n1,2\n"
    upload = begin(client, len(data))
    put(client, upload, 1, data)
    client.post(f"/api/v1/uploads/{upload['id']}/complete", {})
    row = Upload.objects.get(pk=upload["id"])
    assert find_work() == []
    long_ago = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS + 1)
    Upload.objects.filter(pk=row.pk).update(queued_at=long_ago)
    assert find_work() == [(row.pk, Lane.SMALL)]
    assert find_work() == []


def test_part_sizes_keep_within_what_s3_takes():
    for size in (1, MIN_PART, 50 * 1000**3, 5 * 1000**4):
        part = part_size_for(size)
        assert part >= MIN_PART
        assert -(-size // part) <= 10_000
