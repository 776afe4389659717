"""An organization's pages: invitations by mail, its people, the quality of what it publishes, what is overdue."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from catalog.due import due_after
from catalog.errors import NotFound
from catalog.models import AuditEvent, Dataset, Invitation, Membership, QualityReport, Resource, Version
from catalog.services.membership import invitations
from catalog.services.membership.invitations import InvitationOver, accept_invitation, get_invitation, invite, key_of
from tests.fixtures.datasets import add_table, make_dataset, make_published, record_check
from tests.fixtures.people import Cast

pytestmark = pytest.mark.django_db
PEOPLE = "/organizations/institute/people/"


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.named(name).user)
    return client


def text(response: HttpResponse) -> str:
    """What the page says, without its tags and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def ask(cast: Cast, email: str = "new@example.org", **more: object) -> Invitation:
    values = {"role": "contributor", **more}
    return invite(actor=cast.owner, organization=cast.organization, email=email, **values)


# ---------------------------------------------------------------- invitations
def test_who_is_not_here_is_invited_by_mail_and_becomes_a_member(cast: Cast) -> None:
    owner = signed_in(cast, "owner")
    sent = {"username": " new@Example.org ", "role": "contributor", "is_steward": "on"}
    assert "new@Example.org is invited." in text(owner.post(PEOPLE, sent, follow=True))
    assert "goes out in a moment" in text(owner.get(PEOPLE))
    assert invitations.send_invitations() == 1
    assert invitations.send_invitations() == 0, "a mail goes out once"
    [letter] = mail.outbox
    assert letter.to == ["new@Example.org"]
    assert letter.subject == "Owner invites you to Institute"
    assert "as: Contributor" in letter.body
    assert "settings" not in letter.body, "who is not here yet has no settings"
    path = re.search(r"http://[^/]+(/invitations/\S+)", letter.body)[1]
    assert "Sign in to accept it" in text(Client().get(path))
    stranger = signed_in(cast, "stranger")
    assert "Owner invites you." in text(stranger.get(path))
    answer = stranger.post(path, follow=True)
    assert answer.redirect_chain == [("/institute/", 302)]
    assert "You are a member of Institute now: Contributor." in text(answer)
    member = Membership.objects.get(user=cast.stranger.user)
    assert (member.role, member.is_steward) == ("contributor", True)
    event = AuditEvent.objects.get(action="invitation.accepted")
    assert (event.actor, event.detail["invited_by"]) == (cast.stranger.user, "owner")
    assert signed_in(cast, "grantee").post(path).status_code == 409, "a link is for one person, once"
    assert "new@Example.org" not in text(owner.get(PEOPLE))


def test_the_mail_speaks_the_readers_language(cast: Cast) -> None:
    cast.stranger.user.language = "zh-hans"
    cast.stranger.user.save()
    ask(cast, "STRANGER@example.org")
    invitations.send_invitations()
    [letter] = mail.outbox
    html = letter.alternatives[0].content
    assert '<html lang="zh-Hans">' in html


