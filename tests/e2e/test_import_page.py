"""Importing from a web address, in a real browser and by the client: by a worker, from a server with a certificate."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from commonfield import Client, InvalidInput, Progress, Rejected
from tests.e2e.own_site import OwnSite
from tests.fixtures.people import PASSWORD
from tests.ingest.tls_servers import Server, lead_to, reply

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

BIRDS = b"id,name\n" + b"".join(b"%d,wren\n" % n for n in range(1, 50))
MANY = b"id,name\n" + b"".join(b"%06d,wren\n" % n for n in range(80_000))
STORED = 90_000
AWAY = "https://169.254.169.254/latest/meta-data/"


@pytest.fixture(scope="module")
def source(site: OwnSite) -> Server:
    site.open_data.answers |= {"/birds.csv": reply(BIRDS), "/away.csv": lead_to(AWAY)}
    return site.open_data


@pytest.fixture
def open_page(site: OwnSite, browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page of the contributor's, with a new dataset's files; red at the end if the console spoke of an error."""
    said: list[str] = []
    contexts = []

    def open_one(title: str, *, script: bool = True) -> Page:
        contexts.append(browser.new_context(base_url=site.url, java_script_enabled=script))
        page = contexts[-1].new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto("/accounts/login/")
        page.fill("input[name=login]", "contributor")
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "login" not in url)
        page.goto("/share/")
        page.fill("#id_title", title)
        page.get_by_role("button", name="Continue to the files").click()
        page.wait_for_url("**/share/institute/**")
        return page

    yield open_one
    for context in contexts:
        context.close()
    # A refused form of a page without scripts is answered with 400, which the console counts as an error.
    assert [line for line in said if "status of 400" not in line] == []


def address(source: Server, path: str) -> str:
    return f"https://localhost:{source.port}{path}"


def type_address(page: Page, url: str) -> None:
    page.get_by_label("Or from a web address").fill(url)
    page.get_by_role("button", name="Import").click()


def test_an_address_becomes_a_table_before_one_s_eyes(open_page: Callable[..., Page], source: Server) -> None:
    """The server sends half of the file and waits, until the page has shown how much is there."""
    go_on = threading.Event()

    def slowly(sock: socket.socket, _: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(MANY)}\r\n\r\n".encode()
        sock.sendall(head + MANY[:600_000])
        go_on.wait(20)
        sock.sendall(MANY[600_000:])

    source.answers["/slow.csv"] = slowly
    page = open_page("Imported birds")
    type_address(page, address(source, "/slow.csv?key=s3cret"))
    field = page.get_by_label("Or from a web address")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    job = page.get_by_role("article", name="slow.csv")
    expect(job).to_contain_text(f"From {address(source, '/slow.csv')}?key=***")
    stage = job.locator("li.run", has_text="Fetched from its address")
    expect(stage).to_contain_text(re.compile(r"kB of 960 kB"), timeout=STORED)
    go_on.set()
    expect(job).to_have_attribute("data-state", "stored", timeout=STORED)
    expect(job).to_contain_text("80,000 rows")
    expect(page.locator("#tables")).to_contain_text("80,000 × 2", timeout=STORED)
    assert [request.count(b"HTTP/1.1\r\n") for request in source.requests if b"/slow.csv" in request] == [1]


def test_a_refused_address_is_told_beside_the_field_and_kept(open_page: Callable[..., Page], source: Server) -> None:
    page = open_page("Refused birds")
    field = page.get_by_label("Or from a web address")
    problem = page.locator("#import-problem")
    type_address(page, "http://data.example/birds.csv")
    expect(problem).to_contain_text("Nothing is imported from http://data.example/birds.csv: it does not begin with")
    expect(field).to_have_value("http://data.example/birds.csv")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    expect(page.locator("article.job")).to_have_count(0)

    # This one is refused by a worker, where a redirect leads inside.
    type_address(page, address(source, "/away.csv"))
    card = page.get_by_role("article", name="away.csv")
    expect(card).to_have_attribute("data-state", "rejected", timeout=STORED)
    sentence = f"Nothing is imported from {AWAY}: 169.254.169.254 is not on the open internet."
    expect(card).to_contain_text(sentence)
    expect(problem).to_contain_text(sentence)
    expect(field).to_have_value(address(source, "/away.csv"))

    # Once it is mended, nothing of the refusal stays; an address that is typed meanwhile is left alone.
    type_address(page, address(source, "/birds.csv"))
    expect(problem).to_have_count(0)
    field.fill("https://the-next-one")
    expect(page.get_by_role("article", name="birds.csv")).to_have_attribute("data-state", "stored", timeout=STORED)
    expect(field).to_have_value("https://the-next-one")


