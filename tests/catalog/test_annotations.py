"""Annotations: who may propose, see and decide; rows by key and by number; descriptions into the schema."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from catalog.actor import ANONYMOUS, Actor
from catalog.errors import Forbidden, Invalid, NotFound
from catalog.models import Annotation, AuditEvent, Resource
from catalog.permissions import NotSignedIn, ScopeMissing
from catalog.selectors.annotations import agreement_on
from catalog.services.annotating.annotated_rows import RowUnclear
from catalog.services.annotating.annotations import (
    AnnotationExists,
    OwnProposal,
    RowMeant,
    decide_annotation,
    propose_correction,
    propose_description,
    propose_label,
    withdraw_annotation,
)
from catalog.services.annotating.applying import apply_descriptions
from catalog.services.granting.grants import grant_access
from catalog.services.publishing.resources import VersionNotDraft
from catalog.services.publishing.versions import open_draft, withdraw_version
from catalog.transitions import MoveRefused
from tests.fixtures.datasets import SCHEMA, add_table, make_dataset, make_published, make_submitted
from tests.fixtures.people import PASSWORD, Cast

pytestmark = pytest.mark.django_db

KEYED: dict[str, Any] = {**SCHEMA, "primaryKey": ["id"]}
BASE = "/api/v1/datasets/institute/birds"
TABLE = f"{BASE}/versions/1.0.0/resources/birds/annotations"


def published(
    cast: Cast, access: str = "public", schema: dict[str, Any] | None = None, slug: str = "birds"
) -> Resource:
    dataset = make_dataset(cast, slug=slug, access=access)
    version = make_published(cast, dataset, schema=KEYED if schema is None else schema)
    resource = version.resources.get()
    resource.version = version
    return resource


def correction(actor: Actor, resource: Resource, value: Any = "nine", **more: Any) -> Annotation:
    given = {"column": "name", "reason": "Misread.", "meant": RowMeant(row_key={"id": 9}), **more}
    return propose_correction(actor=actor, resource=resource, value=value, **given)


def description(actor: Actor, resource: Resource, aspect: str = "unit", value: Any = "kg") -> Annotation:
    return propose_description(actor=actor, resource=resource, column="amount", aspect=aspect, value=value)


def label(actor: Actor, resource: Resource, value: str = "wren", row: int = 1, name: str = "species") -> Annotation:
    return propose_label(actor=actor, resource=resource, meant=RowMeant(row=row), label=name, value=value)


def accept(cast: Cast, annotation: Annotation) -> Annotation:
    return decide_annotation(actor=cast.steward, annotation=annotation, decision="accept")


def signed_in(actor: Actor) -> Client:
    client = Client()
    assert actor.user is not None
    assert client.login(username=actor.user.username, password=PASSWORD)
    return client


# ---------------------------------------------------------------- proposing
def test_what_stands_there_is_read_from_the_data_and_the_row_is_found_either_way(cast: Cast) -> None:
    resource = published(cast)
    by_key = correction(cast.stranger, resource)
    by_number = correction(cast.reader, resource, meant=RowMeant(row=10))
    assert (by_key.before, by_key.value, by_key.row_key, by_key.row_number) == ("n9", "nine", {"id": 9}, None)
    assert (by_number.row_key, by_number.row_hash) == (by_key.row_key, by_key.row_hash)
    [event, _] = AuditEvent.objects.filter(action="annotation.proposed").order_by("pk")
    assert (event.actor, event.dataset_id, event.detail) == (
        cast.stranger.user,
        resource.version.dataset_id,
        {"kind": "correction", "column": "name"},
    )


@pytest.mark.parametrize(
    ("more", "refusal", "field"),
    [
        ({"reason": "  "}, Invalid, "reason"),
        ({"column": "nothing"}, Invalid, "column"),
        ({"column": "id", "value": 4}, Invalid, "column"),
        ({"column": "amount", "value": "many"}, Invalid, "value"),
        ({"value": "n9"}, Invalid, "value"),
        ({"value": {"a": 1}}, Invalid, "value"),
        ({"meant": RowMeant(row_key={"id": 100})}, RowUnclear, "row_key"),
        ({"meant": RowMeant(row_key={"id": "many"})}, Invalid, ""),
        ({"meant": RowMeant(row_key={"id": "\ud800"})}, RowUnclear, "row_key"),
        ({"meant": RowMeant(row_key={"id": [1]})}, RowUnclear, "row_key"),
        ({"meant": RowMeant(row_key={"name": "n9"})}, RowUnclear, "row_key"),
        ({"meant": RowMeant()}, RowUnclear, "row"),
        ({"meant": RowMeant(row=0)}, RowUnclear, "row"),
        ({"meant": RowMeant(row=101)}, RowUnclear, "row"),
    ],
)
def test_a_correction_that_can_t_be_meant_is_refused_where_it_is_wrong(
    cast: Cast, more: dict[str, Any], refusal: type[Invalid], field: str
) -> None:
    resource = published(cast)
    with pytest.raises(refusal) as refused:
        correction(cast.stranger, resource, **more)
    assert list(refused.value.fields) == ([field] if field else [])
    assert not Annotation.objects.exists()


def test_a_key_that_stands_twice_names_no_row(cast: Cast) -> None:
    dataset = make_dataset(cast)
    sql = "SELECT 1 AS id, 'a' AS name, 1.5 AS amount UNION ALL SELECT 1, 'b', 2.5"
    version = make_published(cast, dataset, schema=KEYED, sql=sql)
    resource = version.resources.get()
    for meant in (RowMeant(row_key={"id": 1}), RowMeant(row=2)):
        with pytest.raises(RowUnclear, match="2 rows have id 1"):
            correction(cast.stranger, resource, meant=meant)


def test_without_a_key_a_row_is_meant_in_its_version_only(cast: Cast) -> None:
    resource = published(cast, schema=SCHEMA)
    found = correction(cast.stranger, resource, meant=RowMeant(row=10))
    assert (found.row_key, found.row_number, found.before) == (None, 10, "n9")
    with pytest.raises(RowUnclear, match="no primary key"):
        correction(cast.stranger, resource)
    other = make_published(cast, resource.version.dataset, schema=SCHEMA)
    assert list(Annotation.objects.of_table(resource.version, "birds")) == [found]
    assert not Annotation.objects.of_table(other, "birds").exists()


@pytest.mark.parametrize(
    ("aspect", "value", "ok"),
    [
        ("meaning", "What it weighs", True),
        ("unit", "k" * 101, False),
        ("meaning", " ", False),
        ("meaning", "a\0b", False),
        ("limit", ["a"], False),
        ("codes", {"1": "male", "2": "female"}, True),
        ("codes", {}, False),
        ("codes", "1 = male", False),
        ("codes", {"1": ""}, False),
        ("codes", {"": "nothing"}, False),
        ("codes", {str(code): "x" for code in range(1_001)}, False),
        ("colour", "red", False),
    ],
)
def test_what_can_be_said_of_a_column(cast: Cast, aspect: str, value: Any, ok: bool) -> None:
    resource = published(cast)
    if ok:
        assert description(cast.stranger, resource, aspect, value).value == value
        return
    with pytest.raises(Invalid) as refused:
        description(cast.stranger, resource, aspect, value)
    assert list(refused.value.fields) == ["aspect" if aspect == "colour" else "value"]


def test_one_label_a_person_and_row_and_another_after_withdrawing(cast: Cast) -> None:
    resource = published(cast)
    first = label(cast.stranger, resource)
    with pytest.raises(AnnotationExists):
        label(cast.stranger, resource, "robin")
    label(cast.reader, resource)
    label(cast.stranger, resource, row=2)
    withdraw_annotation(actor=cast.stranger, annotation=first)
    assert label(cast.stranger, resource, "robin").value == "robin"


# ---------------------------------------------------------------- who
@pytest.mark.parametrize(
    ("access", "columns", "rows"),
    [
        ("public", "stranger grantee reader contributor steward", "stranger grantee reader contributor steward"),
        ("restricted", "stranger grantee reader contributor steward", "grantee reader contributor steward"),
        ("private", "grantee reader contributor steward", "grantee reader contributor steward"),
    ],
)
def test_who_may_propose(cast: Cast, access: str, columns: str, rows: str) -> None:
    resource = published(cast, access)
    grant_access(actor=cast.owner, dataset=resource.version.dataset, username="grantee")
    for name in ("stranger", "grantee", "reader", "contributor", "steward"):
        actor = cast.named(name)
        for allowed, propose in ((columns, description), (rows, correction)):
            if name in allowed.split():
                propose(actor, resource)
            else:
                with pytest.raises((NotFound, Forbidden)):
                    propose(actor, resource)
    with pytest.raises((NotSignedIn, NotFound)):
        description(ANONYMOUS, resource)
    with pytest.raises((ScopeMissing, NotFound)):
        description(Actor(cast.stranger.user, frozenset({"read"})), resource)


def seen_by(actor: Actor) -> set[int]:
    return set(Annotation.objects.visible_to(actor).values_list("pk", flat=True))


def test_proposals_are_their_author_s_and_the_members_and_what_stands_is_everybody_s_who_sees_the_matter(
    cast: Cast,
) -> None:
    resource = published(cast, "restricted")
    grant_access(actor=cast.owner, dataset=resource.version.dataset, username="grantee")
    column, row = description(cast.stranger, resource), correction(cast.grantee, resource)
    both = {column.pk, row.pk}
    assert [seen_by(cast.named(name)) for name in ("reader", "contributor", "steward", "owner")] == [both] * 4
    assert (seen_by(cast.stranger), seen_by(cast.grantee), seen_by(ANONYMOUS)) == ({column.pk}, {row.pk}, set())
    for item in (column, row):
        accept(cast, item)
    assert (seen_by(cast.stranger), seen_by(cast.grantee), seen_by(ANONYMOUS)) == ({column.pk}, both, {column.pk})
    withdraw_version(actor=cast.owner, version=resource.version, reason="Names in it.")
    assert row.pk not in seen_by(cast.reader)


def test_what_is_said_of_a_draft_is_seen_by_those_who_see_the_draft(cast: Cast) -> None:
    resource = published(cast)
    draft = open_draft(actor=cast.contributor, dataset=resource.version.dataset)
    inside = draft.resources.get()
    inside.version = draft
    found = accept(cast, description(cast.contributor, inside))
    assert found.pk in seen_by(cast.contributor)
    assert found.pk not in seen_by(cast.stranger)
    assert found.pk not in seen_by(cast.reader)


@pytest.mark.parametrize("name", ["contributor", "maintainer", "owner", "steward"])
def test_those_decide_who_may_change_the_dataset_or_review_it(cast: Cast, name: str) -> None:
    found = description(cast.stranger, published(cast))
    decided = decide_annotation(actor=cast.named(name), annotation=found, decision="accept", reason="Thanks.")
    assert (decided.state, decided.decided_by, decided.decision_note) == ("accepted", cast.named(name).user, "Thanks.")
    assert AuditEvent.objects.filter(action="annotation.accepted").count() == 1
    with pytest.raises(MoveRefused):
        decide_annotation(actor=cast.steward, annotation=found, decision="decline", reason="No.")


def test_who_may_not_decide(cast: Cast) -> None:
    resource = published(cast)
    found = description(cast.reader, resource)
    with pytest.raises(NotFound):
        decide_annotation(actor=cast.stranger, annotation=found, decision="accept")
    with pytest.raises(Forbidden):
        decide_annotation(actor=cast.reader, annotation=found, decision="accept")
    with pytest.raises(ScopeMissing):
        decide_annotation(actor=Actor(cast.contributor.user, frozenset({"read"})), annotation=found, decision="accept")
    with pytest.raises(OwnProposal):
        decide_annotation(
            actor=cast.contributor, annotation=description(cast.contributor, resource, "meaning"), decision="accept"
        )
    with pytest.raises(Invalid) as refused:
        decide_annotation(actor=cast.steward, annotation=found, decision="decline", reason=" ")
    assert list(refused.value.fields) == ["reason"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Annotation.objects.filter(pk=found.pk).update(state="declined")


def test_who_may_withdraw(cast: Cast) -> None:
    found = description(cast.stranger, published(cast))
    with pytest.raises(Forbidden):
        withdraw_annotation(actor=cast.steward, annotation=found)
    accept(cast, found)
    found.refresh_from_db()
    with pytest.raises(Forbidden):
        withdraw_annotation(actor=cast.reader, annotation=found)
    assert withdraw_annotation(actor=cast.steward, annotation=found, reason="Wrong after all.").state == "withdrawn"
    with pytest.raises(MoveRefused):
        withdraw_annotation(actor=cast.stranger, annotation=found)


def test_one_place_has_one_accepted_word(cast: Cast) -> None:
    resource = published(cast)
    accept(cast, correction(cast.stranger, resource))
    with pytest.raises(AnnotationExists):
        accept(cast, correction(cast.reader, resource, "neuf"))
    accept(cast, correction(cast.reader, resource, "ten", meant=RowMeant(row_key={"id": 10})))
    accept(cast, description(cast.stranger, resource))
    with pytest.raises(AnnotationExists):
        accept(cast, description(cast.reader, resource, value="g"))
    for text in ("Not in winter.", "Not at night."):
        accept(cast, description(cast.reader, resource, "limit", text))


# ---------------------------------------------------------------- applying descriptions
def test_accepted_descriptions_go_into_the_draft_s_schema(cast: Cast) -> None:
    resource = published(cast)
    dataset = resource.version.dataset
    made = [
        accept(cast, description(cast.stranger, resource, aspect, value))
        for aspect, value in (
            ("meaning", "Body mass"),
            ("unit", "g"),
            ("codes", {"-9": "not weighed"}),
            ("limit", "Scale off in May."),
            ("limit", "Young birds only."),
        )
    ]
    done = apply_descriptions(actor=cast.contributor, dataset=dataset, table="birds")
    assert (done.applied, done.left) == (5, ())
    draft = dataset.versions.open().get()
    field = next(item for item in draft.resources.get().schema["fields"] if item["name"] == "amount")
    assert (field["description"], field["unit"]) == ("Body mass", "g")
    assert field["categories"] == [{"value": -9.0, "label": "not weighed"}]
    assert field["limits"] == "Scale off in May.\nYoung birds only."
    assert resource.schema["primaryKey"] == draft.resources.get().schema["primaryKey"]
    for item in made:
        item.refresh_from_db()
        assert (item.state, item.applied_in) == ("applied", draft)
    shown = signed_in(cast.contributor).get("/institute/birds/v/draft/schema/").content.decode()
    for words in ("Body mass", "= not weighed", "Scale off in May.<br>Young birds only."):
        assert words in shown
    with pytest.raises(AnnotationExists):
        accept(cast, description(cast.stranger, resource, "unit", "mg"))
    assert apply_descriptions(actor=cast.contributor, dataset=dataset, table="birds").applied == 0


def test_a_column_that_the_draft_lacks_keeps_its_description_waiting(cast: Cast) -> None:
    resource = published(cast)
    dataset = resource.version.dataset
    found = accept(cast, description(cast.stranger, resource))
    narrow = {"fields": SCHEMA["fields"][:2]}
    add_table(cast.contributor, dataset, sql="SELECT 1 AS id, 'a' AS name", schema=narrow)
    done = apply_descriptions(actor=cast.contributor, dataset=dataset, table="birds")
    assert (done.applied, done.left) == (0, (found.pk,))
    found.refresh_from_db()
    assert found.state == "accepted"


def test_only_those_who_may_change_the_draft_apply_and_only_to_a_draft(cast: Cast) -> None:
    resource = published(cast)
    dataset = resource.version.dataset
    for some in (False, True):
        if some:
            accept(cast, description(cast.stranger, resource))
        for actor in (cast.reader, cast.steward, cast.stranger):
            with pytest.raises(Forbidden):
                apply_descriptions(actor=actor, dataset=dataset, table="birds")
    make_submitted(cast, dataset, schema=KEYED)
    with pytest.raises(VersionNotDraft):
        apply_descriptions(actor=cast.contributor, dataset=dataset, table="birds")


# ---------------------------------------------------------------- agreement
def test_agreement_counts_what_stands_or_waits_and_one_can_see(cast: Cast) -> None:
    resource = published(cast)
    people = (cast.stranger, cast.reader, cast.contributor)
    rows = {1: "aab", 2: "aaa", 3: "bbb", 4: "ab."}
    for row, values in rows.items():
        for actor, value in zip(people, values, strict=True):
            if value != ".":
                label(actor, resource, value, row)
    found = agreement_on(actor=cast.owner, version=resource.version, table="birds", label="species")
    assert (len(found.people), found.things, found.shared, found.ratings) == (3, 4, 4, 11)
    assert found.percent == pytest.approx(100 * 7 / 10)
    own = agreement_on(actor=cast.stranger, version=resource.version, table="birds", label="species")
    assert (own.people, own.alpha) == (("stranger",), None)
    item = Annotation.objects.get(author=cast.reader.user, row_key={"id": 3})
    decide_annotation(actor=cast.steward, annotation=item, decision="decline", reason="Not a species.")
    assert agreement_on(actor=cast.owner, version=resource.version, table="birds", label="species").ratings == 10
