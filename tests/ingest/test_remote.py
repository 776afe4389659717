"""Imports from addresses: what is refused, by its form and by where it leads, and what a server may do to us."""

from __future__ import annotations

import gzip
import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from catalog.findings import sentence
from ingest.remote.address import Resolver, is_open, name_in, parse_url, resolve, shown
from ingest.remote.fetching import Fetched, Remote
from ingest.remote.policy import ImportRefusedError, Policy
from tests.ingest.tls_servers import Authority, Server, lead_to, reply

BODY = b"a,b\n" + b"1,2\n" * 10_000
ANY = "0.0.0.0"  # noqa: S104 -- to be refused, not listened on
LOOPBACK = (ip_network("127.0.0.1/32"),)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    own = Server(authority.context("data.example", "127.0.0.1"))
    yield own
    own.close()


@pytest.fixture
def policy(authority: Authority, server: Server) -> Policy:
    """The site's, but that it trusts our authority and reaches our port on loopback."""
    return Policy(
        max_bytes=1 << 20,
        ports=frozenset({443, server.port}),
        networks=LOOPBACK,
        authority=str(authority.file),
        connect_seconds=2,
        idle_seconds=1,
        header_seconds=2,
        total_seconds=3,
    )


@pytest.fixture
def fetch(server: Server, policy: Policy, tmp_path: Path) -> Callable[..., Fetched]:
    def run(url: str = "/file.csv", *, by: Policy = policy, resolver: Resolver = lambda *_: ["127.0.0.1"]) -> Fetched:
        whole = url if "://" in url else f"https://data.example:{server.port}{url}"
        with Remote(whole, by, resolver=resolver) as remote:
            return remote.save(tmp_path / "file")

    return run


def refusal(fetch: Callable[..., Fetched], *arguments: object, **options: object) -> ImportRefusedError:
    with pytest.raises(ImportRefusedError) as caught:
        fetch(*arguments, **options)
    assert sentence(caught.value.finding)
    return caught.value


def test_a_file_comes_whole_with_its_hash_and_what_the_server_says(fetch, server, tmp_path):
    server.answers["/file.csv"] = reply(BODY, ETag='"v1"', Last_Modified="Sun, 01 Nov 2026 00:00:00 GMT")
    found = fetch("/file.csv?year=2026&api_key=abc#part")
    assert (tmp_path / "file").read_bytes() == BODY
    assert (found.size, found.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())
    assert (found.etag, found.last_modified) == ('"v1"', "Sun, 01 Nov 2026 00:00:00 GMT")
    assert found.url == f"https://data.example:{server.port}/file.csv?year=2026&api_key=***"
    [request] = server.requests
    assert request.startswith(b"GET /file.csv?year=2026&api_key=abc HTTP/1.1\r\n")
    assert f"Host: data.example:{server.port}\r\n".encode() in request
    assert b"Accept-Encoding: identity\r\n" in request
    assert server.names == ["data.example"], "the certificate is asked for by name"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://data.example/a.csv", "begin with https://"),
        ("ftp://data.example/a.csv", "begin with https://"),
        ("file:///etc/passwd", "begin with https://"),
        ("gopher://data.example/", "begin with https://"),
        ("data.example/a.csv", "begin with https://"),
        ("", "begin with https://"),
        ("https://", "no host"),
        ("https:///a.csv", "no host"),
        ("https://data.example:22/a.csv", "port 22"),
        ("https://data.example:0/a.csv", "port 0"),
        ("https://data.example:99999/a.csv", "no address"),
        ("https://data.example:x/a.csv", "no address"),
        ("https://[::1/a.csv", "no address"),
        ("https://user@data.example/a.csv", "name or password"),
        ("https://user:secret@data.example/a.csv", "name or password"),
        ("https://data.example@127.0.0.1/a.csv", "name or password"),
        ("https://data.example\\@127.0.0.1/a.csv", "character"),
        ("https://data.example/a b.csv", "space"),
        ("https://data.example/a\r\nHost: other", "space"),
        ("https://[fe80::1%25eth0]/a.csv", "no host"),
        ("https://" + "a" * 64 + ".example/", "no host"),
        ("https://data..example/", "no host"),
        ("https://data.example/" + "a" * 2_000, "longer than"),
    ],
)
def test_an_address_is_refused_by_its_form(policy, url, words):
    with pytest.raises(ImportRefusedError) as caught:
        parse_url(url, policy)
    assert caught.value.finding.code == "import-not-allowed"
    assert words in sentence(caught.value.finding)
    assert "secret" not in sentence(caught.value.finding)


