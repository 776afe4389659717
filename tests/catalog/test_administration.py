"""The administration: jobs with their failures and another try, storage, people, agreements. For staff alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from catalog import keys, storage
from catalog.actor import Actor
from catalog.allowances.quotas import forget_quotas
from catalog.models import AuditEvent, Quota, QuotaKind, Token, User
from catalog.services.granting.agreements import write_agreement
from catalog.services.jobs import JobNotFailed, run_again
from catalog.services.membership.tokens import create_token
from catalog.transitions import move
from ingest.models import Upload, UploadState
from ingest.services.uploads import initiate_upload
from quality.models import CheckRun, CheckRunState, Comparison, ComparisonState
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published
from tests.fixtures.people import Cast, make_user

pytestmark = pytest.mark.django_db
ADMINISTRATION = [
    "/administration/",
    "/administration/jobs/",
    "/administration/storage/",
    "/administration/storage/of/institute/",
    "/administration/users/",
    "/administration/users/reader/",
    "/administration/agreements/",
]


@pytest.fixture
def staff(cast: Cast) -> Client:
    User.objects.create_superuser("chief", "chief@example.org", "x")
    client = Client()
    client.force_login(User.objects.get(username="chief"))
    return client


def page(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def text(response: HttpResponse) -> str:
    """What the page says, without its tags and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", page(response)).split())


def failed_upload(cast: Cast, *, failures: int = 3) -> Upload:
    upload = initiate_upload(actor=cast.contributor, dataset=make_dataset(cast), filename="birds.csv", size=10)
    error = {"code": "internal", "cause": "ZeroDivisionError", "sentence": "Ours.", "remedy": "Wait."}
    now = timezone.now()
    Upload.objects.filter(pk=upload.pk).update(
        state=UploadState.FAILED, failures=failures, attempts=3, error=error, received_at=now, finished_at=now
    )
    return Upload.objects.get(pk=upload.pk)


# ---------------------------------------------------------------- who
def test_it_is_there_for_staff_and_for_nobody_else(cast: Cast, staff: Client) -> None:
    owner = Client()
    owner.force_login(cast.owner.user)
    for address in ADMINISTRATION:
        assert staff.get(address).status_code == 200, address
        assert owner.get(address).status_code == 404, address
        assert Client().get(address)["Location"].startswith("/accounts/login/?next="), address


def test_the_first_page_says_what_failed_and_leads_on(cast: Cast, staff: Client) -> None:
    failed_upload(cast)
    shown = page(staff.get("/administration/"))
    assert "1 failed" in shown
    for address in ("administration/jobs", "administration/storage", "administration/users", "audit", "admin"):
        assert f'href="/{address}/"' in shown


# ---------------------------------------------------------------- jobs
def test_a_failed_upload_is_shown_with_its_cause_and_run_again(cast: Cast, staff: Client) -> None:
    upload = failed_upload(cast)
    shown = text(staff.get("/administration/jobs/?state=failed"))
    assert "birds.csv" in shown
    assert "internal: ZeroDivisionError" in shown
    assert "3 failures" in shown
    sent = {"kind": "upload", "job": str(upload.pk), "query": "state=failed"}
    answer = staff.post("/administration/jobs/again/", sent, follow=True)
    assert answer.redirect_chain == [("/administration/jobs/?state=failed", 302)]
    assert "birds.csv waits again." in text(answer)
    upload.refresh_from_db()
    assert (upload.state, upload.failures, upload.attempts, upload.error) == (UploadState.RECEIVED, 0, 0, None)
    event = AuditEvent.objects.get(action="job.run_again")
    assert (event.actor.username, event.label, event.dataset_id) == ("chief", "birds.csv", upload.dataset_id)


def test_the_cause_inside_is_not_told_to_the_uploader(cast: Cast) -> None:
    upload = failed_upload(cast)
    client = Client()
    client.force_login(cast.contributor.user)
    error = client.get(f"/api/v1/uploads/{upload.pk}").json()["error"]
    assert error == {"code": "internal", "sentence": "Ours.", "remedy": "Wait."}


def test_what_has_not_failed_is_not_run_again(cast: Cast) -> None:
    chief = Actor(User.objects.create_superuser("chief", "chief@example.org", "x"))
    upload = failed_upload(cast)
    run_again(actor=chief, noun="upload", pk=str(upload.pk))
    with pytest.raises(JobNotFailed):
        run_again(actor=chief, noun="upload", pk=str(upload.pk))


def test_a_job_that_is_none_is_said_to_be_none(staff: Client) -> None:
    for sent in ({}, {"kind": "upload", "job": "x"}, {"kind": "a\0", "job": "1"}, {"kind": "none"}):
        answer = staff.post("/administration/jobs/again/", sent, follow=True)
        assert "There is nothing at this address" in text(answer), sent


