"""A version that a steward declines: the review ends, the draft stays with its owner, who reads why."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from catalog.actor import Actor
from catalog.models import AuditEvent, Notice, Review, Version, VersionState
from catalog.services.publishing.versions import submit_version
from catalog.services.reviewing.failures import FailuresUndecided
from catalog.services.reviewing.reviews import ReasonMissing, decide_review
from catalog.transitions import MoveRefused
from tests.catalog.test_review_calls import call, outcome, submitted_with
from tests.fixtures.datasets import make_dataset, make_submitted
from tests.fixtures.people import Cast

pytestmark = pytest.mark.django_db
WHY = "It belongs to <another> organization."


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def declined(cast: Cast) -> Review:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    return decide_review(actor=cast.steward, review=review, decision="decline", reason=WHY)


def test_what_was_declined_is_its_owners_draft_and_may_be_sent_anew(cast: Cast) -> None:
    review = declined(cast)
    version = Version.objects.get(pk=review.version_id)
    assert (review.state, review.reason, version.state) == ("declined", WHY, VersionState.DRAFT)
    told = Notice.objects.get(kind="review_declined")
    assert (told.user, told.params["quote"], told.params["review"]) == (cast.contributor.user, WHY, review.pk)
    actions = AuditEvent.objects.filter(object_type="review").values_list("action", flat=True)
    assert list(actions.order_by("pk")) == ["review.open", "review.declined"]
    with pytest.raises(MoveRefused):
        decide_review(actor=cast.steward, review=review, decision="approve")
    again = submit_version(actor=cast.contributor, version=version, note="Another one.")
    assert [item.state for item in again.reviews.order_by("pk")] == ["declined", "open"]


def test_declining_needs_a_reason_also_in_the_database(cast: Cast) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    with pytest.raises(ReasonMissing, match="Say why it is declined"):
        decide_review(actor=cast.steward, review=review, decision="decline", reason=" \n")
    with pytest.raises(IntegrityError, match="review_return_has_a_reason"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(state="declined")


def test_declining_needs_no_word_on_failed_checks_but_may_have_some(cast: Cast) -> None:
    review = submitted_with(cast, outcome("id"), outcome("name"))
    with pytest.raises(FailuresUndecided):
        decide_review(actor=cast.steward, review=review, decision="approve")
    refused = [call("id", "refuse", "Nothing is counted.")]
    done = decide_review(actor=cast.steward, review=review, decision="decline", reason=WHY, failures=refused)
    assert [word["decision"] for word in done.failures] == ["refuse"]


def test_the_pages_say_that_it_was_declined_and_why(cast: Cast) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    steward, maker = browser(cast.steward), browser(cast.contributor)
    address, words = f"/review/{review.pk}/", "It belongs to &lt;another&gt; organization."
    assert "Decline 1.0.0" in steward.get(address).content.decode()
    empty = steward.post(address, {"decision": "decline"})
    assert (empty.status_code, "Say why it is declined." in empty.content.decode()) == (400, True)
    done = steward.post(address, {"decision": "decline", "reason": WHY}, follow=True).content.decode()
    assert "Declined: Birds 1.0.0." in done
    for path, sentence in [
        (address, "Declined: Steward"),
        ("/share/institute/birds/", "Declined by Steward"),
        ("/work/", "Declined</span>"),
        ("/notices/", "Version 1.0.0 of Birds was declined"),
    ]:
        shown = maker.get(path).content.decode()
        assert sentence in shown, path
        assert words in shown, path


def test_the_api_declines(cast: Cast) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    api = APIClient()
    api.force_login(cast.steward.user)
    address = f"/api/v1/reviews/{review.pk}/decision"
    refused = api.post(address, {"decision": "decline"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "reason-missing")
    done = api.post(address, {"decision": "decline", "reason": WHY}, format="json").json()
    assert (done["state"], done["decided_by"], done["reason"]) == ("declined", "steward", WHY)
    listed = api.get("/api/v1/reviews?state=declined").json()["results"]
    assert [item["id"] for item in listed] == [review.pk]
