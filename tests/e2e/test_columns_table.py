"""The table of the columns in step 2 as people use it: all at once, by keyboard, without scripts, on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessible import assert_accessible_in_both_looks
from tests.e2e.opened import Opened, Sessions
from tests.e2e.own_site import OwnSite
from tests.e2e.sending import STORED, begin, expect_stored

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NARROWEST = 320
BIRDS = "Ring no.,Species,Body mass,seen\n" + "".join(
    f"{n:03},{('Adelie', ' Gentoo')[n % 2]},{3000 + n},0{1 + n % 9}/0{1 + n % 8}/2024\n" for n in range(90)
)


@pytest.fixture
def opened(site: OwnSite, browser: Browser) -> Iterator[Opened]:
    opened = Opened(site, browser, Sessions(site, browser))
    yield opened
    opened.close()


def upload(opened: Opened, site: OwnSite, title: str) -> tuple[Page, str]:
    """The page of the new table's columns."""
    page = opened("/share/", "contributor", bypass_csp=True, reduced_motion="reduce")
    dataset = begin(page, title)
    path: Path = site.folder / "birds.csv"
    path.write_text(BIRDS)
    page.set_input_files("#files", path)
    expect_stored(page, "birds.csv")
    address = f"/share/{dataset}/tables/birds/clean/"
    page.goto(address)
    return page, address


def test_several_columns_are_changed_by_one_button(site: OwnSite, opened: Opened) -> None:
    page, _address = upload(opened, site, "Changed at once")
    assert_accessible_in_both_looks(page, "columns")
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST
    page.set_viewport_size({"width": 1360, "height": 900})
    # With the keyboard: from one field to the next, a type by its first letters, a tick by the space bar.
    page.get_by_label("Name of “ring_no”").fill("")
    page.get_by_label("Type of “body_mass”").focus()
    page.keyboard.type("te")
    page.keyboard.press("Tab")
    page.keyboard.type("g")
    page.get_by_label("Leave “seen” out").focus()
    page.keyboard.press("Space")
    opened.allowed = "status of 400"
    page.get_by_label("Unit of “body_mass”").press("Enter")
    expect(page.locator(".errors")).to_be_focused()
    page.get_by_role("link", name="Name of “ring_no”: Give the column a name, or leave it out.").click()
    expect(page.get_by_label("Name of “ring_no”")).to_be_focused()
    assert_accessible_in_both_looks(page, "columns with a problem")
    page.set_viewport_size({"width": 1360, "height": 900})
    # What was typed is there yet.
    expect(page.get_by_label("Type of “body_mass”")).to_have_value("string")
    expect(page.get_by_label("Unit of “body_mass”")).to_have_value("g")
    expect(page.get_by_label("Leave “seen” out")).to_be_checked()
    page.get_by_label("Name of “ring_no”").fill("Ring")
    page.get_by_role("button", name="Change and read again").click()
    expect(page.get_by_label("Name of “ring”")).to_be_visible(timeout=STORED)
    expect(page.get_by_label("Unit of “body_mass”")).to_have_value("g")
    expect(page.get_by_label("Type of “body_mass”")).to_have_value("string")
    left_out = page.get_by_role("list").filter(has_text="Take it back")
    expect(left_out).to_contain_text("seen")
    left_out.get_by_role("button").click()
    expect(page.get_by_label("Name of “seen”")).to_be_visible(timeout=STORED)


def test_it_works_without_scripts(site: OwnSite, opened: Opened) -> None:
    _page, address = upload(opened, site, "Without scripts")
    page = opened(address, "contributor", java_script_enabled=False)
    page.get_by_text("Clean it species").click()
    page.get_by_label("This value means “missing” species").fill("Adelie")
    page.get_by_label("Unit of “body_mass”").fill("g")
    page.get_by_role("button", name="Change and read again").click()
    expect(page.get_by_text("Working", exact=True)).to_be_visible()
    for _ in range(STORED // 1_000):
        page.reload()
        if page.get_by_text("Values that mean “missing” become missing.").count():
            break
        page.wait_for_timeout(1_000)
    expect(page.get_by_text("Values that mean “missing” become missing.").first).to_be_visible()
    expect(page.get_by_label("Unit of “body_mass”")).to_have_value("g")
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))