def test_checks_and_comparisons_are_on_the_board(cast: Cast, staff: Client) -> None:
    dataset = make_dataset(cast)
    first = make_published(cast, dataset)
    draft = make_checked_draft(cast, dataset, sql="SELECT range AS id, 'x' AS name, 1.0 AS amount FROM range(5)")
    old = CheckRun.objects.create(resource=first.resources.get(), state=CheckRunState.ERRORED, failures=3, error="Old")
    CheckRun.objects.create(resource=first.resources.get(), state=CheckRunState.DONE)
    run = CheckRun.objects.create(
        resource=draft.resources.get(), state=CheckRunState.ERRORED, failures=3, error="MemoryError"
    )
    comparison = Comparison.objects.create(
        version=draft, base=first, state=ComparisonState.ERRORED, failures=3, error="OSError", since=timezone.now()
    )
    shown = text(staff.get("/administration/jobs/"))
    assert "MemoryError" in shown
    assert "OSError" in shown
    assert old.error not in shown, "a later check of the table has ended well"
    assert "Run all 2 failed again" in shown
    assert "2 jobs wait again." in text(staff.post("/administration/jobs/again/", {"all": "1"}, follow=True))
    run.refresh_from_db()
    comparison.refresh_from_db()
    assert (run.state, run.failures, run.error) == (CheckRunState.QUEUED, 0, "")
    assert (comparison.state, comparison.failures) == (ComparisonState.QUEUED, 0)


def test_of_a_tables_checks_one_waits_at_most(cast: Cast, staff: Client) -> None:
    table = make_checked_draft(cast, make_dataset(cast)).resources.get()
    CheckRun.objects.create(resource=table, state=CheckRunState.QUEUED)
    run = CheckRun.objects.create(resource=table, state=CheckRunState.ERRORED, failures=3, error="MemoryError")
    answer = staff.post("/administration/jobs/again/", {"kind": "check", "job": str(run.pk)}, follow=True)
    assert "waits already" in text(answer)


def test_the_board_is_filtered_by_state_kind_and_lane(cast: Cast, staff: Client) -> None:
    failed_upload(cast)
    for query in ("state=failed", "kind=upload", "lane=small", "state=failed&kind=upload&lane=small"):
        assert "birds.csv" in text(staff.get(f"/administration/jobs/?{query}")), query
    for query in ("state=running", "kind=check", "lane=large", "state=failed&kind=upload&lane=medium"):
        assert "birds.csv" not in text(staff.get(f"/administration/jobs/?{query}")), query
    assert "birds.csv" in text(staff.get("/administration/jobs/?state=nonsense"))


def test_the_counts_draw_themselves_anew(cast: Cast, staff: Client) -> None:
    failed_upload(cast)
    part = page(staff.get("/administration/jobs/?part=counts"))
    assert part.startswith('<div id="counts"')
    assert 'hx-trigger="every 5s"' in part
    assert "birds.csv" not in part


# ---------------------------------------------------------------- storage
def test_an_object_counts_once_whichever_versions_have_it(cast: Cast, staff: Client) -> None:
    dataset = make_dataset(cast)
    version = make_published(cast, dataset)
    make_checked_draft(cast, dataset)
    part = version.resources.get().parts.get()
    Quota.objects.create(organization=cast.organization, kind=QuotaKind.STORAGE, amount=10_000)
    forget_quotas()
    original = version.resources.get().sources.get()
    assert part.bytes != original.bytes
    context = staff.get("/administration/storage/").context
    [row] = [row for row in context["organizations"] if row.organization == cast.organization]
    assert (row.parquet.bytes, row.originals.bytes, row.datasets) == (part.bytes, original.bytes, 1)
    assert row.share == (part.bytes + original.bytes) / 10_000


def test_what_no_row_names_is_counted_in_the_store(cast: Cast, staff: Client) -> None:
    dataset = make_dataset(cast)
    make_published(cast, dataset)
    storage.put_bytes(keys.parquet(dataset.pk, "0" * 64), b"left", content_type="application/octet-stream")
    found = staff.get("/administration/storage/of/institute/").context["found"]
    assert (found.folders["parquet"].objects, found.folders["original"].objects) == (2, 1)
    assert found.folders["manifests"].objects == 1
    assert (found.unnamed.objects, found.unnamed.bytes) == (1, 4)


def test_an_unfinished_upload_is_removed(cast: Cast, staff: Client) -> None:
    upload = initiate_upload(actor=cast.contributor, dataset=make_dataset(cast), filename="half.csv", size=10)
    assert "half.csv" in text(staff.get("/administration/storage/"))
    answer = staff.post("/administration/storage/clean/", {"upload": str(upload.pk)}, follow=True)
    assert "The upload of half.csv was removed." in text(answer)
    upload.refresh_from_db()
    assert upload.state == UploadState.CANCELLED
    assert AuditEvent.objects.get(action="upload.cancelled").actor.username == "chief"
    again = staff.post("/administration/storage/clean/", {"upload": str(upload.pk)}, follow=True)
    assert "takes no more parts" in text(again) or "cancelled" in text(again)


