"""What people are told: to whom, in which language, on the page, by the API and by mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from catalog.actor import system
from catalog.models import MailGroup, Membership, Notice, NoticeKind, User, VerdictStatus, mail_group
from catalog.services.annotating.annotations import decide_annotation, propose_description
from catalog.services.granting.grants import grant_access, revoke_access
from catalog.services.membership.tokens import create_token
from catalog.services.notifying.letters import letter_of
from catalog.services.notifying.mailing import MAX_TRIES
from catalog.services.notifying.notices import purge_old, send_due
from catalog.services.reviewing.conversation import add_remark, claim_review
from catalog.services.reviewing.reports import CheckedTable, record_verdict
from catalog.services.reviewing.reviews import decide_review
from ingest.models import Upload
from ingest.services.processing import process
from tests.fixtures.datasets import add_table, make_dataset, make_published, make_submitted
from tests.fixtures.uploading import send


@pytest.fixture
def submitted(cast):
    return make_submitted(cast, make_dataset(cast, slug="birds", title="Birds"))


@pytest.fixture
def granted(cast):
    """A notice to the grantee."""
    dataset = make_published(cast, make_dataset(cast, slug="closed", access="restricted")).dataset
    Notice.objects.all().delete()
    grant_access(actor=cast.owner, dataset=dataset, username="grantee")
    return dataset


def told(**of):
    rows = Notice.objects.filter(**of).order_by("pk").values_list("kind", "user__username")
    return list(rows)


def browser(actor):
    client = Client()
    client.force_login(actor.user)
    return client


# ---------------------------------------------------------------- reviews
def test_stewards_are_told_of_a_version_but_not_who_sent_it(cast, submitted):
    assert told() == [("review_opened", "steward")]
    Membership.objects.filter(user=cast.contributor.user).update(is_steward=True)
    make_submitted(cast, make_dataset(cast, slug="nests"))
    assert told(dataset__slug="nests") == [("review_opened", "steward")]
    closed = User.objects.filter(username="steward")
    closed.update(is_active=False)
    make_submitted(cast, make_dataset(cast, slug="eggs"))
    assert told(dataset__slug="eggs") == []


@pytest.mark.parametrize(
    ("decision", "kind", "sentence", "path"),
    [
        ("approve", "review_approved", "Version 1.0.0 of Birds is published", "/institute/birds/v/1.0.0/"),
        ("request_changes", "review_returned", "Changes are asked for in version 1.0.0 of Birds", "/review/{review}/"),
        ("decline", "review_declined", "Version 1.0.0 of Birds was declined", "/review/{review}/"),
    ],
)
def test_who_sent_it_is_told_of_the_decision(cast, submitted, api, decision, kind, sentence, path):
    review = submitted.reviews.get()
    decide_review(actor=cast.steward, review=review, decision=decision, reason="Name the scale.")
    assert told(user=cast.contributor.user) == [(kind, "contributor")]
    [shown] = api(cast.contributor).get("/api/v1/notices").json()["results"]
    assert (shown["text"], shown["quote"], shown["dataset"]) == (sentence, "Name the scale.", "institute/birds")
    assert shown["links"]["page"].endswith(path.format(review=review.pk))


def test_a_remark_is_told_to_all_who_have_to_do_with_the_review(cast, submitted):
    review = submitted.reviews.get()
    Membership.objects.filter(user=cast.reader.user).update(is_steward=True)
    for actor, text, people in [
        (cast.contributor, "Is it enough?", ["reader", "steward"]),
        # Who looks at it stands for all stewards; the contributor sent it.
        (cast.maintainer, "I think so.", ["contributor", "steward"]),
        (cast.steward, "It is.", ["contributor", "maintainer"]),
    ]:
        Notice.objects.all().delete()
        add_remark(actor=actor, review=review, text=text)
        assert sorted(told()) == [("review_remark", name) for name in people]
        claim_review(actor=cast.steward, review=review)


# ---------------------------------------------------------------- mail
def test_a_mail_is_in_the_language_of_its_reader(cast, granted):
    User.objects.filter(username="grantee").update(language="zh-hans")
    grant_access(actor=cast.owner, dataset=granted, username="stranger")
    send_due()
    chinese, english = mail.outbox
    assert chinese.to == ["grantee@example.org"]
    assert "closed" in chinese.subject.lower()
    assert english.subject == "You have access to Closed"
    assert chinese.subject != english.subject
    assert "，您好：" in chinese.body
    [html] = [part.content for part in chinese.alternatives]
    assert '<html lang="zh-Hans">' in html
    assert "，您好：" in html
    assert "Hello" not in chinese.body + html


def test_what_a_person_wrote_is_no_markup_in_a_mail(cast, submitted):
    review = submitted.reviews.get()
    decide_review(actor=cast.steward, review=review, decision="request_changes", reason="<b>Why</b>\n& how?")
    send_due()
    [letter] = [item for item in mail.outbox if item.to == ["contributor@example.org"]]
    assert "<b>Why</b>\n& how?" in letter.body
    assert "&lt;b&gt;Why&lt;/b&gt;<br>&amp; how?" in letter.alternatives[0].content


def test_who_does_without_a_group_of_mails_has_the_notice_all_the_same(cast, granted, api):
    User.objects.filter(username="grantee").update(unwanted_mail=["access"])
    assert [send_due(), send_due()] == [1, 0]
    assert mail.outbox == []
    assert api(cast.grantee).get("/api/v1/notices?unread=true").json()["count"] == 1
    User.objects.filter(username="grantee").update(unwanted_mail=["reviews", "following"])
    revoke_access(actor=cast.owner, dataset=granted, username="grantee")
    send_due()
    assert [letter.subject for letter in mail.outbox] == ["Your access to Closed was taken back"]


# ---------------------------------------------------------------- read and unread
def test_the_bell_counts_and_the_page_marks(cast, granted):
    client = browser(cast.grantee)
    page = client.get("/notices/?show=unread").content.decode()
    assert "You have access to Closed" in page
    assert "1<span" in page.partition('class="count"')[2][:20]
    notice = Notice.objects.get()
    assert client.get(f"/notices/{notice.pk}/")["Location"] == "/institute/closed/"
    page = client.get("/notices/?show=unread").content.decode()
    assert "Nothing unread" in page
    assert 'class="count"' not in page
    assert "You have access to Closed" in client.get("/notices/").content.decode()


def test_all_are_marked_at_once_and_nobody_else_s(cast, granted):
    grant_access(actor=cast.owner, dataset=granted, username="stranger")
    said = browser(cast.grantee).post("/notices/read/", follow=True).content.decode()
    assert "1 notice is marked as read" in said
    assert told(read_at=None) == [("grant_given", "stranger")]


def test_the_api_marks_those_that_are_named(cast, granted, api):
    revoke_access(actor=cast.owner, dataset=granted, username="grantee")
    newest, oldest = api(cast.grantee).get("/api/v1/notices").json()["results"]
    assert [newest["kind"], oldest["kind"]] == ["grant_revoked", "grant_given"]
    others = api(cast.stranger).post("/api/v1/notices/read", {"ids": [oldest["id"]]})
    assert others.json() == {"read": 0}
    mine = api(cast.grantee)
    assert mine.post("/api/v1/notices/read", {"ids": [oldest["id"]]}).json() == {"read": 1}
    assert [item["id"] for item in mine.get("/api/v1/notices?unread=1").json()["results"]] == [newest["id"]]
    assert mine.post("/api/v1/notices/read", {}).json() == {"read": 1}
    assert mine.post("/api/v1/notices/read", {"ids": ["x"]}).status_code == 422


def test_a_limited_token_is_told_of_its_datasets_alone(cast, granted, client):
    make_published(cast, make_dataset(cast, slug="open"))
    grant_access(
        actor=cast.owner, dataset=make_published(cast, make_dataset(cast, slug="more")).dataset, username="grantee"
    )
    _, secret = create_token(actor=cast.grantee, name="one", scopes=["read"], datasets=["institute/more"])
    answer = client.get("/api/v1/notices", headers={"Authorization": f"Bearer {secret}"}).json()
    assert [item["dataset"] for item in answer["results"]] == ["institute/more"]


# ---------------------------------------------------------------- forgotten
def test_old_notices_are_forgotten_but_for_mails_that_wait(cast, granted, settings):
    settings.NOTICE_DAYS = 30
    grant_access(actor=cast.owner, dataset=granted, username="stranger")
    grant_access(actor=cast.owner, dataset=granted, username="reader")
    grant_access(actor=cast.owner, dataset=granted, username="steward")
    rows = Notice.objects.all()
    rows.filter(user__username__in=["grantee", "steward"]).update(sent_at=timezone.now())
    rows.filter(user__username="reader").update(failures=MAX_TRIES)
    rows.exclude(user__username="steward").update(created=timezone.now() - timedelta(days=31))
    assert purge_old() == 2
    assert sorted(told()) == [("grant_given", "steward"), ("grant_given", "stranger")]


# ---------------------------------------------------------------- drafts and suggestions
@pytest.mark.parametrize(
    ("seconds", "counts", "words"),
    [
        (59, {}, None),
        (60, {}, "All checks passed."),
        (600, {"failed": 2, "warnings": 1}, "2 checks failed."),
        (600, {"warnings": 1}, "1 warning."),
    ],
)
def test_the_end_of_a_long_check_is_told_to_who_made_the_draft(cast, seconds, counts, words):
    resource = add_table(cast.contributor, make_dataset(cast, slug="birds", title="Birds"))
    result = CheckedTable(
        verdict=VerdictStatus.PASSED,
        score=100.0,
        counts=counts,
        outcomes=[],
        profile={},
        expectations_sha256="",
        engine={},
        seconds=seconds,
    )
    record_verdict(actor=system(), resource=resource, result=result, is_stale=True)
    assert told() == []
    record_verdict(actor=system(), resource=resource, result=result, is_stale=False)
    assert told() == ([("check_done", "contributor")] if words else [])
    if words:
        send_due()
        [letter] = mail.outbox
        assert letter.subject == "The checks of Birds are done"
        assert words in letter.body
        assert "/institute/birds/v/draft/quality/" in letter.body


def test_many_suggestions_are_told_once_until_that_is_read(cast, api):
    version = make_published(cast, make_dataset(cast, slug="birds", title="Birds"))
    Notice.objects.all().delete()
    resource = version.resources.get()

    def suggest(column, aspect="meaning", value="Number"):
        return propose_description(actor=cast.stranger, resource=resource, column=column, aspect=aspect, value=value)

    first, second = suggest("id"), suggest("amount")
    deciding = [("annotation_made", name) for name in ("maintainer", "owner", "steward")]
    assert sorted(told()) == deciding
    api(cast.owner).post("/api/v1/notices/read", {})
    third = suggest("name")
    assert sorted(told(read_at=None)) == deciding
    assert len(told()) == 4
    Notice.objects.all().delete()
    for annotation in (first, second):
        decide_annotation(actor=cast.contributor, annotation=annotation, decision="accept")
    assert told() == [("annotation_decided", "stranger")]
    [shown] = api(cast.stranger).get("/api/v1/notices").json()["results"]
    assert shown["links"]["page"].endswith("/institute/birds/annotations/")
    assert third.state == "proposed"


def test_every_kind_has_a_group_of_mails_and_words(cast, granted):
    """With all that any of them is told."""
    facts = {
        "asker": "A",
        "author": "A",
        "maker": "A",
        "steward": "A",
        "number": "1.0.0",
        "file": "a.csv",
        "failed": 1,
        "warnings": 0,
        "until": timezone.now().isoformat(),
        "versions": ["1.0.0"],
        "organization": "O",
        "why": "move-refused",
    }
    for kind in NoticeKind:
        assert mail_group(kind) in MailGroup
        notice = Notice(user=cast.owner.user, dataset=granted, kind=kind, params=facts)
        letter = letter_of(notice)
        assert letter is not None
        assert "Closed" in letter.subject + letter.paragraphs[0]
        assert bool(letter.stop_path) is (mail_group(kind) == MailGroup.FOLLOWING)


@pytest.mark.django_db(transaction=True)
def test_a_file_that_can_not_be_read_is_told_who_may_not_be_waiting(cast):
    dataset = make_dataset(cast, slug="birds", title="Birds")
    for minutes in (0, 2):
        upload = send(cast.contributor, dataset, b"no table at all", "notes.parquet")
        Upload.objects.filter(pk=upload.pk).update(received_at=timezone.now() - timedelta(minutes=minutes))
        process(upload_id=upload.pk)
        assert Upload.objects.get(pk=upload.pk).state == "rejected"
        assert told() == ([("upload_rejected", "contributor")] if minutes else [])
    letter = letter_of(Notice.objects.get())
    assert letter is not None
    assert (letter.subject, letter.path) == ("notes.parquet could not be read as a table", f"/uploads/{upload.pk}/")
