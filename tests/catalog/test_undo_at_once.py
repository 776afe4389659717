"""A decision that waits is carried out by whoever comes first: messages, sweeps, many at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from catalog import events
from catalog.actor import Actor
from catalog.errors import CatalogError
from catalog.events import DecisionRecorded
from catalog.models import AuditEvent, PendingDecision, Review, Version, VersionState
from catalog.services.reviewing.pending import carry_out, record_decision, undo_decision
from catalog.tasks import carry_out_decision
from tests.catalog.test_undo import GRACE, actions, let_time_pass, state_of, told
from tests.fixtures.datasets import make_dataset, make_submitted
from tests.fixtures.people import Cast, make_steward


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


@pytest.mark.django_db
def test_a_message_is_sent_for_its_time(
    cast: Cast, review: Review, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[tuple[int], float]] = []
    monkeypatch.setattr(carry_out_decision, "apply_async", lambda args, countdown: sent.append((args, countdown)))
    assert events._handlers[DecisionRecorded]
    with django_capture_on_commit_callbacks(execute=True):
        record_decision(actor=cast.steward, review=review, decision="approve")
    assert sent == [((review.pk,), GRACE)]
    carry_out_decision(review.pk)
    assert state_of(review) == ("open", "in_review"), "a message that comes early does nothing"
    let_time_pass()
    carry_out_decision(review.pk)
    assert state_of(review) == ("approved", "published")


@pytest.mark.django_db
def test_without_seconds_to_wait_it_is_carried_out_at_once(cast: Cast, review: Review, settings: Any) -> None:
    settings.DECISION_GRACE = 0
    assert record_decision(actor=cast.steward, review=review, decision="approve") is None
    assert state_of(review) == ("approved", "published")
    assert actions(review) == ["open", "approved"]


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all of it in threads of their own at the same moment; what each ended with."""
    barrier, ends = Barrier(len(acts)), [""] * len(acts)

    def run(at: int, act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            ends[at] = str(act())
        except CatalogError as refusal:
            ends[at] = refusal.code
        finally:
            connection.close()

    threads = [Thread(target=run, args=(at, act)) for at, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.django_db(transaction=True)
def test_of_many_who_come_at_once_one_carries_it_out(cast: Cast, review: Review, second: Actor) -> None:
    first, other = (
        lambda: bool(record_decision(actor=cast.steward, review=review, decision="approve")),
        lambda: bool(record_decision(actor=second, review=review, decision="decline", reason="No.")),
    )
    assert sorted(at_once(first, other)) == ["True", "decision-pending"]
    [pending] = PendingDecision.objects.all()
    undo_decision(actor=cast.steward, review=review)
    twice = lambda: bool(record_decision(actor=cast.steward, review=review, decision="approve"))  # noqa: E731
    assert at_once(twice, twice) == ["True", "True"]
    let_time_pass()
    carry = lambda: carry_out(review.pk)  # noqa: E731
    assert sorted(at_once(carry, carry, carry, carry)) == ["False", "False", "False", "True"]
    assert state_of(review) == ("approved", "published")
    assert told("review_approved") == ["contributor"]
    assert AuditEvent.objects.filter(action="version.published").count() == 1
    assert pending.review_id == review.pk


@pytest.mark.django_db(transaction=True)
def test_undo_and_carrying_out_at_once_are_one_or_the_other(cast: Cast) -> None:
    for slug in ("one", "two", "three"):
        review = make_submitted(cast, make_dataset(cast, slug=slug)).reviews.get()
        record_decision(actor=cast.steward, review=review, decision="approve")
        let_time_pass()

        def undo(review: Review = review) -> str:
            undo_decision(actor=cast.steward, review=review)
            return "undone"

        def carry(review: Review = review) -> bool:
            return carry_out(review.pk)

        assert at_once(undo, carry) in (["undone", "False"], ["undo-too-late", "True"])
        is_published = Version.objects.filter(pk=review.version_id, state=VersionState.PUBLISHED).exists()
        assert is_published == (state_of(review)[0] == "approved")