def test_copies_that_nobody_needs_are_removed(cast: Cast, staff: Client) -> None:
    upload = initiate_upload(actor=cast.contributor, dataset=make_dataset(cast), filename="old.csv", size=10)
    storage.put_bytes(keys.staged_upload(upload.pk), b"0123456789", content_type="text/csv")
    move(upload, to=UploadState.CANCELLED, actor=cast.contributor)
    count, size = staff.get("/administration/storage/").context["leftovers"]
    assert count >= 1
    assert size >= 10
    staff.post("/administration/storage/clean/", {"do": "leftovers"})
    assert not storage.exists(keys.staged_upload(upload.pk))


def test_an_upload_that_is_none_is_not_found(staff: Client) -> None:
    for given in ("", "x", "\0"):
        assert staff.post("/administration/storage/clean/", {"upload": given}).status_code == 404, given


# ---------------------------------------------------------------- people
def test_a_person_is_kept_from_signing_in_and_let_in_again(cast: Cast, staff: Client) -> None:
    reader = Client()
    reader.force_login(cast.reader.user)
    _token, secret = create_token(actor=cast.reader, name="mine", scopes=["read"])
    asked = text(staff.get("/administration/users/reader/"))
    assert "Deactivate Reader" in asked
    assert User.objects.get(username="reader").is_active, "asking changes nothing"
    staff.post("/administration/users/reader/", {"do": "deactivate"})
    assert reader.get("/work/").status_code == 302
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert "Deactivated" in text(staff.get("/administration/users/?show=inactive"))
    staff.post("/administration/users/reader/", {"do": "activate"})
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    trail = AuditEvent.objects.filter(action__startswith="user.").order_by("pk")
    assert [(event.action, event.label) for event in trail] == [
        ("user.deactivated", "reader"),
        ("user.activated", "reader"),
    ]


def test_nobody_deactivates_themselves(staff: Client) -> None:
    answer = staff.post("/administration/users/chief/", {"do": "deactivate"}, follow=True)
    assert "Nobody deactivates themselves" in text(answer)
    assert User.objects.get(username="chief").is_active


def test_the_only_owner_is_named_before(cast: Cast, staff: Client) -> None:
    assert "the only owner of Institute" in text(staff.get("/administration/users/owner/"))
    assert "the only owner" not in text(staff.get("/administration/users/maintainer/"))


def test_people_are_found(cast: Cast, staff: Client) -> None:
    for query, names in (
        ("q=maint", {"maintainer"}),
        ("q=READER%40example", {"reader"}),
        ("show=staff", {"chief"}),
        ("q=nobody", set()),
        ("show=inactive", set()),
    ):
        found = staff.get(f"/administration/users/?{query}").context["page"].object_list
        assert {user.username for user in found} == names, query


def test_last_seen_is_the_later_of_sign_in_and_token(cast: Cast, staff: Client) -> None:
    token, _secret = create_token(actor=cast.reader, name="mine", scopes=["read"])
    now = timezone.now()
    for signed_in, used, seen in (
        (None, None, None),
        (now, None, now),
        (None, now, now),
        (now - timedelta(days=1), now, now),
        (now, now - timedelta(days=1), now),
    ):
        User.objects.filter(pk=cast.reader.user.pk).update(last_login=signed_in)
        Token.objects.filter(pk=token.pk).update(last_used_at=used)
        [user] = staff.get("/administration/users/?q=reader").context["page"].object_list
        assert user.seen_at == seen


def test_somebody_who_is_not_here(staff: Client) -> None:
    for name in ("ghost", "a%00b", "%E5%85%AC"):
        assert staff.get(f"/administration/users/{name}/").status_code == 404, name


# ---------------------------------------------------------------- agreements
def test_agreements_are_listed_with_versions_and_signatures(cast: Cast, staff: Client) -> None:
    closed = make_dataset(cast, slug="closed", access="restricted")
    make_published(cast, closed)
    make_published(cast, make_dataset(cast, slug="open"))
    write_agreement(actor=cast.owner, dataset=closed, text="First.", questions=[])
    second = write_agreement(actor=cast.owner, dataset=closed, text="Second.", questions=[])
    for name in ("one", "two"):
        second.signatures.create(dataset=closed, user=make_user(name), name=name, text_sha256=second.sha256)
    [row] = staff.get("/administration/agreements/").context["page"].object_list
    assert (row.slug, row.in_force, row.written, row.signed) == ("closed", 2, 2, 2)
    shown = page(staff.get("/administration/agreements/?q=clos"))
    assert "/institute/closed/access/agreement/2/" in shown
    assert "No dataset of that title" in text(staff.get("/administration/agreements/?q=open"))