CLOSED = [
    *("127.0.0.1", "127.9.9.9", ANY, "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1"),
    *("203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2001:10::1", "100::1"),
    *("fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "3fff::1", "5f00::1", "4000::1"),
]


@pytest.mark.parametrize("text", CLOSED)
def test_what_is_not_on_the_open_internet(fetch, policy, server, text):
    assert not is_open(ip_address(text))
    told = refusal(fetch, by=replace(policy, networks=()), resolver=lambda *_: [text])
    assert told.finding.code == "import-not-allowed"
    # One closed address among open ones closes the name.
    assert (
        refusal(fetch, by=replace(policy, networks=()), resolver=lambda *_: ["1.1.1.1", text]).finding == told.finding
    )
    assert server.requests == []


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "8.8.8.8", "151.101.1.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450::1"]
)
def test_what_is_on_the_open_internet(text):
    assert is_open(ip_address(text))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "127.1", "0"),
        *(ANY, "[::1]", "[::ffff:127.0.0.1]", "[::]", "127.0.0.1.", "１２７.0.0.1", "localhost.", "LOCALHOST"),
        *("①②⑦.⓪.⓪.①", "127。0。0。1"),
    ],
)
def test_every_way_to_write_this_machine_is_refused_by_the_system_s_own_resolver(fetch, policy, server, host):
    by = replace(policy, networks=())
    told = refusal(fetch, f"https://{host}:{server.port}/file.csv", by=by, resolver=resolve)
    # Some systems don't know some of the ways: then there is no such host.
    assert told.finding.code in {"import-not-allowed", "import-failed"}
    assert server.requests == []


def test_a_name_is_resolved_once_and_the_connection_goes_where_it_was_looked(fetch, server, policy):
    """DNS rebinding: the second answer would lead elsewhere, and is never asked for."""
    server.answers["/file.csv"] = reply(BODY)
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return next(answers)

    assert fetch(resolver=resolver).size == len(BODY)
    assert asked == [("data.example", server.port)]


def test_the_system_is_not_asked_again(fetch, server, monkeypatch):
    server.answers["/file.csv"] = reply(BODY)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("resolved a second time"))
    assert fetch().size == len(BODY)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirects_are_followed_and_the_last_address_is_told(fetch, server, status):
    server.answers["/file.csv"] = lead_to("../other/data.csv?v=2", status)
    server.answers["/other/data.csv"] = reply(BODY)
    found = fetch()
    assert found.url == f"https://data.example:{server.port}/other/data.csv?v=2"
    assert found.size == len(BODY)


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("https://127.0.0.1/", "import-not-allowed"),
        ("https://[::ffff:127.0.0.1]/", "import-not-allowed"),
        ("https://0x7f.1/", "import-not-allowed"),
        ("https://169.254.169.254/latest/meta-data/", "import-not-allowed"),
        ("http://data.example/", "import-not-allowed"),
        ("file:///etc/passwd", "import-not-allowed"),
        ("https://data.example:6379/", "import-not-allowed"),
        ("//user@data.example/", "import-not-allowed"),
        ("/loop", "import-failed"),
        ("", "import-failed"),
    ],
)
def test_each_redirect_is_looked_at_like_the_first_address(fetch, server, policy, where, code):
    server.answers["/file.csv"] = server.answers["/loop"] = lead_to(where)
    by = replace(policy, networks=(ip_network("127.0.0.5/32"),))

    def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.5"] if host == "data.example" else resolve(host, port)

    told = refusal(fetch, by=by, resolver=resolver)
    # 127.0.0.5 is where nobody listens on some systems; on Linux all of 127/8 is this machine.
    assert told.finding.code in {code, "import-failed"}
    assert len(server.requests) <= 6


