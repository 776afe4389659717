"""Following a dataset: who is told of what, and who is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from catalog.actor import ANONYMOUS, system
from catalog.errors import NotFound
from catalog.models import Dataset, Follow, Notice, Version
from catalog.permissions import NotSignedIn
from catalog.services.cataloguing.deprecation import deprecate_dataset, deprecate_version, restore_version
from catalog.services.notifying.following import follow_dataset, unfollow_dataset
from catalog.services.notifying.notices import send_due
from catalog.services.publishing.embargo import note_lifted, set_dataset_embargo, set_version_embargo
from catalog.services.publishing.versions import withdraw_version
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published, make_submitted
from tests.fixtures.reviews import approve

FOLLOW = "/api/v1/datasets/institute/birds/follow"
OTHER_ROWS = "SELECT range AS id, 'x' AS name, 1.5 AS amount FROM range(50)"


@pytest.fixture
def birds(cast):
    dataset = make_published(cast, make_dataset(cast, slug="birds", title="Birds")).dataset
    follow_dataset(actor=cast.stranger, dataset=dataset)
    Notice.objects.all().delete()
    return dataset


def told():
    return [(notice.kind, notice.user.username) for notice in Notice.objects.order_by("pk")]


def test_a_new_version_is_told_to_those_who_follow(cast, birds):
    follow_dataset(actor=cast.contributor, dataset=birds)
    follow_dataset(actor=cast.steward, dataset=birds)
    submitted = make_submitted(cast, birds, sql=OTHER_ROWS)
    Notice.objects.all().delete()
    approve(actor=cast.steward, review=submitted.reviews.get(state="open"))
    # The steward did it, and the contributor is told as the maker.
    assert sorted(told()) == [("followed_published", "stranger"), ("review_approved", "contributor")]
    send_due()
    [letter] = [item for item in mail.outbox if item.to == ["stranger@example.org"]]
    number = Version.objects.get(pk=submitted.pk).number
    assert letter.subject == f"Birds has a new version, {number}"
    assert f"/institute/birds/v/{number}/" in letter.body
    assert letter.extra_headers["List-Unsubscribe"].endswith("/institute/birds/follow/>")
    assert "/institute/birds/follow/" in letter.body


def test_a_withdrawal_is_told_with_its_reason(cast, birds):
    withdraw_version(actor=cast.owner, version=birds.latest, reason="The scale was broken.")
    [notice] = Notice.objects.all()
    assert (notice.kind, notice.params["quote"]) == ("followed_withdrawn", "The scale was broken.")


def test_a_deprecation_is_told_once_and_anew_after_it_was_taken_back(cast, birds):
    for reason in ("Old.", "Old, and worse."):
        deprecate_version(actor=cast.owner, version=birds.latest, reason=reason)
    assert told() == [("followed_deprecated", "stranger")]
    restore_version(actor=cast.owner, version=birds.latest)
    deprecate_version(actor=cast.owner, version=birds.latest, reason="Old after all.")
    for reason in ("All of it.", "All of it, as said."):
        deprecate_dataset(actor=cast.owner, dataset=birds, reason=reason)
    assert told() == [("followed_deprecated", "stranger")] * 3


@pytest.mark.parametrize("by", ["the clock", "the owner", "the owner after its end"])
def test_the_end_of_an_embargo_is_told_once(cast, birds, by):
    soon = timezone.now() + timedelta(days=1)
    set_dataset_embargo(actor=cast.owner, dataset=birds, until=soon)
    if by != "the owner":
        Dataset.objects.filter(pk=birds.pk).update(embargo_until=timezone.now() - timedelta(seconds=1))
    if by == "the clock":
        note_lifted(actor=system())
    set_dataset_embargo(actor=cast.owner, dataset=birds, until=None)
    note_lifted(actor=system())
    assert told() == [("followed_opened", "stranger")]


def test_a_version_that_its_dataset_still_holds_back_is_not_told(cast, birds):
    soon = timezone.now() + timedelta(days=1)
    version = make_submitted(cast, birds, sql=OTHER_ROWS)
    set_version_embargo(actor=cast.owner, version=version, until=soon)
    approve(actor=cast.steward, review=version.reviews.get(state="open"))
    set_dataset_embargo(actor=cast.owner, dataset=birds, until=soon)
    Notice.objects.all().delete()
    set_version_embargo(actor=cast.owner, version=Version.objects.get(pk=version.pk), until=None)
    assert told() == []
    set_dataset_embargo(actor=cast.owner, dataset=birds, until=None)
    assert told() == [("followed_opened", "stranger")]


def test_a_draft_whose_embargo_is_taken_away_is_no_news(cast, birds):
    draft = make_checked_draft(cast, birds, sql=OTHER_ROWS)
    set_version_embargo(actor=cast.owner, version=draft, until=timezone.now() + timedelta(days=1))
    set_version_embargo(actor=cast.owner, version=draft, until=None)
    assert told() == []


def test_what_is_not_seen_any_more_is_told_nobody(cast, birds, api):
    withdraw_version(actor=cast.owner, version=birds.latest, reason="Wrong.")
    Dataset.objects.filter(pk=birds.pk).update(access="private")
    assert api(cast.stranger).get("/api/v1/notices").json()["count"] == 0
    assert api(cast.stranger).get("/api/v1/follows").json()["count"] == 0
    send_due()
    assert mail.outbox == []


def test_what_is_not_seen_can_not_be_followed(cast):
    dataset = make_published(cast, make_dataset(cast, slug="secret", access="private")).dataset
    with pytest.raises(NotFound):
        follow_dataset(actor=cast.stranger, dataset=dataset)
    with pytest.raises(NotFound):
        unfollow_dataset(actor=cast.stranger, dataset=dataset)


def test_nobody_follows_without_a_name(birds):
    with pytest.raises(NotSignedIn):
        follow_dataset(actor=ANONYMOUS, dataset=birds)


def test_following_by_the_api(cast, birds, api):
    reader = api(cast.reader)
    first, again = reader.put(FOLLOW), reader.put(FOLLOW)
    assert first.json() == again.json()
    assert (first.json()["dataset"], first.json()["title"]) == ("institute/birds", "Birds")
    assert [item["dataset"] for item in reader.get("/api/v1/follows").json()["results"]] == ["institute/birds"]
    assert [reader.delete(FOLLOW).status_code, reader.delete(FOLLOW).status_code] == [204, 204]
    assert reader.get("/api/v1/follows").json()["count"] == 0


def test_following_by_the_button_and_stopping_by_the_page(cast, birds):
    client = Client()
    client.force_login(cast.reader.user)
    page = "/institute/birds/follow/"
    assert "Follow" in client.get("/institute/birds/schema/").content.decode()
    there = client.post(page, {"do": "follow", "next": "/institute/birds/schema/"})
    assert there["Location"] == "/institute/birds/schema/"
    shown = client.get("/institute/birds/schema/").content.decode()
    assert "Following" in shown
    # A program that looks at the mail's link changes nothing.
    assert "You follow this dataset" in client.get(page).content.decode()
    assert Follow.objects.filter(user=cast.reader.user).count() == 1
    assert client.post(page, {"do": "stop", "next": "https://elsewhere.example/"})["Location"] == "/institute/birds/"
    assert not Follow.objects.filter(user=cast.reader.user).exists()


def test_an_embargo_s_banner_offers_to_tell(cast, birds):
    set_dataset_embargo(actor=cast.owner, dataset=birds, until=timezone.now() + timedelta(days=9))
    client = Client()
    client.force_login(cast.grantee.user)
    assert "Tell me when they are out" in client.get("/institute/birds/").content.decode()
    client.force_login(cast.reader.user)
    assert "Tell me when they are out" not in client.get("/institute/birds/").content.decode()