def test_a_mail_that_is_refused_is_tried_again_later(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask(cast)

    def refuse(*_args: object, **_more: object) -> object:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.message.EmailMessage.send", refuse)
        assert invitations.send_invitations() == 0
    row.refresh_from_db()
    assert (row.failures, row.sent_at) == (1, None)
    assert row.try_after > timezone.now() + timedelta(seconds=30)
    assert "Not sent yet" in text(signed_in(cast, "owner").get(PEOPLE))
    Invitation.objects.update(try_after=timezone.now())
    assert invitations.send_invitations() == 1


def test_asking_again_is_one_invitation_with_what_is_said_now(cast: Cast) -> None:
    first = ask(cast)
    invitations.send_invitations()
    second = ask(cast, "NEW@example.org", role="reader")
    assert second.pk == first.pk
    assert (second.role, second.sent_at) == ("reader", None)
    assert Invitation.objects.count() == 1


def test_whom_one_cannot_invite(cast: Cast) -> None:
    owner = signed_in(cast, "owner")
    for email, said in (
        ("reader@example.org", "is a member already"),
        ("READER@EXAMPLE.ORG", "is a member already"),
        ("no@", "is no e-mail address"),
        ("a@b\n.org", "is no e-mail address"),
    ):
        answer = owner.post(PEOPLE, {"username": email, "role": "reader"})
        assert answer.status_code == 400, email
        assert said in text(answer), email
    assert not Invitation.objects.exists()


def test_a_user_name_with_an_at_is_a_user_name(cast: Cast) -> None:
    cast.stranger.user.username = "stranger@home"
    cast.stranger.user.save()
    signed_in(cast, "owner").post(PEOPLE, {"username": "stranger@home", "role": "reader"})
    assert Membership.objects.filter(user=cast.stranger.user).exists()
    assert not Invitation.objects.exists()


def test_addresses_of_the_invited_are_for_owners(cast: Cast) -> None:
    ask(cast)
    assert "new@example.org" in text(signed_in(cast, "owner").get(PEOPLE))
    assert "new@example.org" not in text(signed_in(cast, "maintainer").get(PEOPLE))


def test_taken_back_it_leads_nowhere(cast: Cast) -> None:
    row = ask(cast)
    answer = signed_in(cast, "owner").post(f"{PEOPLE}uninvite/{row.pk}/", follow=True)
    assert "The invitation of new@example.org is taken back." in text(answer)
    with pytest.raises(InvitationOver):
        get_invitation(key_of(row))
    assert signed_in(cast, "stranger").get(f"/invitations/{key_of(row)}/").status_code == 409
    assert invitations.send_invitations() == 0
    assert ask(cast).pk != row.pk, "and one may be asked again"


def test_it_is_over_by_itself(cast: Cast) -> None:
    row = ask(cast)
    Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(InvitationOver):
        accept_invitation(actor=cast.stranger, key=key_of(row))
    assert "Expired" in text(signed_in(cast, "owner").get(PEOPLE))
    assert ask(cast).pk == row.pk
    accept_invitation(actor=cast.stranger, key=key_of(row))


@pytest.mark.parametrize("key", ["1", "1:forged", ":", "x:y", "9" * 400, "\u516c\u7530", "a\0b"])
def test_what_was_not_signed_here_is_no_invitation(key: str) -> None:
    with pytest.raises(NotFound):
        get_invitation(key)


@pytest.mark.parametrize(
    ("had", "asked", "has"), [("owner", "reader", "owner"), ("reader", "maintainer", "maintainer")]
)
def test_a_member_keeps_the_higher_role(cast: Cast, had: str, asked: str, has: str) -> None:
    accept_invitation(actor=cast.named(had), key=key_of(ask(cast, role=asked)))
    assert Membership.objects.get(user=cast.named(had).user).role == has


def test_many_invitations_are_too_many(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MOST_WAITING", 1)
    ask(cast)
    answer = signed_in(cast, "owner").post(PEOPLE, {"username": "other@example.org", "role": "reader"})
    assert "Take some of them back first." in text(answer)


# ---------------------------------------------------------------- people
def test_the_only_owner_is_not_offered_to_leave(cast: Cast) -> None:
    shown = text(signed_in(cast, "owner").get(PEOPLE))
    assert "the only owner" in shown
    assert "Leave" not in shown
    Membership.objects.filter(user=cast.maintainer.user).update(role="owner")
    assert "Leave" in text(signed_in(cast, "owner").get(PEOPLE))


# ---------------------------------------------------------------- quality
@pytest.mark.parametrize(
    ("published", "promised", "due"),
    [
        ((2026, 1, 31), "P1M", (2026, 2, 28)),
        ((2028, 1, 31), "P1M", (2028, 2, 29)),
        ((2026, 11, 30), "P3M", (2027, 2, 28)),
        ((2026, 12, 15), "P6M", (2027, 6, 15)),
        ((2028, 2, 29), "P1Y", (2029, 2, 28)),
        ((2026, 12, 31), "P1D", (2027, 1, 1)),
        ((2026, 12, 31), "P1W", (2027, 1, 7)),
    ],
)
def test_when_an_update_is_due(published: tuple[int, int, int], promised: str, due: tuple[int, int, int]) -> None:
    assert due_after(datetime(*published, 8, 30, tzinfo=UTC), promised) == datetime(*due, 8, 30, tzinfo=UTC)
    assert due_after(datetime(*published, tzinfo=UTC), "") is None


def publish_ago(cast: Cast, slug: str, days: int, *, score: float, verdict: str = "passed", **more: object) -> Dataset:
    """A dataset whose one version was published so long ago; written past the guards, as time can't be waited for."""
    dataset = make_dataset(cast, slug=slug, **more)
    version = make_published(cast, dataset)
    QualityReport.objects.filter(resource__version=version).update(score=score)
    with connection.cursor() as cursor:
        # A table with foreign keys that are still to be checked can't be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE catalog_version DISABLE TRIGGER USER")
        moment = timezone.now() - timedelta(days=days)
        Version.objects.filter(pk=version.pk).update(published_at=moment, verdict=verdict)
        cursor.execute("ALTER TABLE catalog_version ENABLE TRIGGER USER")
    return dataset


def test_the_quality_tab_tells_what_needs_somebody(cast: Cast) -> None:
    publish_ago(cast, "late", 40, score=90, update_frequency="P1M")
    publish_ago(cast, "early", 5, score=70, verdict="warnings", update_frequency="P1M")
    publish_ago(cast, "free", 400, score=50, verdict="failed")
    hidden = make_dataset(cast, slug="hidden", access="private", update_frequency="PT1H")
    make_published(cast, hidden)
    answer = Client().get("/organizations/institute/quality/")
    assert [item.dataset.slug for item in answer.context["datasets"]] == ["late", "free", "early"]
    assert answer.context["overdue"] == 1
    assert answer.context["mean"] == 70
    shown = text(answer)
    assert "Hidden" not in shown
    assert shown.count("Update was due") == 1
    assert "next by" in shown
    months = answer.context["months"]
    assert len(months) == 12, "the oldest was there in all of them"
    assert (months[0].passed, months[0].warnings, months[0].failed, months[0].score) == (0, 0, 1, 50)
    assert (months[-1].passed, months[-1].warnings, months[-1].failed, months[-1].score) == (1, 1, 1, 70)
    assert "Update was due" in text(Client().get("/institute/"))


def test_a_month_counts_the_version_that_stood_when_it_ended(cast: Cast) -> None:
    dataset = publish_ago(cast, "birds", 70, score=40, verdict="failed")
    record_check(add_table(cast.contributor, Dataset.objects.get(pk=dataset.pk), sql="SELECT 1 AS id"))
    assert Resource.objects.count() == 2
    months = Client().get("/organizations/institute/quality/").context["months"]
    assert [month.failed for month in months] == [1] * len(months), "a draft is no version yet"
    assert {month.score for month in months} == {40}


def test_nothing_published_is_said(cast: Cast) -> None:
    make_dataset(cast, update_frequency="PT1H")
    assert "Nothing published yet." in text(Client().get("/organizations/institute/quality/"))
