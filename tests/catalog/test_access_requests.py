"""Asking for access: the form, the signature, the conversation, the decision, and what time does."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from catalog.actor import system
from catalog.models import AccessGrant, AccessRequest, Agreement, AuditEvent, Notice, Signature
from catalog.permissions import may_download
from catalog.services.granting.access_requests import ask_access, may_ask
from catalog.services.granting.grants import grant_access
from catalog.services.granting.request_expiry import expire_unanswered, warn_of_expiry
from catalog.services.membership.organizations import create_organization
from catalog.services.notifying.notices import send_due
from tests.fixtures.datasets import SQL, make_dataset, make_published

CLOSED = "/api/v1/datasets/institute/closed"
TEXT = "1. I name the source.\n2. I pass nothing on.\n"
FORM = [
    {"label": "Institution"},
    {"label": "Protocol", "kind": "long_text", "needed": False},
    {"label": "Kind of use", "kind": "choice", "choices": ["research", "teaching"]},
    {"label": "Approved by an ethics board", "kind": "yes_no", "key": "ethics"},
]
ANSWERS = {"institution": "Palmer Station", "kind-of-use": "research", "ethics": "yes"}


@pytest.fixture
def closed(cast):
    dataset = make_published(cast, make_dataset(cast, slug="closed", access="restricted")).dataset
    Notice.objects.all().delete()  # Those of the review.
    return dataset


@pytest.fixture
def asked(cast, closed):
    return ask_access(actor=cast.stranger, dataset=closed, purpose="To count gulls.")


def write(api, cast, text=TEXT, questions=FORM):
    return api(cast.maintainer).put(f"{CLOSED}/agreement", {"text": text, "questions": questions})


# ---------------------------------------------------------------- the form and the agreement
def test_a_request_with_form_and_signature_is_granted_until_a_date(cast, closed, api, mailoutbox):
    terms = write(api, cast).json()
    assert terms["sha256"] == hashlib.sha256(TEXT.strip().encode()).hexdigest()
    assert [question["key"] for question in terms["questions"]] == ["institution", "protocol", "kind-of-use", "ethics"]
    asker = api(cast.stranger)
    read = asker.get(f"{CLOSED}/agreement").json()
    sent = {"purpose": "Gulls.", "answers": ANSWERS, "agreement_sha256": read["sha256"], "versions": ["1.0.0"]}
    made = asker.post(f"{CLOSED}/access-requests", sent, REMOTE_ADDR="192.0.2.7")
    assert made.status_code == 201, made.json()
    request = made.json()
    assert (request["state"], request["versions"], request["signed"]) == ("pending", ["1.0.0"], read["sha256"])
    assert [answer["value"] for answer in request["answers"]] == ["Palmer Station", "", "research", "yes"]

    signature = api(cast.maintainer).get(f"{CLOSED}/signatures").json()["results"][0]
    assert (signature["username"], signature["address"], signature["versions"]) == (
        "stranger",
        "192.0.2.7",
        ["1.0.0"],
    )
    assert (signature["agreement"], signature["text_sha256"]) == (1, read["sha256"])

    until = timezone.now() + timedelta(days=30)
    decided = api(cast.maintainer).post(
        f"/api/v1/access-requests/{request['id']}/decision", {"decision": "grant", "expires_at": until.isoformat()}
    )
    assert (decided.json()["state"], decided.json()["decided_by"]) == ("granted", "maintainer")
    assert asker.get(f"{CLOSED}/versions/1.0.0/resources/birds.parquet").status_code == 302
    grant = AccessGrant.objects.get()
    assert (grant.all_versions, [version.number for version in grant.versions.all()]) == (False, ["1.0.0"])
    assert AuditEvent.objects.filter(action="accessrequest.granted").count() == 1
    send_due()
    told = {(mail.to[0], mail.subject) for mail in mailoutbox}
    assert told == {
        ("maintainer@example.org", "Stranger asks for access to Closed"),
        ("owner@example.org", "Stranger asks for access to Closed"),
        ("stranger@example.org", "You have access to Closed"),
    }
    assert all(f"/work/requests/{request['id']}/" in mail.body for mail in mailoutbox)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purpose": " "}, "purpose"),
        ({"answers": {**ANSWERS, "institution": ""}}, "answers.institution"),
        ({"answers": {**ANSWERS, "kind-of-use": "profit"}}, "answers.kind-of-use"),
        ({"answers": {**ANSWERS, "ethics": "perhaps"}}, "answers.ethics"),
        ({"answers": {**ANSWERS, "shoe-size": "43"}}, "answers.shoe-size"),
        ({"answers": {**ANSWERS, "institution": "x" * 501}}, "answers.institution"),
        ({"agreement_sha256": ""}, "agreement_sha256"),
        ({"versions": ["7.0.0"]}, "versions"),
        ({"versions": []}, "versions"),
    ],
)
def test_what_is_missing_is_said_by_its_field(cast, closed, api, changes, field):
    sha256 = write(api, cast).json()["sha256"]
    sent = {"purpose": "Gulls.", "answers": ANSWERS, "agreement_sha256": sha256, **changes}
    refused = api(cast.stranger).post(f"{CLOSED}/access-requests", sent)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])
    assert not Signature.objects.exists()


def test_a_changed_agreement_has_to_be_read_again_and_the_signed_one_stays(cast, closed, api):
    first = write(api, cast).json()
    assert write(api, cast).json()["number"] == 1
    second = write(api, cast, text="Nothing is allowed.").json()
    assert second["number"] == 2
    asker = api(cast.stranger)
    sent = {"purpose": "Gulls.", "answers": ANSWERS, "agreement_sha256": first["sha256"]}
    refused = asker.post(f"{CLOSED}/access-requests", sent)
    assert (refused.status_code, refused.json()["code"]) == (409, "agreement-changed")
    assert asker.get(f"{CLOSED}/agreements/1").json()["text"] == TEXT.strip()
    sent["agreement_sha256"] = second["sha256"]
    assert asker.post(f"{CLOSED}/access-requests", sent).status_code == 201
    for table in ("agreement", "signature"):
        for statement in (f"DELETE FROM catalog_{table}", f"UPDATE catalog_{table} SET id = id + 1000"):
            with (
                pytest.raises(DatabaseError, match="never changes"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


@pytest.mark.parametrize(
    "question",
    [
        {"label": ""},
        {"label": "x" * 301},
        {"label": "Which", "kind": "choice", "choices": ["one"]},
        {"label": "Which", "kind": "file"},
        {"label": "Which", "key": "Not A Key"},
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(cast, closed, api, question):
    assert write(api, cast, questions=[question]).status_code == 422
    assert not Agreement.objects.exists()


def test_two_questions_of_one_label_have_two_keys(cast, closed, api):
    found = write(api, cast, questions=[{"label": "Name"}, {"label": "Name"}, {"label": "名前"}]).json()
    assert [question["key"] for question in found["questions"]] == ["name", "name-2", "question"]
    assert write(api, cast, text="", questions=[{"label": str(n)} for n in range(21)]).status_code == 422


# ---------------------------------------------------------------- who may ask, and for what
def test_what_is_withheld_can_not_be_asked_for(cast, api):
    make_published(cast, make_dataset(cast, slug="secret", access="private"))
    asked = api(cast.stranger).post("/api/v1/datasets/institute/secret/access-requests", {"purpose": "Gulls."})
    assert asked.status_code == 404


@pytest.mark.parametrize("who", ["reader", "owner"])
def test_who_has_the_data_has_nothing_to_ask(cast, closed, api, who):
    refused = api(cast.named(who)).post(f"{CLOSED}/access-requests", {"purpose": "Gulls."})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-ask")


def test_an_open_dataset_is_not_asked_for(cast, api):
    make_published(cast, make_dataset(cast, slug="open"))
    refused = api(cast.stranger).post("/api/v1/datasets/institute/open/access-requests", {"purpose": "Gulls."})
    assert refused.json()["code"] == "nothing-to-ask"


def test_one_open_request_per_person_and_dataset(cast, closed, asked, api):
    again = api(cast.stranger).post(f"{CLOSED}/access-requests", {"purpose": "Gulls."})
    assert (again.status_code, again.json()["code"]) == (409, "request-open")
    assert api(cast.grantee).post(f"{CLOSED}/access-requests", {"purpose": "Terns."}).status_code == 201
    assert api(cast.stranger).post(f"/api/v1/access-requests/{asked.pk}/cancel").json()["state"] == "cancelled"
    assert api(cast.stranger).post(f"{CLOSED}/access-requests", {"purpose": "Gulls."}).status_code == 201


def test_a_second_grant_keeps_what_the_first_gave(cast, closed, api):
    second = make_published(cast, closed, sql=f"{SQL} LIMIT 50")
    grant_access(actor=cast.owner, dataset=closed, username="stranger", versions=["1.0.0"])
    nothing = api(cast.stranger).post(f"{CLOSED}/access-requests", {"purpose": "Gulls.", "versions": ["1.0.0"]})
    assert nothing.json()["code"] == "nothing-to-ask"
    assert may_ask(cast.stranger, closed)
    asked = ask_access(actor=cast.stranger, dataset=closed, purpose="More.", versions=[second.number])
    api(cast.owner).post(f"/api/v1/access-requests/{asked.pk}/decision", {"decision": "grant"})
    grant = AccessGrant.objects.get()
    assert [version.number for version in grant.versions.order_by("sequence")] == ["1.0.0", second.number]


# ---------------------------------------------------------------- deciding and talking
def test_a_refusal_needs_a_reason_and_is_final(cast, closed, asked, api):
    decision = f"/api/v1/access-requests/{asked.pk}/decision"
    assert api(cast.owner).post(decision, {"decision": "deny"}).status_code == 422
    done = api(cast.owner).post(decision, {"decision": "deny", "reason": "Not for gulls."}).json()
    assert (done["state"], done["reason"]) == ("denied", "Not for gulls.")
    assert api(cast.owner).post(decision, {"decision": "grant"}).status_code == 409
    assert api(cast.stranger).post(f"/api/v1/access-requests/{asked.pk}/cancel").status_code == 409
    assert not AccessGrant.objects.exists()
    assert not may_download(cast.stranger, closed.latest)


def test_asker_and_maintainers_talk_and_nobody_else_hears(cast, closed, asked, api):
    remarks = f"/api/v1/access-requests/{asked.pk}/remarks"
    AccessRequest.objects.update(expires_at=timezone.now() + timedelta(days=1), warned_at=timezone.now())
    assert api(cast.maintainer).post(remarks, {"text": "Which gulls?"}).status_code == 201
    assert api(cast.stranger).post(remarks, {"text": "All of them."}).status_code == 201
    assert api(cast.stranger).post(remarks, {"text": "  "}).status_code == 422
    said = api(cast.owner).get(remarks).json()["results"]
    assert [(turn["author"], turn["text"]) for turn in said] == [
        ("maintainer", "Which gulls?"),
        ("stranger", "All of them."),
    ]
    for other in (cast.grantee, cast.contributor, cast.steward):
        assert api(other).get(remarks).status_code == 404
    told = Notice.objects.filter(kind="request_remark").order_by("pk").values_list("user__username", flat=True)
    assert list(told) == ["stranger", "owner", "maintainer"]
    asked.refresh_from_db()
    assert asked.expires_at > timezone.now() + timedelta(days=50)
    assert asked.warned_at is None
    api(cast.stranger).post(f"/api/v1/access-requests/{asked.pk}/cancel")
    assert api(cast.owner).post(remarks, {"text": "Pity."}).json()["code"] == "request-ended"


def test_lists_are_of_those_concerned(cast, closed, asked, api):
    for who, count in [("stranger", 1), ("owner", 1), ("maintainer", 1), ("grantee", 0), ("steward", 0)]:
        client = api(cast.named(who))
        assert client.get("/api/v1/access-requests?state=pending").json()["count"] == count
        assert client.get(f"{CLOSED}/access-requests").json()["count"] == count
    assert api(cast.owner).get("/api/v1/access-requests?state=granted").json()["count"] == 0
    assert api(cast.owner).get("/api/v1/access-requests?state=lost").status_code == 422


def test_the_maintainer_of_another_organization_decides_nothing(cast, closed, asked, api):
    create_organization(actor=cast.grantee, slug="lab", title="Lab")
    decision = f"/api/v1/access-requests/{asked.pk}/decision"
    assert api(cast.grantee).post(decision, {"decision": "grant"}).status_code == 404


# ---------------------------------------------------------------- nobody answers
def test_a_request_that_nobody_answers_expires_after_that_was_said(cast, closed, asked, api):
    assert [warn_of_expiry(), expire_unanswered(actor=system())] == [0, 0]
    AccessRequest.objects.update(expires_at=timezone.now() + timedelta(days=6))
    assert [warn_of_expiry(), warn_of_expiry(), expire_unanswered(actor=system())] == [1, 0, 0]
    AccessRequest.objects.update(expires_at=timezone.now())
    assert [expire_unanswered(actor=system()), expire_unanswered(actor=system())] == [1, 0]
    assert api(cast.stranger).get(f"/api/v1/access-requests/{asked.pk}").json()["state"] == "expired"
    told = Notice.objects.exclude(kind="request_made").order_by("pk").values_list("kind", "user__username")
    ends = [("request_ends", name) for name in ("stranger", "owner", "maintainer")]
    assert list(told) == [*ends, ("request_expired", "stranger")]
    event = AuditEvent.objects.get(action="accessrequest.expired")
    assert (event.actor, event.dataset_id) == (None, closed.pk)
