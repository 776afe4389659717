"""Two gigabytes through every fault at once: refused parts, pauses, no network, and a page that is loaded anew."""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.own_site import OwnSite
from tests.e2e.sending import PART, Puts, begin, expect_stored, sha256_of, uploads_of, write_measurements
from tests.fixtures.figures import Tell
from tests.fixtures.people import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.matrix]

PARTS = int(os.environ.get("UPLOAD_PARTS", "240"))
"""Of 8 MiB each."""
STORED = 15 * 60_000
PATIENCE = 10 * 60


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("huge") / "measurements.csv"
    write_measurements(path, (PARTS - 1) * PART + 1_000_000)
    return path


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "contributor")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def wait_for(page: Page, puts: Puts, parts: int) -> None:
    until = time.monotonic() + PATIENCE
    while len(puts.stored) < parts:
        assert time.monotonic() < until, f"{len(puts.stored)} of {parts} parts"
        page.wait_for_timeout(50)


def refuse_a_fifth(page: Page, site: OwnSite) -> list[str]:
    """Of the parts that are sent from now on, by their addresses."""
    chance, refused = random.Random(3), list[str]()

    def answer(route: Route) -> None:
        if chance.random() < 0.2:
            refused.append(route.request.url)
            route.fulfill(status=503, headers={"Access-Control-Allow-Origin": "*"}, body="slow down")
        else:
            route.continue_()

    page.route(re.compile(rf"{re.escape(site.s3)}/.*partNumber="), answer)
    return refused


def pause(page: Page, puts: Puts) -> None:
    """For a second and a half in which nothing is sent."""
    row = page.locator("upload-panel .up")
    row.get_by_role("button", name="Pause").press("Enter")
    expect(row).to_contain_text("paused")
    page.wait_for_timeout(1_500)
    before = puts.stored.copy()
    page.wait_for_timeout(1_000)
    assert puts.stored == before
    row.get_by_role("button", name="Resume").press("Enter")


def test_it_arrives_whole_whatever_happens_on_the_way(site: OwnSite, browser: Browser, huge: Path, tell: Tell) -> None:
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    sign_in(page)
    dataset = begin(page, "Two gigabytes")
    refused = refuse_a_fifth(page, site)
    puts, begun = Puts(page), time.monotonic()
    page.set_input_files("#files", huge)
    row = page.locator("upload-panel .up")
    for number in (1, 2, 3):
        wait_for(page, puts, number * PARTS // 8)
        pause(page, puts)
    wait_for(page, puts, PARTS // 2)
    context.set_offline(True)
    expect(row).to_contain_text("no network", timeout=60_000)
    context.set_offline(False)
    wait_for(page, puts, PARTS * 3 // 4)

    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    again = Puts(page)
    unfinished = page.locator("[data-unfinished]")
    with page.expect_file_chooser() as chooser:
        unfinished.get_by_role("button", name=f"Continue {huge.name}").click()
    chooser.value.set_files(huge)
    wait_for(page, again, PARTS - len(puts.stored))
    sent = time.monotonic() - begun
    expect_stored(page, huge.name, within=STORED)
    page.unroute_all(behavior="ignoreErrors")

    (upload,) = uploads_of(page, dataset)
    assert (upload["state"], upload["sha256"]) == ("stored", sha256_of(huge))
    assert puts.stored.keys() | again.stored.keys() == set(range(1, PARTS + 1))
    # Four were on their way when the page went, and nobody heard of their arrival.
    assert sum((puts.stored + again.stored).values()) <= PARTS + 4
    assert max(puts.most, again.most) <= 4
    assert len(refused) > PARTS // 10
    size = huge.stat().st_size / 1e6
    took = time.monotonic() - begun
    line = f"{size:,.0f} MB, {len(refused)} parts refused: sent in {sent:.0f} s, stored and checked after {took:.0f} s"
    tell("a large upload under faults", line)
    context.close()
