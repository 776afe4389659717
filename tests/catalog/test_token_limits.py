"""Tokens that are limited to datasets and organizations: what they do not name is not there for them."""

from __future__ import annotations

import pytest

from catalog.actor import Actor
from catalog.models import Dataset, Token, Version
from catalog.services.membership.organizations import create_organization
from catalog.services.membership.tokens import authenticate
from tests.fixtures.datasets import make_checked_draft, make_dataset, make_published

ALL = ["read", "upload", "review", "manage"]


@pytest.fixture
def world(cast):
    for slug, access in (("open", "public"), ("closed", "restricted"), ("secret", "private")):
        make_published(cast, make_dataset(cast, slug=slug, access=access))
    create_organization(actor=cast.owner, slug="lab", title="Lab")


@pytest.fixture
def limited(cast, api):
    def make(**limit):
        made = api(cast.owner).post("/api/v1/tokens", {"name": "t", "scopes": ALL, **limit})
        assert made.status_code == 201, made.json()
        client = api()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {made.json()['token']}")
        return client

    return make


def names(client):
    return {row["id"] for row in client.get("/api/v1/datasets").json()["results"]}


def test_a_token_of_a_dataset_sees_that_dataset_alone(cast, world, limited):
    client = limited(datasets=["institute/secret"])
    assert names(client) == {"institute/secret"}
    assert client.get("/api/v1/search").json()["count"] == 1
    table = "versions/1.0.0/resources/birds"
    assert client.get(f"/api/v1/datasets/institute/secret/{table}/rows").status_code == 200
    # What is open to everybody is not what this token is for.
    for slug in ("open", "closed"):
        for path in ("", f"/{table}", f"/{table}.parquet", f"/{table}/rows", "/versions/1.0.0/files.json"):
            assert client.get(f"/api/v1/datasets/institute/{slug}{path}").status_code == 404
    secret = "/api/v1/datasets/institute/secret"
    assert client.patch(secret, {"description": "New."}).status_code == 200
    for path, body in [
        ("/api/v1/datasets", {"organization": "institute", "title": "X"}),
        ("/api/v1/organizations", {"slug": "mine", "title": "Mine"}),
        ("/api/v1/organizations/institute/members", {"username": "stranger", "role": "owner"}),
        ("/api/v1/tokens", {"name": "wider", "scopes": ["read"]}),
        ("/api/v1/tokens", {"name": "wider", "scopes": ["read"], "organizations": ["institute"]}),
    ]:
        refused = client.post(path, body)
        assert (path, refused.status_code, refused.json()["code"]) == (path, 403, "scope-missing")
    narrow = client.post("/api/v1/tokens", {"name": "same", "scopes": ["read"], "datasets": ["institute/secret"]})
    assert narrow.status_code == 201


def test_a_token_of_an_organization_sees_what_it_has_and_will_have(cast, world, limited):
    client = limited(organizations=["lab"])
    assert names(client) == set()
    made = client.post("/api/v1/datasets", {"organization": "lab", "title": "Later"})
    assert made.status_code == 201
    assert client.get("/api/v1/datasets/lab/later").status_code == 200
    assert client.get("/api/v1/datasets/institute/open").status_code == 404
    assert client.post("/api/v1/datasets", {"organization": "institute", "title": "X"}).status_code == 403


def test_staff_is_limited_too(cast, world, limited):
    cast.owner.user.is_staff = True
    cast.owner.user.save()
    client = limited(datasets=["institute/open"])
    assert names(client) == {"institute/open"}
    assert client.get("/api/v1/datasets/institute/secret").status_code == 404


def test_reviews_uploads_and_requests_of_other_datasets_are_hidden(cast, world, limited, api):
    make_checked_draft(cast, make_dataset(cast, slug="other"))
    draft = "/api/v1/datasets/institute/other/versions/draft"
    assert api(cast.contributor).post(f"{draft}/submit", {"note": "N"}).status_code == 200
    upload = {"dataset": "institute/secret", "filename": "a.csv", "size": 10}
    assert api(cast.owner).post("/api/v1/uploads", upload).status_code == 201
    asked = api(cast.stranger).post("/api/v1/datasets/institute/closed/access-requests", {"purpose": "Gulls."})
    here, there = limited(datasets=["institute/open"]), limited()
    for path in ("/api/v1/reviews?state=open", "/api/v1/uploads", "/api/v1/access-requests"):
        assert (path, here.get(path).json()["count"], there.get(path).json()["count"]) == (path, 0, 1)
    assert here.get(f"/api/v1/access-requests/{asked.json()['id']}").status_code == 404


def test_the_limit_is_shown_by_name_and_follows_a_renaming(cast, world, limited, api):
    client = limited(datasets=["institute/open"], organizations=["lab"])
    api(cast.owner).post("/api/v1/datasets/institute/open/rename", {"slug": "gulls"})
    token = api(cast.owner).get("/api/v1/tokens").json()["results"][0]
    assert (token["datasets"], token["organizations"]) == (["institute/gulls"], ["lab"])
    assert names(client) == {"institute/gulls"}
    assert limited().get("/api/v1/tokens").json()["results"][0]["datasets"] is None


@pytest.mark.parametrize(
    "limit", [{"datasets": ["institute/none"]}, {"datasets": ["x"]}, {"organizations": ["none"]}], ids=str
)
def test_what_is_not_there_can_not_be_named(cast, world, api, limit):
    assert api(cast.owner).post("/api/v1/tokens", {"name": "t", "scopes": ["read"], **limit}).status_code == 422


def test_a_token_whose_dataset_is_gone_sees_nothing(cast, world, limited):
    client = limited(datasets=["institute/open"])
    Token.objects.update(dataset_ids=[0])
    assert names(client) == set()
    token = Token.objects.get()
    actor = Actor(token.user, limit=token.limit)
    assert not Version.objects.visible_to(actor).exists()
    assert not Dataset.objects.downloadable_by(actor).exists()


def test_a_token_has_its_last_use_and_ends_by_itself(cast, world, limited, api):
    client = limited(datasets=["institute/open"])
    assert names(client) == {"institute/open"}
    token = Token.objects.get()
    assert token.last_used_at is not None
    Token.objects.update(created="2026-01-01T00:00Z", expires_at="2026-01-02T00:00Z")
    assert client.get("/api/v1/datasets").status_code == 401
    assert authenticate("cfd_none") is None
