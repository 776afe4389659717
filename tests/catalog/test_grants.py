"""Grants: to people and organizations, of versions, until a date; what becomes of addresses and downloads then."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from django.utils import timezone

from catalog.actor import Actor, system
from catalog.errors import Invalid
from catalog.hashes import sha256_of_file
from catalog.models import AccessGrant, AuditEvent, Membership, Notice, Role
from catalog.permissions import may_download
from catalog.services.granting.grants import grant_access, note_ends, revoke_access, warn_of_ends
from catalog.services.membership.organizations import create_organization
from catalog.services.notifying.notices import send_due
from tests.fixtures.datasets import make_dataset, make_published

ROWS = "SELECT range AS id, md5(range::text) AS name, random() AS amount FROM range(%d)"


@pytest.fixture
def closed(cast):
    dataset = make_dataset(cast, slug="closed", access="restricted")
    first = make_published(cast, dataset)
    second = make_published(cast, dataset, sql=ROWS % 50)
    Notice.objects.all().delete()  # Those of the reviews.
    return first.dataset, first, second


def address(version, name="birds"):
    return f"/api/v1/datasets/institute/closed/versions/{version.number}/resources/{name}"


def test_a_grant_of_named_versions_is_of_no_other(cast, closed, api):
    dataset, first, second = closed
    grants = "/api/v1/datasets/institute/closed/grants"
    owner = api(cast.owner)
    made = owner.post(grants, {"username": "grantee", "versions": [first.number]}).json()
    assert (made["username"], made["organization"], made["versions"]) == ("grantee", None, [first.number])
    client = api(cast.grantee)
    assert client.get(f"{address(first)}.parquet").status_code == 302
    assert client.get(f"{address(second)}.parquet").status_code == 403
    assert client.get(f"{address(second)}/rows").status_code == 403
    # The same grant, widened to all: also those that come later.
    owner.post(grants, {"username": "grantee"})
    assert client.get(f"{address(second)}.parquet").status_code == 302
    third = make_published(cast, dataset, sql=ROWS % 60)
    assert client.get(f"{address(third)}.parquet").status_code == 302
    assert AccessGrant.objects.count() == 1
    assert owner.post(grants, {"username": "grantee", "versions": ["9.9.9"]}).status_code == 422
    assert owner.post(grants, {"username": "grantee", "versions": []}).status_code == 422
    assert owner.post(grants, {"username": "grantee", "organization": "institute"}).status_code == 422
    assert owner.post(grants, {"organization": "nobody"}).status_code == 422


def test_an_organization_has_it_for_its_members_as_long_as_they_are_members(cast, closed, api):
    _, first, _ = closed
    lab = create_organization(actor=cast.stranger, slug="lab", title="Lab")
    made = api(cast.owner).post("/api/v1/datasets/institute/closed/grants", {"organization": "lab"}).json()
    assert (made["username"], made["organization"], made["versions"]) == (None, "lab", None)
    membership = Membership.objects.create(organization=lab, user=cast.grantee.user, role=Role.READER)
    assert may_download(cast.grantee, first)
    membership.delete()
    assert not may_download(cast.grantee, first)
    assert may_download(cast.stranger, first)
    assert api(cast.owner).delete(f"{dataset_url()}/grants/organizations/lab").status_code == 204
    assert not may_download(cast.stranger, first)
    assert api(cast.owner).delete(f"{dataset_url()}/grants/organizations/lab").status_code == 404


def dataset_url():
    return "/api/v1/datasets/institute/closed"


def test_a_private_dataset_is_shown_to_whom_it_was_granted_until_it_ends(cast, api):
    dataset = make_dataset(cast, slug="closed", access="private")
    first = make_published(cast, dataset)
    client = api(cast.grantee)
    assert client.get(dataset_url()).status_code == 404
    grant = grant_access(actor=cast.owner, dataset=first.dataset, username="grantee")
    assert client.get(dataset_url()).status_code == 200
    AccessGrant.objects.filter(pk=grant.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(dataset_url()).status_code == 404
    assert client.get(f"{address(first)}.parquet").status_code == 404


@pytest.mark.parametrize(
    ("left", "seconds"),
    [(timedelta(days=9), 300), (timedelta(seconds=100), 100), (timedelta(seconds=2), 5), (None, 300)],
    ids=["long", "short", "at-the-end", "no-end"],
)
def test_no_signed_address_outlives_the_grant(cast, closed, api, left, seconds):
    dataset, first, _ = closed
    until = None if left is None else timezone.now() + left
    grant = grant_access(actor=cast.owner, dataset=dataset, username="grantee", expires_at=until)
    client = api(cast.grantee)
    redirect = client.get(f"{address(first)}.parquet")["Location"]
    listed = client.get(f"{dataset_url()}/versions/{first.number}/files.json?links=1").json()["files"][0]
    for url in (redirect, listed["download_url"]):
        lasts = int(parse_qs(urlsplit(url).query)["X-Amz-Expires"][0])
        assert seconds - 3 <= lasts <= seconds
    event = AuditEvent.objects.filter(action="resource.downloaded", detail__kind="parquet").first()
    assert event.detail["grant"] == grant.pk


def test_the_address_of_failing_rows_ends_with_the_grant_too(cast, closed, api):
    dataset, first, _ = closed
    grant_access(
        actor=cast.owner, dataset=dataset, username="grantee", expires_at=timezone.now() + timedelta(seconds=100)
    )
    report = first.resources.get().report
    report.outcomes = [{"rule": {"id": "0123456789abcdef"}, "failing_sha256": "a" * 64}]
    report.save()
    url = api(cast.grantee).get(f"{address(first)}/report/failing/0123456789abcdef.parquet")["Location"]
    assert int(parse_qs(urlsplit(url).query)["X-Amz-Expires"][0]) <= 100


def test_the_address_of_one_who_needs_no_grant_lasts_as_always(cast, closed, api):
    dataset, first, _ = closed
    # A reader of the organization with a grant that ends: they have the bytes as a member.
    grant_access(
        actor=cast.owner, dataset=dataset, username="reader", expires_at=timezone.now() + timedelta(seconds=60)
    )
    url = api(cast.reader).get(f"{address(first)}.parquet")["Location"]
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["300"]
    assert "grant" not in AuditEvent.objects.get(action="resource.downloaded").detail


def test_a_stream_goes_on_when_the_grant_ends_and_the_next_request_is_refused(cast, api, token_of, tmp_path):
    dataset = make_dataset(cast, slug="closed", access="restricted")
    version = make_published(cast, dataset, sql=ROWS % 100_000)
    grant_access(actor=cast.owner, dataset=version.dataset, username="grantee")
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(cast.grantee, 'read')}")
    response = client.get(f"{address(version)}.parquet")
    chunks = iter(response.streaming_content)
    first = next(chunks)
    assert len(first) < int(response["Content-Length"])
    revoke_access(actor=cast.owner, dataset=version.dataset, username="grantee")
    path = tmp_path / "birds.parquet"
    path.write_bytes(first + b"".join(chunks))
    assert sha256_of_file(path) == response["X-Content-SHA256"]
    again = client.get(f"{address(version)}.parquet", HTTP_RANGE=f"bytes={len(first)}-")
    assert (again.status_code, again.json()["code"]) == (403, "forbidden")


def test_a_redirect_that_was_given_works_for_its_time_and_no_new_one_is_given(cast, closed, api):
    dataset, first, _ = closed
    grant_access(actor=cast.owner, dataset=dataset, username="grantee")
    client = api(cast.grantee)
    url = client.get(f"{address(first)}.parquet")["Location"]
    revoke_access(actor=cast.owner, dataset=dataset, username="grantee")
    assert urllib3.request("GET", url).status == 200
    assert client.get(f"{address(first)}.parquet").status_code == 403


def test_holders_are_warned_twice_and_told_of_the_end_once(cast, closed, mailoutbox):
    dataset, first, _ = closed
    grant = grant_access(
        actor=cast.owner, dataset=dataset, username="grantee", expires_at=timezone.now() + timedelta(days=20)
    )
    assert warn_of_ends() == 0
    for days, told in [(13, 1), (12, 0), (2.5, 1), (1, 0)]:
        AccessGrant.objects.filter(pk=grant.pk).update(expires_at=timezone.now() + timedelta(days=days))
        assert warn_of_ends() == told
        assert note_ends(actor=system()) == 0
    AccessGrant.objects.filter(pk=grant.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert not may_download(cast.grantee, first)
    assert [note_ends(actor=system()), note_ends(actor=system())] == [1, 0]
    assert AuditEvent.objects.filter(action="grant.ended", actor=None).count() == 1
    kinds = list(Notice.objects.order_by("pk").values_list("kind", "user__username"))
    assert kinds == [("grant_given", "grantee"), *[("grant_ends", "grantee")] * 2, ("grant_ended", "grantee")]
    assert [send_due(), send_due()] == [4, 0]
    warning = mailoutbox[1]
    assert warning.to == ["grantee@example.org"]
    assert warning.subject == "Your access to Closed ends soon"
    html = warning.alternatives[0].content
    assert "/institute/closed/" in warning.body
    assert "/institute/closed/" in html
    # Given anew, it is warned of anew.
    grant_access(actor=cast.owner, dataset=dataset, username="grantee", expires_at=timezone.now() + timedelta(days=2))
    assert [warn_of_ends(), warn_of_ends()] == [1, 0]


def test_a_grant_that_begins_near_its_end_is_warned_of_once(cast, closed):
    dataset, _, _ = closed
    grant_access(actor=cast.owner, dataset=dataset, username="grantee", expires_at=timezone.now() + timedelta(days=1))
    assert [warn_of_ends(), warn_of_ends()] == [1, 0]


def test_maintainers_of_an_organization_are_warned_for_it(cast, closed):
    dataset, _, _ = closed
    lab = create_organization(actor=cast.stranger, slug="lab", title="Lab")
    Membership.objects.create(organization=lab, user=cast.grantee.user, role=Role.READER)
    until = timezone.now() + timedelta(days=2)
    grant_access(actor=cast.owner, dataset=dataset, organization="lab", expires_at=until)
    warn_of_ends()
    told = Notice.objects.filter(kind="grant_ends").values_list("user__username", flat=True)
    assert list(told) == ["stranger"]


def test_only_maintainers_give_and_take(cast, closed):
    dataset, _, _ = closed
    with pytest.raises(Invalid):
        grant_access(actor=cast.owner, dataset=dataset, username="grantee", expires_at=timezone.now())
    with pytest.raises(Invalid):
        grant_access(actor=Actor(cast.owner.user), dataset=dataset)


def test_a_mail_that_the_server_refuses_is_sent_later(cast, closed, mailoutbox, settings):
    dataset, _, _ = closed
    grant_access(actor=cast.owner, dataset=dataset, username="grantee")
    settings.EMAIL_BACKEND = "deploy.mail.UrlEmailBackend"
    settings.EMAIL_URL = "smtp://127.0.0.1:9"
    assert send_due() == 0
    notice = Notice.objects.get()
    assert (notice.failures, notice.sent_at) == (1, None)
    assert notice.try_after > timezone.now()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_due() == 0
    Notice.objects.update(try_after=timezone.now())
    assert send_due() == 1
    assert [mail.subject for mail in mailoutbox] == ["You have access to Closed"]
