"""A decision on the page waits for some seconds, can be undone, and is carried out exactly once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from catalog.actor import Actor
from catalog.errors import CatalogError, Forbidden, NotFound
from catalog.models import AuditEvent, Notice, PendingDecision, Review
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.notifying.letters import letter_of
from catalog.services.publishing.versions import take_back
from catalog.services.reviewing import pending as pending_decisions
from catalog.services.reviewing.failures import FailuresUndecided
from catalog.services.reviewing.pending import (
    DecisionPending,
    UndoTooLate,
    carry_out,
    carry_out_due,
    record_decision,
    undo_decision,
)
from catalog.services.reviewing.reviews import OwnSubmission, ReasonMissing, decide_review
from catalog.storage import StorageUnavailable
from catalog.tasks import sweep_decisions
from catalog.transitions import MoveRefused
from tests.catalog.test_review_calls import call, outcome, submitted_with
from tests.fixtures.datasets import make_dataset, make_submitted
from tests.fixtures.people import Cast, make_steward

GRACE = 10


@pytest.fixture(autouse=True)
def _grace(settings: Any) -> None:
    settings.DECISION_GRACE = GRACE


@pytest.fixture
def review(cast: Cast) -> Review:
    return make_submitted(cast, make_dataset(cast)).reviews.get()


@pytest.fixture
def second(cast: Cast) -> Actor:
    """Another steward."""
    return make_steward(cast, "chen")


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def text(response: Any) -> str:
    """What the page says, without its tags and with single spaces."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def let_time_pass() -> None:
    PendingDecision.objects.update(decide_after=timezone.now() - timedelta(seconds=1))


def state_of(review: Review) -> tuple[str, str]:
    fresh = Review.objects.select_related("version").get(pk=review.pk)
    return fresh.state, fresh.version.state


def actions(review: Review) -> list[str]:
    kept = AuditEvent.objects.filter(object_type="review", object_id=str(review.pk)).order_by("pk")
    return [action.removeprefix("review.") for action in kept.values_list("action", flat=True)]


def told(kind: str) -> list[str]:
    return list(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


# ---------------------------------------------------------------- recorded, undone, carried out
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("decision", "sentence", "ends", "kind"),
    [
        ("approve", "Will be published in a moment by Steward: Birds 1.0.0.", ("approved", "published"), "approved"),
        ("request_changes", "Will be sent back in a moment by", ("changes_requested", "draft"), "returned"),
        ("decline", "Will be declined in a moment by", ("declined", "draft"), "declined"),
    ],
)
def test_a_decision_on_the_page_waits_and_is_then_carried_out(
    cast: Cast, review: Review, decision: str, sentence: str, ends: tuple[str, str], kind: str
) -> None:
    steward = browser(cast.steward)
    shown = steward.post(f"/review/{review.pk}/", {"decision": decision, "reason": "Read."}, follow=True)
    assert sentence in text(shown)
    assert f"/review/?was={review.pk}" in shown.content.decode(), "the bar asks what became of it"
    assert state_of(review) == ("open", "in_review")
    assert told(f"review_{kind}") == []
    assert carry_out_due() == 0, "its time has not come"
    let_time_pass()
    after = steward.get(f"/review/?was={review.pk}")
    assert state_of(review) == ends
    assert told(f"review_{kind}") == ["contributor"]
    assert actions(review) == ["open", "decision_recorded", ends[0]]
    assert not PendingDecision.objects.exists()
    decided = Review.objects.get(pk=review.pk)
    assert (decided.decided_by, decided.reason) == (cast.steward.user, "Read.")
    bar = after.content.decode().split('id="decided-now"')[1].split("</div>")[0]
    assert "Birds 1.0.0." in bar
    assert "hx-get" not in bar, "there is nothing more to wait for"


