import hashlib
import json

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from catalog import keys, storage
from catalog.errors import Forbidden, Invalid, NotFound
from catalog.models import AuditEvent, QualityReport, ReviewPolicy, VerdictStatus, Version, VersionState
from catalog.numbering import NumberTooLow
from catalog.selectors.datasets import get_dataset, get_version
from catalog.services.cataloguing.datasets import Description, update_dataset
from catalog.services.publishing.resources import ColumnsDiffer, VersionNotDraft, edit_resource, remove_resource
from catalog.services.publishing.versions import NotReady, open_draft, submit_version, take_back, withdraw_version
from catalog.services.reviewing.reviews import OwnSubmission, ReasonMissing, decide_review
from catalog.transitions import MoveRefused, move
from tests.fixtures.datasets import (
    SCHEMA,
    add_table,
    make_checked_draft,
    make_dataset,
    make_published,
    make_submitted,
    record_check,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(cast):
    return make_dataset(cast)


def review_of(version):
    return version.reviews.get(state="open")


def again(cast, dataset):
    return get_dataset(actor=cast.owner, owner="institute", slug=dataset.slug)


# ---------------------------------------------------------------- submit
def test_a_version_is_submitted_when_it_has_table_licence_note_and_result(cast, dataset):
    update_dataset(actor=cast.contributor, dataset=dataset, description=Description(license=""))
    draft = open_draft(actor=cast.contributor, dataset=dataset)
    with pytest.raises(NotReady) as refusal:
        submit_version(actor=cast.contributor, version=draft, note=" ")
    assert len(refusal.value.extra["missing"]) == 3
    resource = add_table(cast.contributor, dataset)
    update_dataset(actor=cast.contributor, dataset=dataset, description=Description(license="CC0-1.0"))
    draft = get_version(actor=cast.owner, dataset=again(cast, dataset), version="draft")
    with pytest.raises(NotReady, match="still running"):
        submit_version(actor=cast.contributor, version=draft, note="First.")
    record_check(resource)
    assert submit_version(actor=cast.contributor, version=draft, note="First.").state == VersionState.IN_REVIEW


def test_there_is_one_open_version_and_it_is_found_again(cast, dataset):
    first = open_draft(actor=cast.contributor, dataset=dataset)
    assert open_draft(actor=cast.owner, dataset=dataset).pk == first.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(dataset=dataset, created_by=cast.owner.user)


def test_a_submitted_version_takes_no_more_tables(cast, dataset):
    make_submitted(cast, dataset)
    with pytest.raises(VersionNotDraft):
        add_table(cast.contributor, dataset, name="other")


def test_a_submission_can_be_taken_back(cast, dataset):
    version = make_submitted(cast, dataset)
    review = review_of(version)
    assert take_back(actor=cast.contributor, version=version).state == VersionState.DRAFT
    review.refresh_from_db()
    assert review.state == "cancelled"
    with pytest.raises(MoveRefused):
        decide_review(actor=cast.steward, review=review, decision="approve")


# ---------------------------------------------------------------- decide
def test_whoever_submitted_never_approves(cast, dataset):
    steward_and_owner = cast.owner
    cast.organization.memberships.filter(user=cast.owner.user).update(is_steward=True)
    make_checked_draft(cast, dataset)
    draft = get_version(actor=cast.owner, dataset=dataset, version="draft")
    version = submit_version(actor=steward_and_owner, version=draft, note="Mine.")
    with pytest.raises(OwnSubmission):
        decide_review(actor=steward_and_owner, review=review_of(version), decision="approve")
    with pytest.raises(IntegrityError), transaction.atomic():
        version.reviews.update(state="approved", decided_by=steward_and_owner.user)


def test_only_stewards_decide_and_strangers_do_not_even_see_it(cast, dataset):
    review = review_of(make_submitted(cast, dataset))
    with pytest.raises(Forbidden):
        decide_review(actor=cast.maintainer, review=review, decision="approve")
    with pytest.raises(NotFound):
        decide_review(actor=cast.stranger, review=review, decision="approve")


def test_a_return_needs_a_reason_and_makes_a_draft_of_it(cast, dataset):
    version = make_submitted(cast, dataset)
    with pytest.raises(ReasonMissing):
        decide_review(actor=cast.steward, review=review_of(version), decision="request_changes", reason=" ")
    decide_review(actor=cast.steward, review=review_of(version), decision="request_changes", reason="Units?")
    version.refresh_from_db()
    assert version.state == VersionState.DRAFT
    resubmitted = submit_version(actor=cast.contributor, version=version, note="Units given.")
    assert resubmitted.number == "1.0.0"


def test_organizations_may_publish_directly_what_passed_and_only_that(cast, dataset):
    cast.organization.review_policy = ReviewPolicy.DIRECT_WHEN_PASSED
    cast.organization.save()
    resource = add_table(cast.contributor, dataset)
    record_check(resource, VerdictStatus.WARNINGS)
    draft = get_version(actor=cast.owner, dataset=again(cast, dataset), version="draft")
    assert submit_version(actor=cast.contributor, version=draft, note="A.").state == VersionState.IN_REVIEW
    draft = take_back(actor=cast.contributor, version=Version.objects.get(pk=draft.pk))
    record_check(draft.resources.get(), VerdictStatus.PASSED)
    draft = get_version(actor=cast.owner, dataset=again(cast, dataset), version="draft")
    published = submit_version(actor=cast.contributor, version=draft, note="A.")
    assert published.state == VersionState.PUBLISHED
    assert published.reviews.filter(state="open").count() == 0


def test_organizations_may_publish_directly_whatever_the_checks_say(cast, dataset):
    cast.organization.review_policy = ReviewPolicy.DIRECT
    cast.organization.save()
    record_check(add_table(cast.contributor, dataset), VerdictStatus.FAILED)
    draft = get_version(actor=cast.owner, dataset=again(cast, dataset), version="draft")
    published = submit_version(actor=cast.contributor, version=draft, note="A.")
    assert (published.state, published.verdict) == (VersionState.PUBLISHED, VerdictStatus.FAILED)
    manifest = json.loads(storage.read_bytes(keys.manifest(dataset.pk, "1.0.0")))
    assert manifest["decision"]["policy"] == "direct"


# ---------------------------------------------------------------- publish
def test_publishing_freezes_a_manifest_whose_hash_binds_it(cast, dataset):
    version = make_published(cast, dataset)
    data = storage.read_bytes(keys.manifest(dataset.pk, "1.0.0"))
    assert hashlib.sha256(data).hexdigest() == version.manifest_sha256
    manifest = json.loads(data)
    resource = version.resources.get()
    assert manifest["dataset"] == "institute/birds"
    assert (manifest["version"], manifest["sequence"], manifest["rows"]) == ("1.0.0", 1, 100)
    assert manifest["resources"][0]["parts"][0]["sha256"] == resource.parts.get().sha256
    assert manifest["decision"]["by"] == "steward"
    assert manifest["previous"] is None
    # Nothing in it tells a value of a cell: it is public where the bytes are not.
    assert "min" not in manifest["resources"][0]["statistics"][0]


def test_the_second_version_names_the_first_and_shares_its_bytes(cast, dataset):
    first = make_published(cast, dataset)
    update_dataset(actor=cast.contributor, dataset=again(cast, dataset), description=Description(description="More."))
    second = make_published(cast, again(cast, dataset))
    assert (second.number, second.sequence) == ("1.0.1", 2)
    manifest = json.loads(storage.read_bytes(keys.manifest(dataset.pk, second.number)))
    assert manifest["previous"] == {"version": "1.0.0", "manifest_sha256": first.manifest_sha256}
    assert len(list(storage.list_keys(f"datasets/{dataset.pk}/parquet/"))) == 1


@pytest.mark.parametrize(
    ("sql", "schema", "number"),
    [
        ("SELECT range AS id, 'n' || range AS name, range * 1.5 AS amount FROM range(101)", SCHEMA, "1.1.0"),
        ("SELECT range AS id FROM range(100)", {"fields": [{"name": "id", "type": "integer"}]}, "2.0.0"),
    ],
    ids=["rows added", "columns removed"],
)
def test_the_number_follows_from_the_difference(cast, dataset, sql, schema, number):
    make_published(cast, dataset)
    make_checked_draft(cast, again(cast, dataset), sql=sql, schema=schema)
    draft = get_version(actor=cast.owner, dataset=again(cast, dataset), version="draft")
    with pytest.raises(NumberTooLow):
        submit_version(actor=cast.contributor, version=draft, note="Second.", number="1.0.9")
    assert submit_version(actor=cast.contributor, version=draft, note="Second.").number == number


def test_the_owner_may_raise_the_number(cast, dataset):
    draft = make_checked_draft(cast, dataset)
    assert submit_version(actor=cast.contributor, version=draft, note="N.", number="3.0.0").number == "3.0.0"


# ---------------------------------------------------------------- what the database refuses
def test_a_published_version_never_changes(cast, dataset):
    version = make_published(cast, dataset)
    resource = version.resources.get()
    attempts = [
        lambda: Version.objects.filter(pk=version.pk).update(note="Rewritten."),
        lambda: Version.objects.filter(pk=version.pk).update(state="draft"),
        lambda: version.resources.update(rows=1),
        lambda: resource.parts.update(sha256="0" * 64),
        lambda: resource.parts.all().delete(),
        resource.delete,
        lambda: QualityReport.objects.create(resource=resource, verdict="passed") and resource.save(),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
            attempt()
    with pytest.raises(VersionNotDraft):
        edit_resource(actor=cast.owner, resource=resource, title="New")
    with pytest.raises(VersionNotDraft):
        remove_resource(actor=cast.owner, resource=resource)


def test_the_audit_trail_only_grows(cast, dataset):
    assert AuditEvent.objects.count() > 0
    for attempt in (
        lambda: AuditEvent.objects.update(label="x"),
        lambda: AuditEvent.objects.filter(pk=AuditEvent.objects.first().pk)._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()


def test_every_move_is_on_the_audit_trail(cast, dataset):
    make_published(cast, dataset)
    actions = list(AuditEvent.objects.filter(dataset_id=dataset.pk).order_by("pk").values_list("action", flat=True))
    assert actions == [
        "dataset.created",
        "version.draft",
        "resource.stored",
        "report.recorded",
        "version.in_review",
        "review.open",
        "review.approved",
        "version.approved",
        "version.published",
    ]


def test_a_move_that_is_not_in_the_table_is_refused(cast, dataset):
    draft = open_draft(actor=cast.contributor, dataset=dataset)
    with pytest.raises(MoveRefused):
        move(draft, to=VersionState.PUBLISHED, actor=cast.owner)


# ---------------------------------------------------------------- withdraw
def test_a_withdrawn_version_keeps_resolving_and_gives_no_bytes(cast, dataset, api):
    version = make_published(cast, dataset)
    with pytest.raises(Invalid):
        withdraw_version(actor=cast.owner, version=version, reason=" ")
    withdraw_version(actor=cast.owner, version=version, reason="Wrong sensor.")
    for address in ("1.0.0", "latest"):
        answer = api().get(f"/api/v1/datasets/institute/birds/versions/{address}")
        assert (answer.status_code, answer.json()["withdrawn_reason"]) == (200, "Wrong sensor.")
    gone = api().get("/api/v1/datasets/institute/birds/versions/1.0.0/resources/birds.parquet")
    assert (gone.status_code, gone.json()["code"]) == (410, "version-withdrawn")


def test_latest_falls_back_to_the_version_before(cast, dataset):
    make_published(cast, dataset)
    make_checked_draft(cast, again(cast, dataset), sql="SELECT range AS id, 'n' AS name, 1.5 AS amount FROM range(9)")
    draft = get_version(actor=cast.owner, dataset=again(cast, dataset), version="draft")
    submit_version(actor=cast.contributor, version=draft, note="Second.")
    decide_review(actor=cast.steward, review=review_of(draft), decision="approve")
    second = get_version(actor=cast.owner, dataset=again(cast, dataset), version="1.1.0")
    withdraw_version(actor=cast.owner, version=second, reason="Wrong.")
    assert get_version(actor=cast.stranger, dataset=again(cast, dataset), version="latest").number == "1.0.0"


# ---------------------------------------------------------------- schema of a draft
def test_meaning_and_constraints_can_be_edited_and_types_cannot(cast, dataset):
    resource = add_table(cast.contributor, dataset)
    fields = [dict(item) for item in SCHEMA["fields"]]
    fields[2] |= {"unit": "EUR", "description": "What it cost", "constraints": {"minimum": 0}}
    edited = edit_resource(actor=cast.contributor, resource=resource, schema={"fields": fields, "primaryKey": "id"})
    assert edited.schema["fields"][2]["unit"] == "EUR"
    assert edited.schema["primaryKey"] == ["id"]
    assert edited.verdict == VerdictStatus.PENDING
    fields[2]["type"] = "string"
    with pytest.raises(ColumnsDiffer, match="amount"):
        edit_resource(actor=cast.contributor, resource=resource, schema={"fields": fields})
    with pytest.raises(ColumnsDiffer):
        edit_resource(actor=cast.contributor, resource=resource, schema={"fields": fields[:2]})
