from __future__ import annotations

import email.utils
import json
import time
from typing import Any

import pytest

from commonfield import (
    Client,
    Conflict,
    ConnectionFailed,
    InvalidInput,
    NotAllowed,
    NotFound,
    NotSignedIn,
    RetryPolicy,
    ServerFailed,
    TooManyRequests,
    UnexpectedAnswer,
)
from commonfield._http import Transport
from commonfield._retry import parse_retry_after
from tests.client.conftest import QUICK
from tests.client.local_site import Fault, LocalSite


def test_a_burst_of_503_is_waited_out(local: LocalSite, owner: Client) -> None:
    local.faults = [Fault("GET /api/v1/me", times=3, status=503)]
    assert owner.whoami().username == "olga"
    assert len(local.api_requests("/me")) == 4


def test_patience_ends_with_the_registrys_failure(local: LocalSite, owner: Client) -> None:
    local.faults = [Fault("GET /api/v1/me", times=99, status=503, body=b"<h1>nginx</h1>")]
    with pytest.raises(ServerFailed) as refused:
        owner.whoami()
    assert len(local.api_requests("/me")) == QUICK.attempts
    assert "nginx" not in str(refused.value)
    assert "Try again later" in str(refused.value)


def test_retry_after_is_honoured(local: LocalSite, owner: Client) -> None:
    local.faults = [Fault("GET /api/v1/me", status=429, headers={"Retry-After": "0.4"})]
    began = time.monotonic()
    owner.whoami()
    assert time.monotonic() - began >= 0.4


def test_a_retry_after_beyond_patience_is_told_and_not_waited_for(local: LocalSite, owner: Client) -> None:
    local.faults = [Fault("GET /api/v1/me", times=99, status=429, headers={"Retry-After": "3600"})]
    began = time.monotonic()
    with pytest.raises(TooManyRequests, match="Wait 3600 seconds"):
        owner.whoami()
    assert time.monotonic() - began < 2
    assert len(local.api_requests("/me")) == 1


def test_retry_after_is_a_number_or_a_date() -> None:
    assert parse_retry_after("7") == 7
    soon = email.utils.formatdate(time.time() + 60, usegmt=True)
    assert 55 < (parse_retry_after(soon) or 0) <= 60
    assert parse_retry_after("soon") is None
    assert parse_retry_after(None) is None


def test_backoff_grows_and_has_a_cap() -> None:
    policy = RetryPolicy(base=1, cap=4)
    assert max(policy.delay(9) for _ in range(200)) <= 4
    assert max(policy.delay(1) for _ in range(200)) <= 1
    assert policy.delay(1, 30) == 30


def test_a_post_whose_answer_was_lost_is_not_repeated(local: LocalSite, owner: Client) -> None:
    local.publish("org/a", "1.0.0", {"a.parquet": b"x"})
    local.faults = [Fault("POST /api/v1/datasets/org/a/versions$", cut=0)]
    with pytest.raises(ConnectionFailed):
        owner._transport.post("/datasets/org/a/versions", {})
    assert len(local.api_requests("POST /api/v1/datasets/org/a/versions$")) == 1


def test_a_lost_answer_to_a_question_is_asked_again(local: LocalSite, owner: Client) -> None:
    local.faults = [Fault("GET /api/v1/me", times=2, cut=0)]
    assert owner.whoami().username == "olga"


def test_nobody_there() -> None:
    with Client("http://127.0.0.1:9", retry=QUICK) as client, pytest.raises(ConnectionFailed) as failed:
        client.whoami()
    assert "http://127.0.0.1:9" in str(failed.value)
    assert "Check the address" in str(failed.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidInput),
        (401, NotSignedIn),
        (403, NotAllowed),
        (404, NotFound),
        (409, Conflict),
        (500, ServerFailed),
    ],
)
def test_each_status_has_its_error_with_the_registrys_words(
    local: LocalSite, owner: Client, status: int, kind: Any
) -> None:
    problem: dict[str, Any] = {"code": "some-code", "detail": "This is so", "remedy": "Do that."}
    problem["errors"] = {"title": ["Is empty"]}
    body = json.dumps(problem).encode()
    headers = {"Content-Type": "application/problem+json"}
    local.faults = [Fault("GET /api/v1/me", status=status, body=body, headers=headers)]
    with pytest.raises(kind) as refused:
        owner.whoami()
    assert (refused.value.status, refused.value.code) == (status, "some-code")
    assert str(refused.value).startswith("This is so. title: Is empty.")
    assert refused.value.remedy