@pytest.mark.django_db
def test_undone_it_never_happened_and_what_was_typed_is_there_again(cast: Cast) -> None:
    review = submitted_with(cast, outcome("id"))
    steward, address = browser(cast.steward), f"/review/{review.pk}/"
    field = re.findall(r'name="(check_\w+)_note"', steward.get(address).content.decode())[0]
    typed = {"decision": "approve", "reason": "Well done.", field: "accept", f"{field}_note": "Known."}
    assert "Undo" in text(steward.post(address, typed, follow=True))
    back = steward.post(f"{address}undo/", follow=True)
    assert back.redirect_chain == [(address, 302)]
    assert "Undone. Nobody was told, and nothing was published." in text(back)
    html = back.content.decode()
    assert re.search(r'value="approve"[^>]* checked', html)
    assert ">\nWell done.</textarea>" in html
    assert ">\nKnown.</textarea>" in html
    assert '<option value="accept" selected>' in html
    let_time_pass()
    assert carry_out_due() == 0
    assert state_of(review) == ("open", "in_review")
    assert told("review_approved") == []
    assert actions(review) == ["open", "decision_recorded", "decision_undone"]
    # Undone twice is undone, and another decision takes its place.
    undo_decision(actor=cast.steward, review=review)
    assert actions(review)[-1] == "decision_undone"
    record_decision(actor=cast.steward, review=review, decision="decline", reason="No.")
    let_time_pass()
    assert carry_out(review.pk)
    assert state_of(review) == ("declined", "draft")


@pytest.mark.django_db
def test_after_it_was_carried_out_undo_says_that_it_is_too_late(cast: Cast, review: Review) -> None:
    steward = browser(cast.steward)
    record_decision(actor=cast.steward, review=review, decision="approve")
    let_time_pass()
    carry_out(review.pk)
    assert "It is too late to undo this decision" in text(steward.post(f"/review/{review.pk}/undo/", follow=True))
    assert state_of(review) == ("approved", "published")


@pytest.mark.django_db
def test_what_decide_review_refuses_is_refused_at_once(cast: Cast) -> None:
    review = submitted_with(cast, outcome("id"))
    cases: list[tuple[Actor, dict[str, Any], type[CatalogError]]] = [
        (cast.stranger, {"decision": "approve"}, NotFound),
        (cast.maintainer, {"decision": "approve"}, Forbidden),
        (cast.steward, {"decision": "approve"}, FailuresUndecided),
        (cast.steward, {"decision": "decline", "reason": " "}, ReasonMissing),
    ]
    for actor, said, refusal in cases:
        with pytest.raises(refusal):
            record_decision(actor=actor, review=review, **said)
    cast.organization.memberships.filter(user=cast.contributor.user).update(is_steward=True)
    with pytest.raises(OwnSubmission):
        record_decision(actor=cast.contributor, review=review, decision="decline", reason="No.")
    decide_review(actor=cast.steward, review=review, decision="approve", failures=[call("id")])
    with pytest.raises(MoveRefused):
        record_decision(actor=cast.steward, review=review, decision="decline", reason="No.")
    assert not PendingDecision.objects.exists()


@pytest.mark.django_db
def test_who_may_decide_may_undo_and_nobody_else(cast: Cast, review: Review, second: Actor) -> None:
    record_decision(actor=cast.steward, review=review, decision="approve")
    with pytest.raises(NotFound):
        undo_decision(actor=cast.stranger, review=review)
    with pytest.raises(Forbidden):
        undo_decision(actor=cast.maintainer, review=review)
    assert "in a moment" not in text(browser(cast.contributor).get(f"/review/{review.pk}/"))
    theirs = browser(second).get(f"/review/{review.pk}/")
    assert "Will be published in a moment by Steward" in text(theirs)
    assert 'name="decision"' not in theirs.content.decode()
    with pytest.raises(DecisionPending):
        record_decision(actor=second, review=review, decision="decline", reason="No.")
    undo_decision(actor=second, review=review)
    # What another one typed is not theirs to read.
    assert (
        'value="approve" data-verb="Publish 1.0.0" checked'
        in theirs.client.get(f"/review/{review.pk}/").content.decode()
    )
    decide_review(actor=second, review=review, decision="approve")
    with pytest.raises(UndoTooLate):
        undo_decision(actor=second, review=review)


