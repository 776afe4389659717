"""What every endpoint owes its callers: problem documents, ETags, pages, and no 500 whatever is sent."""

import base64

import pytest

from catalog.services.membership.tokens import create_token, revoke_token
from tests.fixtures.datasets import make_dataset, make_published

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(cast):
    return make_published(cast, make_dataset(cast))


BIRDS = "/api/v1/datasets/institute/birds"


def test_a_problem_says_what_and_what_to_do(cast, api):
    answer = api(cast.owner).post("/api/v1/datasets", {"organization": "institute", "title": "", "license": "MINE"})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "invalid"
    assert list(problem["errors"]) == ["title"]
    assert problem["remedy"]
    answer = api(cast.owner).post("/api/v1/datasets", {"organization": "institute", "title": "T", "license": "MINE"})
    assert "SPDX" in answer.json()["errors"]["license"][0]


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        ("/api/v1/datasets", "{not json", "application/json"),
        ("/api/v1/datasets", "[1, 2]", "application/json"),
        ("/api/v1/datasets", "null", "application/json"),
        ("/api/v1/datasets", '{"organization": {"a": 1}, "title": ["x"]}', "application/json"),
        ("/api/v1/datasets", '{"organization": "institute", "title": "a\\u0000b"}', "application/json"),
        ("/api/v1/datasets", b"\xff\xfe", "application/json"),
        ("/api/v1/datasets", "title=a", "application/x-www-form-urlencoded"),
        ("/api/v1/uploads", '{"dataset": "institute/birds", "filename": "", "size": 1}', "application/json"),
        ("/api/v1/uploads", '{"dataset": "institute/birds", "filename": "a.csv", "size": -1}', "application/json"),
        ("/api/v1/uploads", '{"dataset": "institute/birds", "filename": "a.csv", "size": 1e99}', "application/json"),
        ("/api/v1/uploads", '{"dataset": "x", "filename": "a.csv", "size": 1}', "application/json"),
        ("/api/v1/tokens", '{"name": "x", "scopes": "read"}', "application/json"),
        (
            "/api/v1/schemas",
            '{"organization": "institute", "name": "s", "version": "1", "descriptor": 3}',
            "application/json",
        ),
    ],
)
def test_bad_bodies_are_told_off_and_never_a_500(cast, published, api, path, body, content_type):
    answer = api(cast.owner).generic("POST", path, body, content_type=content_type)
    assert 400 <= answer.status_code < 500, answer.content
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=a%00b",
        "page=0",
        "page=-1",
        "page=x",
        "sort=worst",
        "keyword=%00",
        "license=%27%3B--",
        "q=" + "a" * 5000,
    ],
)
def test_bad_queries_are_told_off_and_never_a_500(published, api, query):
    assert api().get(f"/api/v1/search?{query}").status_code in {200, 404, 422}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/datasets/institute/birds/versions/9.9.9",
        "/api/v1/datasets/institute/birds/versions/draft",
        "/api/v1/datasets/institute/none",
        "/api/v1/datasets/none/birds",
        f"{BIRDS}/versions/1.0.0/resources/none.parquet",
        f"{BIRDS}/versions/1.0.0/resources/birds/parts/7.parquet",
        "/api/v1/uploads/00000000-0000-0000-0000-000000000000",
        "/api/v1/reviews/999999999",
    ],
)
def test_what_is_not_there_is_a_404_problem(published, api, path):
    answer = api().get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_the_same_answer_is_not_sent_twice(published, api):
    first = api().get(BIRDS)
    second = api().get(BIRDS, headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, second.content) == (304, b"")


def test_pages_lead_to_each_other(cast, api):
    for number in range(3):
        make_published(cast, make_dataset(cast, slug=f"set-{number}"))
    first = api().get("/api/v1/datasets?page_size=2").json()
    assert (first["count"], len(first["results"])) == (3, 2)
    last = api().get(first["next"].partition("testserver")[2]).json()
    assert (len(last["results"]), last["next"]) == (1, None)
    assert api().get("/api/v1/datasets?page=9").status_code == 404


# ---------------------------------------------------------------- tokens
def basic(secret):
    return "Basic " + base64.b64encode(f"any:{secret}".encode()).decode()


@pytest.mark.parametrize("spelling", ["Bearer {}", "Token {}", "bearer {}", "{}", "basic", "query"])
def test_a_token_is_taken_in_every_spelling(cast, api, spelling):
    _, secret = create_token(actor=cast.reader, name="t", scopes=["read"])
    if spelling == "query":
        answer = api().get(f"/api/v1/me?token={secret}")
    else:
        header = basic(secret) if spelling == "basic" else spelling.format(secret)
        answer = api().get("/api/v1/me", headers={"Authorization": header})
    assert answer.json()["username"] == "reader"
    assert answer.json()["token"]["scopes"] == ["read"]


@pytest.mark.parametrize("secret", ["cfd_wrong", "nonsense", "cfd_", "Bearer", "Basic !!!"])
def test_a_wrong_token_is_told_so_even_on_open_data(published, api, secret):
    header = secret if " " in secret or secret == "Bearer" else f"Bearer {secret}"
    answer = api().get(BIRDS, headers={"Authorization": header})
    if header == "Bearer":
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_token_ends_at_once(cast, api):
    token, secret = create_token(actor=cast.reader, name="t", scopes=["read"])
    revoke_token(actor=cast.reader, token_id=token.pk)
    assert api().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_a_token_never_does_more_than_its_scopes(cast, published, api):
    _, secret = create_token(actor=cast.owner, name="t", scopes=["read"])
    headers = {"Authorization": f"Bearer {secret}"}
    refused = api().patch(BIRDS, {"description": "x"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-missing")
    more = api().post("/api/v1/tokens", {"name": "more", "scopes": ["manage"]}, headers=headers)
    assert (more.status_code, more.json()["code"]) == (403, "scope-missing")


def test_the_secret_is_kept_nowhere(cast):
    token, secret = create_token(actor=cast.owner, name="t", scopes=["read"])
    assert secret.startswith("cfd_")
    assert all(secret not in str(value) for value in vars(token).values())


def test_a_session_needs_the_csrf_token(cast, published):
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(cast.owner.user)
    answer = client.patch(BIRDS, {"description": "x"})
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["detail"]


# ---------------------------------------------------------------- values of restricted data
def test_reports_of_restricted_data_hide_values_from_strangers(cast, api):
    make_published(cast, make_dataset(cast, slug="closed", access="restricted"))
    path = "/api/v1/datasets/institute/closed/versions/1.0.0/resources/birds/report"
    hidden, open_ = api(cast.stranger).get(path).json(), api(cast.reader).get(path).json()
    assert hidden["values_hidden"] is True
    assert "max" not in hidden["profile"]["columns"][0]
    assert hidden["profile"]["columns"][0]["distinct"] == 100
    assert open_["profile"]["columns"][0]["max"] == 99