def test_not_signed_in_says_how_to_sign_in(local: LocalSite, anyone: Client) -> None:
    with pytest.raises(NotSignedIn, match="commonfield login"):
        anyone.whoami()


def test_a_refused_token_is_named_as_the_cause(local: LocalSite) -> None:
    with (
        Client(local.url, "cfd_wrong", retry=QUICK) as client,
        pytest.raises(NotSignedIn, match="token was refused"),
    ):
        client.whoami()


def test_a_site_that_is_no_registry(local: LocalSite, anyone: Client) -> None:
    local.faults = [Fault("GET", status=200, body=b"<html>Welcome", headers={"Content-Type": "text/html"})]
    with pytest.raises(UnexpectedAnswer, match="does not look like a Commonfield registry"):
        anyone.search("x")


def test_an_answer_of_another_api_is_told_as_such(local: LocalSite, anyone: Client) -> None:
    local.faults = [Fault("GET", status=200, body=b"{}", headers={"Content-Type": "application/json"})]
    with pytest.raises(UnexpectedAnswer, match="Upgrade"):
        anyone.search("x")


def test_a_redirect_to_another_host_does_not_take_the_token_along(local: LocalSite, owner: Client) -> None:
    with_other = LocalSite()
    try:
        local.faults = [
            Fault("GET /api/v1/me", status=302, headers={"Location": f"{with_other.url}/api/v1/search?q=1"})
        ]
        owner._transport.get("/me")
        assert "authorization" in local.seen[-1].headers
        assert [seen.path for seen in with_other.seen] == ["/api/v1/search"]
        assert "authorization" not in with_other.seen[0].headers
    finally:
        with_other.close()


def test_a_redirect_within_the_site_keeps_the_token(local: LocalSite, owner: Client) -> None:
    local.faults = [Fault("GET /api/v1/search", status=308, headers={"Location": "/api/v1/me"})]
    assert owner._transport.get("/search")["username"] == "olga"


def test_redirects_in_a_circle_end(local: LocalSite, owner: Client) -> None:
    local.faults = [Fault("GET", times=99, status=302, headers={"Location": "/api/v1/me"})]
    with pytest.raises(UnexpectedAnswer, match="redirected more than"):
        owner.whoami()


def test_a_write_is_never_redirected(local: LocalSite, owner: Client) -> None:
    local.faults = [Fault("POST", status=307, headers={"Location": f"{local.store}/elsewhere?sig=1"})]
    owner._transport.post("/datasets", {"organization": "org"})
    assert local.store_requests() == []


@pytest.mark.parametrize(
    ("home", "target", "allowed"),
    [
        ("https://a.org", "https://a.org/x", True),
        ("https://a.org", "https://a.org:443/x", True),
        ("http://a.org", "https://a.org/x", True),
        ("https://a.org", "http://a.org/x", False),
        ("https://a.org", "https://b.a.org/x", False),
        ("https://a.org", "https://a.org:8443/x", False),
        ("http://a.org:8000", "https://a.org/x", False),
        ("https://a.org", "https://a.org@evil.org/x", False),
    ],
)
def test_where_the_token_may_go(home: str, target: str, allowed: bool) -> None:
    transport = Transport(site=home, token="cfd_secret")
    request = transport._http.build_request("GET", target)
    transport._authorize(request)
    assert ("cfd_secret" in request.headers.get("authorization", "")) is allowed
    transport.close()


def test_the_user_agent_says_who_asks(local: LocalSite, anyone: Client) -> None:
    anyone.search("x")
    assert local.seen[0].headers["user-agent"].startswith("commonfield/0.")