@pytest.mark.django_db
def test_said_twice_it_is_recorded_once(cast: Cast, review: Review) -> None:
    first = record_decision(actor=cast.steward, review=review, decision="approve")
    again = record_decision(actor=cast.steward, review=review, decision="approve")
    assert first is not None
    assert again is not None
    assert again.decide_after == first.decide_after
    assert actions(review) == ["open", "decision_recorded"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/review/{review}/", "/institute/birds/v/draft/", "/institute/birds/"])
def test_whoever_opens_it_carries_it_out(cast: Cast, review: Review, path: str) -> None:
    record_decision(actor=cast.steward, review=review, decision="request_changes", reason="Units?")
    let_time_pass()
    assert browser(cast.contributor).get(path.format(review=review.pk)).status_code == 200
    assert state_of(review) == ("changes_requested", "draft")


# ---------------------------------------------------------------- the world has changed
def take_it_back(cast: Cast, review: Review) -> None:
    take_back(actor=cast.contributor, version=review.version)


def change_the_words(cast: Cast, review: Review) -> None:
    update_dataset(
        actor=cast.contributor, dataset=review.version.dataset, description=Description(description="Another.")
    )


def decide_by_api(cast: Cast, review: Review) -> None:
    api = APIClient()
    api.force_login(make_steward(cast, "other").user)
    said = {"decision": "decline", "reason": "No."}
    assert api.post(f"/api/v1/reviews/{review.pk}/decision", said, format="json").status_code == 200


def take_stewardship(cast: Cast, review: Review) -> None:
    del review
    cast.organization.memberships.filter(user=cast.steward.user).update(is_steward=False)


def close_the_account(cast: Cast, review: Review) -> None:
    del review
    assert cast.steward.user is not None
    type(cast.steward.user).objects.filter(pk=cast.steward.user.pk).update(is_active=False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "ends", "why"),
    [
        (take_it_back, ("cancelled", "draft"), "Somebody else decided, or the version was taken back."),
        (decide_by_api, ("declined", "draft"), "Somebody else decided, or the version was taken back."),
        (change_the_words, ("open", "in_review"), "The dataset was changed"),
        (take_stewardship, ("open", "in_review"), "You may not decide on this version any more."),
        (close_the_account, ("open", "in_review"), "You may not decide on this version any more."),
    ],
)
def test_if_the_world_has_changed_nothing_is_carried_out_and_the_steward_is_told(
    cast: Cast, review: Review, change: Callable[[Cast, Review], None], ends: tuple[str, str], why: str
) -> None:
    record_decision(actor=cast.steward, review=review, decision="approve")
    change(cast, review)
    let_time_pass()
    assert carry_out_due() == 0
    assert state_of(review) == ends
    [notice] = Notice.objects.filter(kind="review_not_decided")
    assert notice.user == cast.steward.user
    letter = letter_of(notice)
    assert letter is not None
    assert letter.subject == "Your decision on version 1.0.0 of Birds was not carried out"
    assert why in " ".join(letter.paragraphs)
    assert "decision_dropped" in actions(review)
    assert carry_out_due() == 0
    assert Notice.objects.filter(kind="review_not_decided").count() == 1


@pytest.mark.django_db
def test_a_store_that_is_away_costs_nothing(cast: Cast, review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    record_decision(actor=cast.steward, review=review, decision="approve")
    let_time_pass()

    def fail(**_more: object) -> None:
        raise StorageUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(pending_decisions, "decide_review", fail)
        assert carry_out_due() == 0
    assert state_of(review) == ("open", "in_review")
    assert not Notice.objects.filter(kind="review_not_decided").exists()
    sweep_decisions()
    assert state_of(review) == ("approved", "published")