def test_more_than_five_redirects_are_too_many(fetch, server):
    server.answers["/file.csv"] = server.answers["/loop"] = lead_to("/loop")
    assert "more than 5 times" in sentence(refusal(fetch).finding)
    assert len(server.requests) == 6


# ---------------------------------------------------------------------------------------------- certificates
def test_a_certificate_of_another_name_is_refused(fetch, server):
    server.answers["/file.csv"] = reply(BODY)
    told = refusal(fetch, f"https://other.example:{server.port}/file.csv")
    assert "certificate is not good" in sentence(told.finding)
    assert server.requests == []


def test_an_authority_that_nobody_knows_is_refused(fetch, server, policy):
    server.answers["/file.csv"] = reply(BODY)
    assert "certificate is not good" in sentence(refusal(fetch, by=replace(policy, authority="")).finding)


# ------------------------------------------------------------------------------------------------- bodies
def test_a_file_that_says_that_it_is_too_large_is_not_begun(fetch, server, tmp_path):
    server.answers["/file.csv"] = reply(b"x", length=1 << 40)
    assert refusal(fetch).finding.code == "file-too-large"
    assert not (tmp_path / "file").exists()


def endless(sock: socket.socket, _: bytes) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        sock.sendall(b"x" * 65_536)


def endless_chunks(sock: socket.socket, _: bytes) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        sock.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


@pytest.mark.parametrize("answer", [endless, endless_chunks])
def test_an_endless_body_ends_at_the_limit(fetch, server, policy, tmp_path, answer):
    server.answers["/file.csv"] = answer
    assert refusal(fetch).finding.code == "file-too-large"
    assert (tmp_path / "file").stat().st_size <= policy.max_bytes + (1 << 18)


def drip(before: bytes) -> Callable[[socket.socket, bytes], None]:
    def answer(sock: socket.socket, _: bytes) -> None:
        sock.sendall(before)
        while True:
            sock.sendall(b"x")
            time.sleep(0.2)

    return answer


@pytest.mark.parametrize(
    "before",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"],
)
def test_a_server_that_drips_is_left(fetch, server, before):
    server.answers["/file.csv"] = drip(before)
    begun = time.monotonic()
    told = refusal(fetch)
    assert "too long" in sentence(told.finding)
    assert told.passing
    assert time.monotonic() - begun < 6


def silent(sock: socket.socket, _: bytes) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
    time.sleep(3)


def test_a_server_that_falls_silent_is_left(fetch, server):
    server.answers["/file.csv"] = silent
    begun = time.monotonic()
    assert "too long" in sentence(refusal(fetch).finding)
    assert time.monotonic() - begun < 2.5


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"a,b\n", length=10),
        lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na,b\n"),
        lambda sock, _: sock.sendall(b"not http at all\r\n\r\n"),
        lambda *_: None,
        lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000 + b"\r\n"),
        lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"),
    ],
    ids=["short", "chunk", "no-http", "nothing", "headers", "header"],
)
def test_what_is_not_whole_or_no_http_is_refused(fetch, server, answer):
    server.answers["/file.csv"] = answer
    told = refusal(fetch)
    assert told.finding.code == "import-failed"
    assert told.passing


