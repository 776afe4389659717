"""The steward's queue: who else looks, which review is next, when the last decision was."""

from __future__ import annotations

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from redis.exceptions import ConnectionError as NoAnswer

from catalog.actor import Actor
from catalog.models import Review
from catalog.services.reviewing import looking
from catalog.services.reviewing.looking import look_at
from tests.fixtures.datasets import make_dataset, make_submitted
from tests.fixtures.people import Cast, make_steward

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(cast: Cast) -> Actor:
    """Another steward."""
    return make_steward(cast, "chen")


def text(response: HttpResponse) -> str:
    """What the page says, without its tags and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def submit(cast: Cast, slug: str) -> Review:
    return make_submitted(cast, make_dataset(cast, slug=slug)).reviews.get()


def test_stewards_see_who_else_has_it_open(cast: Cast, second: Actor) -> None:
    review = submit(cast, "birds")
    address = f"/review/{review.pk}/"
    assert "is also looking" not in text(signed_in(cast.steward).get(address))
    assert "Steward is also looking at this." in text(signed_in(second).get(address))
    part = signed_in(cast.steward).get(f"{address}?part=looking").content.decode()
    assert part.startswith('<div id="looking"')
    assert "Chen is also looking at this." in part
    assert "Steward" not in part, "nobody is told of themselves"
    # Who sent it is nobody's rival, and is not told either.
    assert "is also looking" not in text(signed_in(cast.contributor).get(address))
    assert "Contributor" not in text(signed_in(second).get(f"{address}?part=looking"))


def test_who_went_away_is_not_told_any_more(cast: Cast, second: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    review = submit(cast, "birds")
    look_at(review, actor=second)
    assert look_at(review, actor=cast.steward) == ["Chen"]
    now = looking.time.time()
    monkeypatch.setattr(looking.time, "time", lambda: now + looking.SECONDS)
    assert look_at(review, actor=cast.steward) == []


def test_without_a_broker_the_page_is_there_all_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    review = submit(cast, "birds")

    def fail(*_args: object, **_more: object) -> None:
        raise NoAnswer

    monkeypatch.setattr(looking.cache, "get", fail)
    assert look_at(review, actor=cast.steward) == []


def test_the_keys_lead_to_the_neighbours(cast: Cast) -> None:
    reviews = [submit(cast, slug) for slug in ("one", "two", "three")]
    steward = signed_in(cast.steward)
    for at, review in enumerate(reviews):
        shown = steward.get(f"/review/{review.pk}/").content.decode()
        before = re.findall(r'data-before href="/review/(\d+)/"', shown)
        after = re.findall(r'data-after href="/review/(\d+)/"', shown)
        assert before == [str(item.pk) for item in reviews[:at][-1:]]
        assert after == [str(item.pk) for item in reviews[at + 1 :][:1]]


def test_an_empty_queue_says_when_the_last_decision_was(cast: Cast) -> None:
    review = submit(cast, "birds")
    steward = signed_in(cast.steward)
    assert "Last decision" not in text(steward.get("/review/"))
    steward.post(f"/review/{review.pk}/", {"decision": "request_changes", "reason": "Units?"})
    shown = text(steward.get("/review/"))
    assert "Nothing waits for your decision." in shown
    assert "Last decision just now" in shown
