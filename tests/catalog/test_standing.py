"""Embargo, deprecation and other names of datasets and versions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from catalog import keys, storage
from catalog.actor import system
from catalog.models import AuditEvent, Dataset, Role, Version
from catalog.services.cataloguing.datasets import DatasetExists
from catalog.services.cataloguing.deprecation import deprecate_dataset
from catalog.services.cataloguing.renaming import rename_dataset
from catalog.services.granting.grants import grant_access
from catalog.services.membership.organizations import create_organization
from catalog.services.publishing.embargo import note_lifted, set_version_embargo
from tests.fixtures.datasets import SQL, make_checked_draft, make_dataset, make_published

OPEN = "/api/v1/datasets/institute/open"
TABLE = f"{OPEN}/versions/1.0.0/resources/birds"


def soon(**delta):
    return timezone.now() + timedelta(**delta)


@pytest.fixture
def dataset(cast):
    return make_dataset(cast, slug="open")


# ---------------------------------------------------------------- embargo
def test_an_embargoed_version_is_described_and_its_bytes_are_for_members(cast, dataset, api):
    draft = make_checked_draft(cast, dataset)
    until = soon(days=30)
    put = api(cast.maintainer).put(f"{OPEN}/versions/draft/embargo", {"until": until.isoformat()})
    assert put.json()["embargo_until"] == until.isoformat()
    make_published(cast, dataset)
    for who in (None, cast.stranger, cast.grantee):
        client = api(who)
        assert client.get(f"{OPEN}/versions/1.0.0").json()["embargo_until"] == until.isoformat()
        for path in (f"{TABLE}.parquet", f"{TABLE}/original", f"{TABLE}/rows", f"{TABLE}/findings.csv"):
            refused = client.get(path)
            assert (refused.status_code, refused.json()["code"]) == (403, "embargoed")
            assert refused.json()["until"] == until.isoformat()
        assert client.get(f"{TABLE}/report").json()["values_hidden"]
    assert api(cast.reader).get(f"{TABLE}.parquet").status_code == 302
    assert api().get(f"{OPEN}/versions/1.0.0/manifest").json()["embargo_until"] == until.isoformat()
    # The clock lifts it: no job has run.
    Version.objects.filter(pk=draft.pk).update(embargo_until=timezone.now())
    assert api().get(f"{TABLE}.parquet").status_code == 302
    assert api().get(f"{OPEN}/versions/1.0.0").json()["embargo_until"] is None
    assert [note_lifted(actor=system()), note_lifted(actor=system())] == [1, 0]
    event = AuditEvent.objects.get(action="embargo.lifted")
    assert (event.actor, event.object_type, event.dataset_id) == (None, "version", dataset.pk)


def test_a_grant_waits_for_the_end_of_the_embargo_too(cast, api):
    closed = make_published(cast, make_dataset(cast, slug="open", access="restricted")).dataset
    grant_access(actor=cast.owner, dataset=closed, username="grantee")
    client = api(cast.grantee)
    assert client.get(f"{TABLE}.parquet").status_code == 302
    owner = api(cast.owner)
    assert owner.put(f"{OPEN}/embargo", {"until": soon(days=1).isoformat()}).status_code == 200
    assert client.get(f"{TABLE}.parquet").json()["code"] == "embargoed"
    assert owner.delete(f"{OPEN}/embargo").json()["embargo_until"] is None
    assert client.get(f"{TABLE}.parquet").status_code == 302
    actions = AuditEvent.objects.filter(action__startswith="embargo.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["embargo.set", "embargo.taken_away"]
    assert owner.put(f"{OPEN}/embargo", {"until": timezone.now().isoformat()}).status_code == 422


def test_what_is_out_can_not_be_put_under_embargo(cast, dataset, api):
    version = make_published(cast, dataset)
    refused = api(cast.owner).put(f"{OPEN}/versions/1.0.0/embargo", {"until": soon(days=1).isoformat()})
    assert (refused.status_code, refused.json()["code"]) == (409, "already-open")
    Version.objects.filter(pk=version.pk).update(embargo_until=soon(days=1))
    version.refresh_from_db()
    moved = set_version_embargo(actor=cast.owner, version=version, until=soon(days=9))
    assert moved.embargoed_until > soon(days=8)
    assert api().get(f"{TABLE}.parquet").status_code == 403
    set_version_embargo(actor=cast.owner, version=version, until=None)
    assert api().get(f"{TABLE}.parquet").status_code == 302


def test_what_is_published_stays_frozen_but_for_what_is_said_about_it(cast, dataset):
    version = make_published(cast, dataset)
    rows = Version.objects.filter(pk=version.pk)
    rows.update(embargo_until=soon(days=1), deprecated_at=timezone.now(), deprecated_reason="Old.")
    for change in ({"note": "Other."}, {"manifest_sha256": "0" * 64}, {"rows": 1}, {"number": "2.0.0"}):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            rows.update(embargo_until=None, **change)


# ---------------------------------------------------------------- deprecation
def test_a_deprecated_dataset_is_served_and_names_its_successor(cast, dataset, api):
    make_published(cast, dataset)
    make_published(cast, make_dataset(cast, slug="newer"))
    path = f"{OPEN}/deprecation"
    said = {"reason": "Counted twice.", "successor": "institute/newer"}
    shown = api(cast.maintainer).put(path, said).json()["deprecated"]
    assert (shown["reason"], shown["successor"]) == ("Counted twice.", "institute/newer")
    assert api().get(OPEN).json()["deprecated"] == shown
    assert api().get(f"{TABLE}.parquet").status_code == 302
    page = api().get("/institute/open/").content.decode()
    assert "Counted twice." in page
    assert "/institute/newer/" in page
    # Who can't see the successor is not told of it.
    Dataset.objects.filter(slug="newer").update(access="private")
    assert api().get(OPEN).json()["deprecated"]["successor"] is None
    assert "/institute/newer/" not in api().get("/institute/open/").content.decode()
    assert api(cast.owner).put(path, {"reason": " "}).status_code == 422
    assert api(cast.owner).put(path, {"reason": "x", "successor": "no/where"}).status_code == 422
    assert api(cast.owner).put(path, {"reason": "x", "successor": "institute/open"}).status_code == 422
    assert api(cast.owner).delete(path).json()["deprecated"] is None


def test_successors_make_no_circle(cast, dataset, api):
    newer = make_dataset(cast, slug="newer")
    deprecate_dataset(actor=cast.owner, dataset=dataset, reason="Old.", successor=newer)
    refused = api(cast.owner).put(
        "/api/v1/datasets/institute/newer/deprecation", {"reason": "Old too.", "successor": "institute/open"}
    )
    assert "lead back" in refused.json()["errors"]["successor"][0]


def test_a_version_is_deprecated_in_favour_of_another(cast, dataset, api):
    make_published(cast, dataset)
    second = make_published(cast, dataset, sql=f"{SQL} LIMIT 50")
    path = f"{OPEN}/versions/1.0.0/deprecation"
    shown = api(cast.owner).put(path, {"reason": "Wrong units.", "successor": second.number}).json()["deprecated"]
    assert (shown["reason"], shown["successor"]) == ("Wrong units.", second.number)
    listed = {row["number"]: row["deprecated"] for row in api().get(f"{OPEN}/versions").json()["results"]}
    assert listed == {"1.0.0": shown, second.number: None}
    assert "Wrong units." in api().get("/institute/open/v/1.0.0/").content.decode()
    assert api().get(f"{TABLE}.parquet").status_code == 302
    assert api(cast.owner).put(path, {"reason": "x", "successor": "1.0.0"}).status_code == 422
    assert api(cast.owner).delete(path).json()["deprecated"] is None


# ---------------------------------------------------------------- other names
def test_the_old_name_leads_to_the_new_one_for_whoever_may_see_it(cast, dataset, api):
    make_published(cast, dataset)
    renamed = api(cast.maintainer).post(f"{OPEN}/rename", {"slug": "gulls"})
    assert renamed.json()["id"] == "institute/gulls"
    for path in ("", "/versions/1.0.0", "/versions/1.0.0/resources/birds/rows?limit=1", "/versions?page=1"):
        moved = api().get(f"{OPEN}{path}")
        assert moved.status_code == 308
        assert moved["Location"] == f"/api/v1/datasets/institute/gulls{path}"
        assert api().get(moved["Location"]).status_code == 200
    assert api(cast.owner).patch(OPEN, {"title": "Gulls"})["Location"] == "/api/v1/datasets/institute/gulls"
    page = api().get("/institute/open/v/1.0.0/quality/?table=birds")
    assert (page.status_code, page["Location"]) == (301, "/institute/gulls/v/1.0.0/quality/?table=birds")
    assert api(cast.owner).get("/share/institute/open/")["Location"] == "/share/institute/gulls/"
    # A private one says nothing of its names to strangers.
    Dataset.objects.update(access="private")
    assert api(cast.stranger).get(OPEN).status_code == 404
    assert api().get("/institute/open/").status_code == 404
    assert api(cast.reader).get(OPEN).status_code == 308


def test_a_name_once_given_is_never_another_datasets(cast, dataset, api):
    published = make_published(cast, dataset)
    moved = rename_dataset(actor=cast.owner, dataset=published.dataset, slug="gulls")
    with pytest.raises(DatasetExists):
        make_dataset(cast, slug="open")
    other = make_dataset(cast, slug="other")
    taken = api(cast.owner).post("/api/v1/datasets/institute/other/rename", {"slug": "open"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name-taken")
    with pytest.raises(IntegrityError), transaction.atomic():
        Dataset.objects.filter(pk=other.pk).update(slug="open")
    # Its own old name it may have again.
    assert rename_dataset(actor=cast.owner, dataset=moved, slug="open").slug == "open"
    assert api().get("/api/v1/datasets/institute/gulls")["Location"] == OPEN


def test_a_dataset_moves_with_all_it_has_to_another_organization(cast, dataset, api):
    version = make_published(cast, dataset)
    create_organization(actor=cast.stranger, slug="lab", title="Lab")
    path = f"{OPEN}/rename"
    assert api(cast.owner).post(path, {"organization": "lab"}).status_code == 403
    cast.owner.user.memberships.create(
        organization=cast.stranger.user.memberships.get().organization, role=Role.MAINTAINER
    )
    assert api(cast.owner).post(path, {"organization": "lab"}).json()["id"] == "lab/open"
    assert api().get(OPEN)["Location"] == "/api/v1/datasets/lab/open"
    assert api(cast.stranger).put("/api/v1/datasets/lab/open/embargo", {"until": soon(days=1)}).status_code == 200
    assert api(cast.contributor).get("/api/v1/datasets/lab/open/versions/draft").status_code == 404
    assert storage.exists(keys.manifest(version.dataset_id, "1.0.0"))
    assert api(cast.stranger).get("/api/v1/search?q=lab").json()["count"] == 1
    assert api(cast.stranger).post("/api/v1/datasets/lab/open/rename", {"slug": "No Slug"}).status_code == 422
    assert api(cast.stranger).post("/api/v1/datasets/lab/open/rename", {}).status_code == 422
