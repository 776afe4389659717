"""How bytes leave, request by request (RFC 9110): streamed to a header's token, redirected to everybody else."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.clients.shelf import Shelf, sha256

pytestmark = [pytest.mark.clients, pytest.mark.slow]


@pytest.fixture(scope="module")
def whole(shelf: Shelf) -> bytes:
    return shelf.bytes_of("restricted")


@pytest.fixture
def owner(shelf: Shelf) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {shelf.token('owner')}"}
    with httpx.Client(headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def nobody() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


def test_with_authorization_the_bytes_are_streamed(shelf: Shelf, owner: httpx.Client) -> None:
    answer = owner.get(shelf.url("restricted"))
    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{sha256(answer.content)}"'
    assert answer.headers["X-Content-SHA256"] == sha256(answer.content)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="birds.parquet"'


@pytest.mark.parametrize("access", ["public", "restricted"])
def test_without_the_header_a_presigned_address_gives_the_same_bytes(
    shelf: Shelf, nobody: httpx.Client, whole: bytes, access: str
) -> None:
    token = "" if access == "public" else shelf.token("owner")
    answer = nobody.get(shelf.url(access, token=token))
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store"
    place = answer.headers["Location"]
    assert place.startswith(shelf.site.environment["S3_ENDPOINT_URL"])
    assert shelf.token("owner") not in place
    assert nobody.get(place).content == whole
    assert nobody.get(place, headers={"Range": "bytes=0-3"}).content == b"PAR1"
    assert nobody.get(place.partition("?")[0]).status_code == 403, "the bucket is private"


def test_the_original_comes_back_byte_for_byte(shelf: Shelf, owner: httpx.Client, nobody: httpx.Client) -> None:
    data = shelf.file.read_bytes()
    assert owner.get(shelf.url("restricted", suffix="/original")).content == data
    answer = nobody.get(shelf.url("public", suffix="/original"), follow_redirects=True)
    assert answer.content == data
    assert answer.headers["Content-Disposition"] == 'attachment; filename="birds.csv"'


@pytest.mark.parametrize("who", ["nobody", "owner"])
def test_head_tells_everything_but_the_bytes(shelf: Shelf, whole: bytes, who: str) -> None:
    headers = {"Authorization": f"Bearer {shelf.token(who)}"} if shelf.token(who) else {}
    url = shelf.url("public" if who == "nobody" else "restricted")
    # Range is defined for GET alone (RFC 9110, 14.2).
    for more in ({}, {"Range": "bytes=0-3"}):
        answer = httpx.head(url, headers={**headers, **more}, timeout=60)
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["Content-Length"]) == len(whole)
        assert answer.headers["X-Content-SHA256"] == sha256(whole)
        assert answer.headers["Accept-Ranges"] == "bytes"


def test_head_and_get_never_name_two_etags(shelf: Shelf, owner: httpx.Client, nobody: httpx.Client) -> None:
    """DuckDB refuses a file whose GET has another ETag than its HEAD, and the store has ETags of its own."""
    url = shelf.url("restricted")
    assert owner.head(url).headers["ETag"] == owner.get(url).headers["ETag"]
    for redirected in (shelf.url("public"), shelf.url("restricted", token=shelf.token("owner"))):
        head, get = nobody.head(redirected), nobody.get(redirected, follow_redirects=True)
        assert head.headers.get("ETag", get.headers["ETag"]) == get.headers["ETag"]


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-3", 0, 4),
        ("bytes=4-4", 4, 5),
        ("bytes=100-", 100, None),
        ("bytes=-8", -8, None),
        ("bytes=-99999999999", 0, None),
        ("bytes=10-99999999999", 10, None),
    ],
)
def test_ranges(shelf: Shelf, owner: httpx.Client, whole: bytes, wanted: str, start: int, stop: int | None) -> None:
    answer = owner.get(shelf.url("restricted"), headers={"Range": wanted})
    part = whole[start:stop]
    begin = start if start >= 0 else len(whole) + start
    assert (answer.status_code, answer.content) == (206, part)
    assert answer.headers["Content-Range"] == f"bytes {begin}-{begin + len(part) - 1}/{len(whole)}"
    assert int(answer.headers["Content-Length"]) == len(part)


@pytest.mark.parametrize("wanted", ["bytes=5-2", "bytes=a-b", "bytes=0-1,4-5", "lines=0-3", "bytes=-", ""])
def test_a_range_that_is_none_is_ignored(shelf: Shelf, owner: httpx.Client, whole: bytes, wanted: str) -> None:
    answer = owner.get(shelf.url("restricted"), headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (200, whole)


@pytest.mark.parametrize("beyond", [0, 1, 10**12])
def test_a_range_past_the_end_is_416(shelf: Shelf, owner: httpx.Client, whole: bytes, beyond: int) -> None:
    answer = owner.get(shelf.url("restricted"), headers={"Range": f"bytes={len(whole) + beyond}-"})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"
    assert owner.get(shelf.url("restricted"), headers={"Range": "bytes=-0"}).status_code == 416


def test_what_the_client_has_is_not_sent_again(shelf: Shelf, owner: httpx.Client, whole: bytes) -> None:
    etag = f'"{sha256(whole)}"'
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = owner.get(shelf.url("restricted"), headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert owner.get(shelf.url("restricted"), headers={"If-None-Match": '"other"'}).status_code == 200


def test_if_range_sends_the_rest_or_all_anew(shelf: Shelf, owner: httpx.Client, whole: bytes) -> None:
    etag, url = f'"{sha256(whole)}"', shelf.url("restricted")
    answer = owner.get(url, headers={"Range": "bytes=4-7", "If-Range": etag})
    assert (answer.status_code, answer.content) == (206, whole[4:8])
    # A weak tag never matches here (RFC 9110, 13.1.5).
    for other in ('"other"', f"W/{etag}"):
        answer = owner.get(url, headers={"Range": "bytes=4-7", "If-Range": other})
        assert (answer.status_code, answer.content) == (200, whole)
    # The range is not looked at then, not even to refuse it.
    answer = owner.get(url, headers={"Range": f"bytes={len(whole)}-", "If-Range": '"other"'})
    assert (answer.status_code, answer.content) == (200, whole)


@pytest.mark.parametrize("access", ["public", "restricted", "private"])
def test_a_token_that_is_wrong_or_over_is_401(shelf: Shelf, nobody: httpx.Client, access: str) -> None:
    with shelf.site.api(shelf.token("owner")) as api:
        made = {}
        for name in ("expired", "revoked"):
            made[name] = api.post("/tokens", json={"name": name, "scopes": ["read"]}).raise_for_status().json()
    assert nobody.get(shelf.url(access, token=made["expired"]["token"])).status_code == 302
    over = "UPDATE catalog_token SET created = now() - interval '2 days', expires_at = now() - interval '1 day'"
    shelf.rows(f"{over} WHERE id = %s RETURNING id", made["expired"]["id"])
    with shelf.site.api(shelf.token("owner")) as api:
        api.delete(f"/tokens/{made['revoked']['id']}").raise_for_status()
    for token in ("cfd_wrong", "nonsense", made["expired"]["token"], made["revoked"]["token"]):
        by_query = nobody.get(shelf.url(access, token=token))
        by_header = nobody.get(shelf.url(access), headers={"Authorization": f"Bearer {token}"})
        for answer in (by_query, by_header):
            assert answer.status_code == 401, (token[:8], answer.text)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_every_download_is_on_the_audit_trail(shelf: Shelf, owner: httpx.Client, nobody: httpx.Client) -> None:
    url, whole = shelf.url("restricted"), shelf.bytes_of("restricted")
    before = len(shelf.downloads("restricted"))
    owner.get(url).raise_for_status()
    owner.get(url, headers={"Range": "bytes=0-3"}).raise_for_status()
    nobody.get(shelf.url("restricted", token=shelf.token("owner")))
    owner.get(shelf.url("restricted", suffix="/original")).raise_for_status()
    # Nothing leaves with these.
    owner.head(url)
    owner.get(url, headers={"If-None-Match": f'"{sha256(whole)}"'})
    owner.get(url, headers={"Range": "bytes=99999999999-"})
    nobody.get(url)
    found = shelf.downloads("restricted")
    new = found[: len(found) - before]
    assert [event["detail"]["kind"] for event in reversed(new)] == ["parquet", "parquet", "parquet", "original"]
    assert [event["detail"].get("range", "") for event in reversed(new)] == ["", "bytes=0-3", "", ""]
    assert {event["detail"]["version"] for event in new} == {shelf.versions["restricted"]}
    assert [event["detail"]["sha256"] for event in reversed(new)] == [
        *[sha256(whole)] * 3,
        sha256(shelf.file.read_bytes()),
    ]
    assert {event["actor"] for event in new} == {"mei"}
