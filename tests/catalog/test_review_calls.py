"""A steward's word on each failed check, the conversation beside it, and who is looking at what."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from catalog import keys, storage
from catalog.actor import system
from catalog.errors import Forbidden, Invalid, NotFound
from catalog.models import AuditEvent, Remark, Review, VerdictStatus, Version, VersionState
from catalog.selectors.datasets import get_version
from catalog.services.publishing.versions import submit_version
from catalog.services.reviewing.conversation import ReviewDecided, add_remark, claim_review, release_review
from catalog.services.reviewing.failures import FailureCall, FailuresUndecided
from catalog.services.reviewing.reports import CheckedTable, record_verdict
from catalog.services.reviewing.reviews import decide_review
from tests.fixtures.datasets import NOTHING_PERSONAL, add_table, make_dataset, make_submitted
from tests.fixtures.people import Cast

pytestmark = pytest.mark.django_db


def outcome(rule: str, level: str = "error", status: str = "failed") -> dict[str, Any]:
    return {
        "rule": {"id": rule, "type": "not_null", "column": rule, "level": level},
        "status": status,
        "observed": None,
        "failing_count": None if status == "errored" else 3,
        "failing_share": None if status == "errored" else 0.03,
        "checked": 100,
        "samples": [],
        "error": "",
        "obstacle": "",
    }


def submitted_with(cast: Cast, *outcomes: dict[str, Any]) -> Review:
    dataset = make_dataset(cast)
    resource = add_table(cast.contributor, dataset)
    counts = {"passed": 0, "warnings": 0, "failed": len(outcomes), "errored": 0}
    result = CheckedTable(
        VerdictStatus.FAILED, 50.0, counts, list(outcomes), {"rows": 100}, "", {}, 1.0, personal=NOTHING_PERSONAL
    )
    record_verdict(actor=system(), resource=resource, result=result, is_stale=False)
    draft = get_version(actor=cast.contributor, dataset=dataset, version="draft")
    return submit_version(actor=cast.contributor, version=draft, note="First.").reviews.get()


def call(rule: str, decision: Any = "accept", note: str = "Known: the sensor was off.") -> FailureCall:
    return FailureCall("birds", rule, decision, note)


def manifest_of(version: Version) -> dict[str, Any]:
    data = storage.read_bytes(keys.manifest(version.dataset_id, version.number))
    found: dict[str, Any] = json.loads(data)
    return found


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ([], "Say whether you accept it."),
        ([call("id")], "Say whether you accept it."),
        ([call("id"), call("name", note=" ")], "Say why."),
        ([call("id"), call("name", "ask")], "You do not accept it"),
        ([call("id"), call("name", "refuse")], "You do not accept it"),
        ([call("id"), call("name"), call("other")], "no such check failed"),
        ([call("id"), call("name"), call("amount", "refuse")], "You do not accept it"),
    ],
)
def test_no_failure_is_published_without_a_word(cast: Cast, calls: list[FailureCall], words: str) -> None:
    review = submitted_with(cast, outcome("id"), outcome("name", status="errored"), outcome("amount", "warning"))
    with pytest.raises(FailuresUndecided, match=words):
        decide_review(actor=cast.steward, review=review, decision="approve", failures=calls)
    review.refresh_from_db()
    assert (review.state, review.failures) == ("open", [])


def test_what_was_accepted_stays_with_the_review_the_manifest_and_the_report(cast: Cast, client: Client) -> None:
    review = submitted_with(cast, outcome("id"), outcome("amount", "warning"), outcome("name", "info"))
    words = [{"table": "birds", "rule": "id", "decision": "accept", "note": "Known: the sensor was off."}]
    decided = decide_review(actor=cast.steward, review=review, decision="approve", failures=[call("id")])
    assert decided.failures == words
    version = Version.objects.get(pk=review.version_id)
    assert version.state == VersionState.PUBLISHED
    assert manifest_of(version)["decision"]["failures"] == words
    html = client.get("/institute/birds/quality/").content.decode()
    assert "What the steward accepted" in html
    assert "Known: the sensor was off." in html


def test_a_return_may_ask_about_single_checks(cast: Cast, client: Client) -> None:
    review = submitted_with(cast, outcome("id"), outcome("name"))
    asked = [call("id", "ask", "Which station is it?"), call("name", "refuse", "Names are needed.")]
    decided = decide_review(
        actor=cast.steward, review=review, decision="request_changes", reason="Please mend.", failures=asked
    )
    assert [word["decision"] for word in decided.failures] == ["ask", "refuse"]
    client.force_login(cast.contributor.user)
    html = client.get("/share/institute/birds/").content.decode()
    for sentence in ("Please mend.", "Which station is it?", "Names are needed.", f"/review/{review.pk}/#conversation"):
        assert sentence in html, sentence


def test_a_return_needs_no_word_on_each_check_but_a_note_with_each_word(cast: Cast) -> None:
    review = submitted_with(cast, outcome("id"))
    with pytest.raises(FailuresUndecided, match="Say why"):
        decide_review(
            actor=cast.steward, review=review, decision="request_changes", reason="No.", failures=[call("id", note="")]
        )
    decide_review(actor=cast.steward, review=review, decision="request_changes", reason="No.")


# ---------------------------------------------------------------- by page
def fields(html: str, sentence: str) -> str:
    """The name of the field with the call on the check with this sentence."""
    part = html.split(sentence, 1)[1]
    return part.split('<select name="', 1)[1].split('"', 1)[0]


def test_the_page_asks_for_each_call_and_keeps_what_was_typed(cast: Cast, client: Client) -> None:
    review = submitted_with(cast, outcome("id"))
    client.force_login(cast.steward.user)
    address = f"/review/{review.pk}/"
    html = client.get(address).content.decode()
    name = fields(html.split("Your call on each check")[1], "id has a value in every row")
    refused = client.post(address, {"decision": "approve", "reason": "Fine, mostly."})
    assert refused.status_code == 400
    assert "Say whether you accept it." in refused.content.decode()
    assert "Fine, mostly." in refused.content.decode()
    done = client.post(address, {"decision": "approve", name: "accept", f"{name}_note": "Known."}, follow=True)
    assert "Published: Birds 1.0.0." in done.content.decode()


def test_the_queue_tells_who_is_looking(cast: Cast, client: Client) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    client.force_login(cast.steward.user)
    address = f"/review/{review.pk}/"
    assert "I take it" in client.get(address).content.decode()
    client.post(f"{address}claim/")
    assert "Taken by you" in client.get("/review/").content.decode()
    assert "Give it back" in client.get(address).content.decode()
    other = Client()
    cast.organization.memberships.filter(user=cast.maintainer.user).update(is_steward=True)
    other.force_login(cast.maintainer.user)
    html = other.get(address).content.decode()
    assert "Steward is looking at it" in html
    assert "Take it over" in html
    client.post(f"{address}claim/", {"release": "1"})
    assert "Taken by you" not in client.get("/review/").content.decode()


def test_makers_and_stewards_talk_on_the_page(cast: Cast, client: Client) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    address = f"/review/{review.pk}/"
    for name, words in (("steward", "Which unit is it?"), ("contributor", "<b>Millimetres</b>")):
        client.force_login(cast.named(name).user)
        response = client.post(f"{address}remark/", {"text": words}, follow=True)
        assert response.redirect_chain == [(f"{address}#conversation", 302)]
    html = response.content.decode()
    assert html.index("Which unit is it?") < html.index("&lt;b&gt;Millimetres&lt;/b&gt;")
    empty = client.post(f"{address}remark/", {"text": "  "})
    assert empty.status_code == 400
    assert "Write something." in empty.content.decode()


# ---------------------------------------------------------------- the service's own refusals
def test_strangers_neither_read_nor_talk_nor_claim(cast: Cast) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    for act in (
        lambda: add_remark(actor=cast.stranger, review=review, text="Hello"),
        lambda: claim_review(actor=cast.stranger, review=review),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Forbidden):
        claim_review(actor=cast.contributor, review=review)
    with pytest.raises(Invalid, match="10,000"):
        add_remark(actor=cast.steward, review=review, text="x" * 10_001)
    assert not Remark.objects.exists()


def test_claims_and_remarks_are_on_the_trail_and_a_decided_review_is_not_claimed(cast: Cast) -> None:
    review = make_submitted(cast, make_dataset(cast)).reviews.get()
    claim_review(actor=cast.steward, review=review)
    release_review(actor=cast.steward, review=review)
    add_remark(actor=cast.contributor, review=review, text="Ready.")
    decide_review(actor=cast.steward, review=review, decision="approve")
    add_remark(actor=cast.steward, review=review, text="Thank you.")
    with pytest.raises(ReviewDecided):
        claim_review(actor=cast.steward, review=review)
    kept = AuditEvent.objects.filter(object_type="review").order_by("pk").values_list("action", flat=True)
    assert list(kept) == [
        "review.open",
        "review.claimed",
        "review.released",
        "review.remarked",
        "review.approved",
        "review.remarked",
    ]


def test_the_api_takes_words_claims_and_remarks(cast: Cast) -> None:
    review = submitted_with(cast, outcome("id"))
    api = APIClient()
    api.force_login(cast.steward.user)
    address = f"/api/v1/reviews/{review.pk}"
    assert api.put(f"{address}/claim").json()["claimed_by"] == "steward"
    assert api.post(f"{address}/remarks", {"text": "Why?"}, format="json").json()["text"] == "Why?"
    assert [item["author"] for item in api.get(f"{address}/remarks").json()["results"]] == ["steward"]
    refused = api.post(f"{address}/decision", {"decision": "approve"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "failures-undecided")
    assert list(refused.json()["errors"]) == ["failures.birds.id"]
    word = {"table": "birds", "rule": "id", "decision": "accept", "note": "Known."}
    done = api.post(f"{address}/decision", {"decision": "approve", "failures": [word]}, format="json").json()
    assert (done["state"], done["failures"]) == ("approved", [word])


def test_a_table_that_could_not_be_checked_at_all_needs_a_word_of_its_own(cast: Cast) -> None:
    """Its report lists no check: that is no reason to publish it without one."""
    review = submitted_with(cast)
    table = review.version.resources.get()
    assert table.report is not None
    type(table.report).objects.filter(pk=table.report.pk).update(verdict=VerdictStatus.ERRORED)
    type(table).objects.filter(pk=table.pk).update(verdict=VerdictStatus.ERRORED)
    with pytest.raises(FailuresUndecided, match="The table can be checked") as refused:
        decide_review(actor=cast.steward, review=review, decision="approve")
    assert list(refused.value.fields) == ["failures.birds.unchecked"]
    client = Client()
    client.force_login(cast.steward.user)
    page = client.get(f"/review/{review.pk}/").content.decode()
    assert "The table can be checked." in page
    with pytest.raises(FailuresUndecided, match="Say why"):
        decide_review(actor=cast.steward, review=review, decision="approve", failures=[call("unchecked", note=" ")])
    decide_review(actor=cast.steward, review=review, decision="approve", failures=[call("unchecked")])
    review.version.refresh_from_db()
    assert manifest_of(review.version)["decision"]["failures"][0]["rule"] == "unchecked"
    shown = client.get(f"/institute/birds/v/{review.version.number}/report/").content.decode()
    assert "The table can be checked." in shown
    assert "Known: the sensor was off." in shown