def cut_off(sock: socket.socket, _: bytes) -> None:
    """A body without a length, and a connection that ends without TLS' own goodbye: perhaps not all of it."""
    sock.sendall(b"HTTP/1.1 200 OK\r\n\r\na,b\n1,2\n")
    socket.socket.shutdown(sock, socket.SHUT_RDWR)
    raise OSError


def test_a_body_of_unknown_length_must_end_with_a_goodbye(fetch, server):
    server.answers["/file.csv"] = cut_off
    assert refusal(fetch).finding.code == "import-failed"
    server.answers["/file.csv"] = reply(BODY, length=None)
    assert fetch().size == len(BODY)


@pytest.mark.parametrize(
    ("status", "passing"),
    [("404 Not Found", False), ("403 No", False), ("503 Busy", True), ("206 Part", False), ("204 Nothing", False)],
)
def test_anything_but_a_file_is_told(fetch, server, status, passing):
    server.answers["/file.csv"] = reply(b"", status=status)
    told = refusal(fetch)
    assert (told.finding.code, told.passing) == ("import-failed", passing)
    assert status[:3] in sentence(told.finding)


def test_packing_that_nobody_asked_for_is_undone_within_the_limit(fetch, server, policy, tmp_path):
    server.answers["/file.csv"] = reply(gzip.compress(BODY), Content_Encoding="gzip")
    assert fetch().sha256 == hashlib.sha256(BODY).hexdigest()
    server.answers["/file.csv"] = reply(gzip.compress(b"\0" * (1 << 28)), Content_Encoding="gzip")
    assert refusal(fetch).finding.code == "file-too-large"
    assert (tmp_path / "file").stat().st_size <= policy.max_bytes + (1 << 18)
    server.answers["/file.csv"] = reply(gzip.compress(BODY)[:-20], Content_Encoding="gzip")
    assert "end too early" in sentence(refusal(fetch).finding)
    server.answers["/file.csv"] = reply(b"no gzip", Content_Encoding="gzip")
    assert "damaged" in sentence(refusal(fetch).finding)
    server.answers["/file.csv"] = reply(BODY, Content_Encoding="br")
    assert "not asked for (br)" in sentence(refusal(fetch).finding)


def test_nobody_listens(fetch, policy):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    by = replace(policy, ports=frozenset({port}))
    assert refusal(fetch, f"https://data.example:{port}/", by=by).passing


class StopIt(Exception):
    pass


def test_a_lost_lease_ends_the_fetch(server, policy, tmp_path):
    server.answers["/file.csv"] = endless

    def stop(_: int) -> None:
        raise StopIt

    url = f"https://data.example:{server.port}/file.csv"
    with pytest.raises(StopIt), Remote(url, policy, resolver=lambda *_: ["127.0.0.1"]) as remote:
        remote.save(tmp_path / "file", progress=stop)


@pytest.mark.parametrize(
    ("headers", "path", "name"),
    [
        ({}, "/file.csv", "file.csv"),
        ({"Content_Disposition": 'attachment; filename="table.csv"'}, "/file.csv", "table.csv"),
        ({"Content_Disposition": "attachment; filename*=UTF-8''t%C3%A4ble.csv"}, "/file.csv", "täble.csv"),
        ({"Content_Disposition": "attachment"}, "/t%20x.csv", "t x.csv"),
        ({}, "/", ""),
    ],
)
def test_what_the_file_is_called(server, policy, headers, path, name):
    server.answers[path] = reply(BODY, **headers)
    url = f"https://data.example:{server.port}{path}"
    with Remote(url, policy, resolver=lambda *_: ["127.0.0.1"]) as remote:
        assert remote.filename == name
        assert remote.length == len(BODY)


def test_what_is_shown_of_an_address_keeps_its_secrets():
    assert shown("https://u:p@h.example/a?X-Amz-Signature=1&x=2#f") == "https://h.example/a?X-Amz-Signature=***&x=2"
    assert shown("https://h.example/a?x=%20y") == "https://h.example/a?x=%20y"
    assert name_in("https://[") == ""
