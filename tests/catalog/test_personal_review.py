"""What may be personal data holds a version for a person's word, which stays; nothing passes or blocks in silence."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from catalog import keys, storage
from catalog.models import AuditEvent, Review, ReviewPolicy, VersionState
from catalog.personal.kinds import PersonalKind
from catalog.services.publishing.versions import open_draft, submit_version
from catalog.services.reviewing.personal import PersonalCall, PersonalDataUndecided
from catalog.services.reviewing.reviews import decide_review
from tests.fixtures.datasets import add_table, make_dataset, make_published, record_check
from tests.fixtures.uploading import check_draft, push

pytestmark = pytest.mark.django_db

HIT = {
    "column": "name",
    "confidence": 0.98,
    "matched": 100,
    "matched_is_estimate": False,
    "checked": 100,
    "valid": 100,
    "schemes": [],
    "for": [{"code": "named", "params": {}}],
    "against": [],
    "examples": [{"row": 7, "masked": "a•••@e•••.org"}],
}
FOUND = {"status": "done", "rows": 100, "hits": [{**HIT, "kind": "email"}], "considered": [], "uniqueness": None}
TWO = {**FOUND, "hits": [{**HIT, "kind": "email"}, {**HIT, "kind": "uniqueness", "column": None}]}
ERRORED = {"status": "errored", "error": "OutOfMemoryException", "hits": []}
EMAIL = PersonalCall(PersonalKind.EMAIL, "accept", "Public office addresses.")


@pytest.fixture
def visitor(cast):
    def sign_in(name):
        client = Client()
        if name is not None:
            client.force_login(cast.named(name).user)
        return client

    return sign_in


@pytest.fixture
def dataset(cast):
    return make_dataset(cast)


def submitted(cast, dataset, personal):
    record_check(add_table(cast.contributor, dataset), personal=personal)
    draft = dataset.versions.open().get()
    return submit_version(actor=cast.contributor, version=draft, note="First.")


def review_of(version):
    return version.reviews.get(state="open")


# ---------------------------------------------------------------- direct publishing
@pytest.mark.parametrize(
    ("personal", "state"),
    [
        (None, VersionState.PUBLISHED),
        (FOUND, VersionState.IN_REVIEW),
        (ERRORED, VersionState.IN_REVIEW),
        ({}, VersionState.IN_REVIEW),
    ],
    ids=["nothing found", "a hit", "broke off", "nobody looked"],
)
def test_what_may_be_personal_is_never_published_directly(cast, dataset, personal, state):
    cast.organization.review_policy = ReviewPolicy.DIRECT_WHEN_PASSED
    cast.organization.save()
    dataset.refresh_from_db()
    version = submitted(cast, dataset, personal)
    assert version.state == state
    if state == VersionState.IN_REVIEW:
        event = AuditEvent.objects.get(action="review.open")
        assert event.detail["held_for"] == (["email"] if personal == FOUND else ["unscanned"])


# ---------------------------------------------------------------- the steward's word
@pytest.mark.parametrize(
    ("personal", "calls", "says"),
    [
        (FOUND, [], "E-mail addresses"),
        (FOUND, [PersonalCall(PersonalKind.EMAIL, "accept", "  ")], "say why"),
        (FOUND, [PersonalCall(PersonalKind.EMAIL, "return", "No.")], "ask for changes"),
        (FOUND, [PersonalCall(PersonalKind.IBAN, "accept", "x"), EMAIL], "none were found"),
        (TWO, [EMAIL], "Rows that may single out a person"),
        (ERRORED, [], "Not searched"),
        ({}, [], "Not searched"),
        ({**FOUND, "hits": [{**HIT, "kind": "of-a-later-release"}]}, [], "Not searched"),
    ],
)
def test_a_version_is_not_approved_while_a_kind_has_no_word(cast, dataset, personal, calls, says):
    version = submitted(cast, dataset, personal)
    with pytest.raises(PersonalDataUndecided, match=says):
        decide_review(actor=cast.steward, review=review_of(version), decision="approve", personal=calls)
    version.refresh_from_db()
    assert (version.state, review_of(version).personal) == (VersionState.IN_REVIEW, [])


def test_the_word_stays_in_review_and_manifest(cast, dataset):
    version = submitted(cast, dataset, FOUND)
    decide_review(actor=cast.steward, review=review_of(version), decision="approve", personal=[EMAIL])
    version.refresh_from_db()
    assert version.state == VersionState.PUBLISHED
    word = {
        "kind": "email",
        "where": [{"table": "birds", "column": "name"}],
        "decision": "accept",
        "note": "Public office addresses.",
    }
    assert version.reviews.get().personal == [word]
    manifest = json.loads(storage.read_bytes(keys.manifest(dataset.pk, "1.0.0")))
    assert manifest["decision"]["personal"] == [word]
    assert manifest["resources"][0]["check"]["personal"] == {
        "status": "done",
        "hits": [{"kind": "email", "column": "name", "matched": 100}],
    }
    assert "•" not in json.dumps(manifest, ensure_ascii=False)


def test_a_return_needs_no_word_and_keeps_one_that_is_given(cast, dataset):
    version = submitted(cast, dataset, TWO)
    calls = [PersonalCall(PersonalKind.EMAIL, "return", "Hash them.")]
    decide_review(
        actor=cast.steward, review=review_of(version), decision="request_changes", reason="See.", personal=calls
    )
    assert [word["decision"] for word in version.reviews.get().personal] == ["return"]


def test_a_table_that_nobody_searched_is_checked_anew_in_the_next_version(cast, dataset):
    version = make_published(cast, dataset)
    version.resources.get().report.__class__.objects.update(personal={})
    draft = open_draft(actor=cast.contributor, dataset=version.dataset)
    assert draft.resources.get().verdict == "pending"


# ---------------------------------------------------------------- API
def test_the_api_asks_for_the_word_and_takes_it(cast, dataset, api):
    review = review_of(submitted(cast, dataset, FOUND))
    steward = api(cast.steward)
    told = steward.get(f"/api/v1/reviews/{review.pk}").json()
    assert told["held"] == [{"kind": "email", "title": "E-mail addresses", "where": "birds.name"}]
    refused = steward.post(f"/api/v1/reviews/{review.pk}/decision", {"decision": "approve"}, format="json")
    assert refused.status_code == 422
    assert refused.json()["code"] == "personal-data-undecided"
    assert list(refused.json()["errors"]) == ["personal.email"]
    word = {"email": {"decision": "accept", "note": "Public."}}
    decided = steward.post(
        f"/api/v1/reviews/{review.pk}/decision", {"decision": "approve", "personal": word}, format="json"
    )
    assert decided.status_code == 200
    assert decided.json()["personal"][0]["note"] == "Public."
    report = api().get("/api/v1/datasets/institute/birds/versions/1.0.0/resources/birds/report").json()
    assert report["personal"]["decided"][0]["note"] == "Public."


@pytest.mark.parametrize(
    "word",
    [{"shoe-size": {"decision": "accept"}}, {"email": {"decision": "perhaps"}}, {"email": "yes"}, ["email"], "email"],
)
def test_a_word_that_is_none_is_a_problem_and_no_crash(cast, dataset, api, word):
    review = review_of(submitted(cast, dataset, FOUND))
    answer = api(cast.steward).post(
        f"/api/v1/reviews/{review.pk}/decision", {"decision": "approve", "personal": word}, format="json"
    )
    assert answer.status_code == 422
    assert Review.objects.get(pk=review.pk).state == "open"


def test_masked_examples_are_for_those_who_may_have_the_bytes(cast, api):
    closed = make_dataset(cast, slug="closed", access="restricted")
    record_check(add_table(cast.owner, closed), personal=FOUND)
    version = submit_version(actor=cast.owner, version=closed.versions.open().get(), note="First.")
    decide_review(actor=cast.steward, review=review_of(version), decision="approve", personal=[EMAIL])
    address = "/api/v1/datasets/institute/closed/versions/1.0.0/resources/birds/report"
    outside = api(cast.stranger).get(address).json()
    inside = api(cast.owner).get(address).json()
    assert outside["personal"]["hits"][0]["examples"] == []
    assert outside["personal"]["hits"][0]["matched"] == 100
    assert inside["personal"]["hits"][0]["examples"] == [{"row": 7, "masked": "a•••@e•••.org"}]


# ---------------------------------------------------------------- page
def test_the_page_asks_kind_by_kind_and_keeps_what_was_typed(cast, dataset, visitor):
    version = submitted(cast, dataset, TWO)
    review = review_of(version)
    page = visitor("steward").get(f"/review/{review.pk}/").content.decode()
    assert "a•••@e•••.org" in page
    assert page.count('name="personal_email"') == 2
    refused = visitor("steward").post(
        f"/review/{review.pk}/", {"decision": "approve", "personal_email": "accept", "personal_email_note": "Kept <b>"}
    )
    assert refused.status_code == 400
    text = refused.content.decode()
    assert "Kept &lt;b&gt;" in text
    assert "Rows that may single out a person (birds): say whether they may be published." in text
    version.refresh_from_db()
    assert version.state == VersionState.IN_REVIEW
    whole = {
        "decision": "approve",
        "personal_email": "accept",
        "personal_email_note": "Public.",
        "personal_uniqueness": "accept",
        "personal_uniqueness_note": "Birds are no persons.",
    }
    assert visitor("steward").post(f"/review/{review.pk}/", whole).status_code == 302
    page = visitor(None).get("/institute/birds/quality/").content.decode()
    assert "Birds are no persons." in page


def test_the_submitter_is_told_why_it_is_not_published_at_once(cast, dataset, visitor):
    cast.organization.review_policy = ReviewPolicy.DIRECT_WHEN_PASSED
    cast.organization.save()
    record_check(add_table(cast.contributor, dataset), personal=FOUND)
    page = visitor("contributor").get("/share/institute/birds/submit/").content.decode()
    assert "A steward looks at it first" in page
    assert "E-mail addresses" in page


# ---------------------------------------------------------------- the whole job
CSV = "station,comment\n" + "\n".join(
    f"S{n},{'ask ada.lovelace@maths.example.org' if n == 77 else 'rain'}" for n in range(120)
)


@pytest.mark.django_db(transaction=True)
def test_a_file_with_an_address_in_a_comment_is_held(cast):
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, CSV)
    draft = check_draft(dataset)
    report = draft.resources.get().report
    assert report.verdict == "passed"
    assert [(hit["kind"], hit["column"], hit["matched"]) for hit in report.personal["hits"]] == [
        ("email", "comment", 1)
    ]
    assert report.personal["hits"][0]["examples"][0]["row"] == 78
    assert "lovelace" not in json.dumps(report.personal)


@pytest.mark.django_db(transaction=True)
def test_a_search_that_breaks_off_holds_and_the_check_goes_on(cast, monkeypatch):
    def broken(**_options):
        raise MemoryError

    monkeypatch.setattr("quality.personal.scan.scan", broken)
    dataset = make_dataset(cast)
    push(cast.contributor, dataset, CSV)
    draft = check_draft(dataset)
    assert draft.resources.get().report.verdict == "passed"
    assert draft.resources.get().report.personal == {"status": "errored", "error": "MemoryError", "hits": []}
    version = submit_version(actor=cast.contributor, version=draft, note="First.")
    with pytest.raises(PersonalDataUndecided):
        decide_review(actor=cast.steward, review=review_of(version), decision="approve")