def test_a_page_without_scripts_imports_too(open_page: Callable[..., Page], source: Server) -> None:
    page = open_page("Plain birds", script=False)
    expect(page.get_by_text("Drop files here")).to_be_hidden()
    type_address(page, "ftp://data.example/birds.csv")
    expect(page.locator("#import-problem")).to_contain_text("does not begin with https://")
    expect(page.get_by_label("Or from a web address")).to_have_value("ftp://data.example/birds.csv")
    type_address(page, address(source, "/birds.csv"))
    page.wait_for_url(re.compile(r"/share/institute/plain-birds/$"))
    card = page.get_by_role("article", name="birds.csv")
    for _ in range(90):
        page.reload()
        if card.get_attribute("data-state") == "stored":
            break
        page.wait_for_timeout(1_000)
    expect(card).to_contain_text("49 rows")


# ---------------------------------------------------------------- the client, by the same site
TOKEN = """
import django; django.setup()
from catalog.actor import Actor
from catalog.models import User
from catalog.services.membership.tokens import create_token
print(create_token(actor=Actor(User.objects.get(username="contributor")), name="t", scopes=["read", "upload"])[1])
"""


@pytest.fixture(scope="module")
def token(site: OwnSite) -> str:
    return site.run(TOKEN).strip()


@pytest.fixture
def pusher(site: OwnSite, token: str, tmp_path: Path) -> Iterator[Client]:
    with Client(site.url, token, cache_dir=tmp_path) as client:
        yield client


def test_the_client_pushes_an_address_as_it_pushes_a_file(pusher: Client, source: Server) -> None:
    """The server waits in the middle of the file, until the client was told that it is being fetched."""
    told: list[Progress] = []
    is_fetched = threading.Event()

    def slowly(sock: socket.socket, _: bytes) -> None:
        sock.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(MANY)}\r\n\r\n".encode() + MANY[:600_000])
        is_fetched.wait(60)
        sock.sendall(MANY[600_000:])

    def tell(progress: Progress) -> None:
        told.append(progress)
        if progress.stage == "fetch":
            is_fetched.set()

    source.answers["/fetched.csv"] = slowly
    url = address(source, "/fetched.csv")
    result = pusher.push(url, "institute/fetched", note="n", submit=False, progress=tell)
    assert (result.upload.state, result.upload.resources) == ("stored", ("fetched",))
    assert result.version is not None
    assert (result.version.rows, result.version.verdict) == (80_000, "passed")
    assert result.upload.size == len(MANY)
    fetching = [item for item in told if item.stage == "fetch"]
    assert fetching[0].total == len(MANY)
    assert 0 < fetching[0].done < len(MANY)
    assert "upload" not in {item.stage for item in told}
    assert result.version.resources[0].raw["source"]["url"] == url
    source.answers["/more.csv"] = reply(b"id,name\n000002,robin\n080001,owl\n")
    more = address(source, "/more.csv")
    again = pusher.push(more, "institute/fetched", note="n", mode="upsert", key="id", submit=False)
    assert again.version is not None
    assert again.upload.counts == {"inserted": 1, "updated": 1, "unchanged": 0}
    assert again.version.rows == 80_001


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("http://data.example/a.csv", InvalidInput, "does not begin with https://"),
        ("https://user@data.example/a.csv", InvalidInput, "name or password"),
        ("/away.csv", Rejected, "169.254.169.254 is not on the open internet"),
        ("https://127.0.0.2/a.csv", Rejected, "127.0.0.2 is not on the open internet"),
    ],
)
def test_the_client_tells_why_an_address_is_refused(
    pusher: Client, source: Server, url: str, error: type[Exception], words: str
) -> None:
    whole = url if "://" in url else address(source, url)
    with pytest.raises(error, match=words) as refused:
        pusher.push(whole, "institute/refused", note="n")
    assert "https address that everybody can reach" in str(refused.value)
