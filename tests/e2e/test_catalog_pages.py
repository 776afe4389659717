"""The catalog's pages in a real browser, against a whole site: checks that really ran, real sign-ins, no stand-ins."""

from __future__ import annotations

import hashlib
import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.accessible import assert_accessible
from tests.e2e.looking import MATRIX, QUICK, Looking, assert_fits_everywhere, assert_well_made
from tests.e2e.opened import Opened, Sessions
from tests.e2e.own_site import OwnSite
from tests.e2e.screens import SCREENS, Screen
from tests.e2e.screens_site import fill
from tests.fixtures.people import PASSWORD


def browsed(test: Callable[..., None]) -> Callable[..., None]:
    """Of every run, in a browser; the matrix alone is a run of its own."""
    return pytest.mark.e2e(pytest.mark.slow(test))


PICTURES = Path(os.environ.get("SCREENS", Path(__file__).resolve().parents[2] / "var" / "screens"))
"""Where `make matrix` leaves a picture of every screen in every look."""

DECIDED = 30_000
"""Milliseconds in which a busy machine carries a decision out."""
SENT_AGAIN = """
from catalog.actor import Actor
from catalog.models import Dataset, User
from catalog.selectors.datasets import get_version
from catalog.services.publishing.versions import submit_version
actor = Actor(User.objects.get(username="contributor"))
draft = get_version(actor=actor, dataset=Dataset.objects.get(slug="waiting"), version="draft")
answer = submit_version(actor=actor, version=draft, note="Explained.").reviews.get(state="open").pk
"""


@pytest.fixture(scope="module")
def names(site: OwnSite) -> dict[str, str]:
    """The site with its datasets; what addresses call in braces."""
    return fill(site)


@pytest.fixture(scope="module")
def review_id(names: dict[str, str]) -> int:
    """The number of the review that waits."""
    return int(names["review"])


@pytest.fixture(scope="module")
def session_of(site: OwnSite, browser: Browser, names: dict[str, str]) -> Sessions:
    return Sessions(site, browser)


@pytest.fixture
def opened(site: OwnSite, browser: Browser, session_of: Sessions) -> Iterator[Opened]:
    """The test ends red if a console spoke of an error or a page asked another site."""
    opened = Opened(site, browser, session_of)
    yield opened
    opened.close()
    assert opened.complaints == []


@pytest.fixture(scope="module")
def looking(site: OwnSite, browser: Browser, session_of: Sessions, names: dict[str, str]) -> Iterator[Looking]:
    opened = Opened(site, browser, session_of)
    yield Looking(opened, names)
    opened.close()


# ---------------------------------------------------------------- every page
@browsed
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_every_page_keeps_the_rules(looking: Looking, screen: Screen) -> None:
    with looking.at(screen) as page:
        assert_well_made(page, screen)
        assert_fits_everywhere(page, screen, QUICK)


@pytest.mark.matrix
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_every_page_keeps_the_rules_in_every_look(looking: Looking, screen: Screen, language: str) -> None:
    folder = PICTURES / language
    folder.mkdir(parents=True, exist_ok=True)
    with looking.at(screen, language) as page:
        assert_well_made(page, screen)
        assert_fits_everywhere(page, screen, MATRIX, folder)


# ---------------------------------------------------------------- what people do
@browsed
def test_access_is_asked_for_talked_about_and_given(opened: Opened) -> None:
    page = opened("/institute/closed/", "stranger", bypass_csp=True, reduced_motion="reduce")
    page.get_by_role("link", name="How to get access").click()
    page.get_by_role("link", name="Request access").click()
    page.get_by_label("What for").fill("To count nests.")
    page.get_by_label("research").check()
    page.get_by_label("Institution").fill("Palmer Station")
    page.get_by_label("I have read the agreement").check()
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("heading", name="Request of Stranger")).to_be_visible()
    assert_accessible(page, "the asker's request", colours_only=False)

    theirs = opened("/work/", "owner", bypass_csp=True, reduced_motion="reduce")
    assert_accessible(theirs, "my work", colours_only=False)
    theirs.get_by_role("link", name="Decide Stranger").click()
    expect(theirs.get_by_text("I name the source")).to_have_count(0)
    theirs.get_by_label("Ask or answer").fill("Which nests?")
    theirs.get_by_role("button", name="Say it").click()
    expect(theirs.get_by_text("Which nests?")).to_be_visible()
    assert_accessible(theirs, "the decision", colours_only=False)
    theirs.get_by_role("button", name="Send the decision").click()
    expect(theirs.get_by_text("Stranger may have the data.")).to_be_visible()

    page.goto("/institute/closed/access/")
    expect(page.get_by_text("You have access")).to_be_visible()
    page.goto("/institute/closed/data/")
    expect(page.get_by_text("Which nests?")).to_have_count(0)
    expect(page.locator("table").first).to_be_visible()


@browsed
def test_two_versions_chosen_from_the_list_are_compared(opened: Opened) -> None:
    page = opened("/institute/penguins/versions/")
    page.get_by_label("Compare").select_option("1.1.0")
    page.get_by_label("with", exact=True).select_option("1.0.0")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"/institute/penguins/compare/1\.1\.0\.\.\.1\.0\.0/$"))
    # Nobody has asked for this way round: a worker compares them, and the page shows it by itself.
    difference = page.locator("#difference")
    expect(difference.get_by_text("Rows cannot be matched")).to_be_visible(timeout=60_000)
    expect(difference.locator("dl.kpi").get_by_text("44", exact=True)).to_be_visible()
    expect(difference.get_by_text("Being computed")).to_have_count(0)


@browsed
def test_finding_a_dataset_with_words_and_filters(opened: Opened) -> None:
    page = opened("/")
    results = page.locator("#results")
    expect(results.locator("article")).to_have_count(3)
    page.get_by_label("On request").check()
    expect(results.locator("article")).to_have_count(1)
    expect(results).to_contain_text("Nests, on request")
    expect(page).to_have_url(re.compile("access=restricted"))
    expect(page.locator("#live")).to_contain_text("1 dataset")
    # The address is the state: the same page again, and back.
    page.reload()
    expect(results.locator("article")).to_have_count(1)
    results.get_by_role("link", name="Remove the filter On request").click()
    expect(results.locator("article")).to_have_count(3)
    # Keys are heard when the page's scripts have run, which is after its rows are there.
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("palmer archipelago")
    page.keyboard.press("Enter")
    expect(results.locator("article")).to_have_count(1)
    page.get_by_role("link", name="Penguins of the Palmer Archipelago").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Penguins of the Palmer Archipelago")


@browsed
def test_search_works_without_scripts(opened: Opened) -> None:
    page = opened("/", java_script_enabled=False)
    page.get_by_label("On request").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("article")).to_have_count(1)


@browsed
def test_the_tabs_keep_the_version_and_the_report_is_one_click_away(opened: Opened) -> None:
    page = opened("/institute/penguins/")
    page.get_by_text("Version 1.1.0").first.click()
    page.get_by_role("link", name="1.0.0").click()
    expect(page.get_by_text("This is version 1.0.0")).to_be_visible()
    tabs = page.get_by_role("navigation", name="Dataset")
    tabs.get_by_role("link", name="Quality").click()
    expect(page).to_have_url(re.compile("/institute/penguins/v/1.0.0/quality/$"))
    checks = page.get_by_role("region", name="Checks", exact=True)
    expect(checks).to_contain_text("Every value of mass is at least 3000 and at most 6000.")
    page.get_by_text("of the failing rows").click()
    expect(page.get_by_role("region", name="Failing rows")).to_contain_text("6012")
    tabs.get_by_role("link", name="Schema").click()
    expect(page.locator("main")).to_contain_text("<script>alert(1)</script> 气温")
    assert page.get_by_role("img", name="Distribution of mass").is_visible()


@browsed
def test_the_load_line_is_copied_and_names_the_exact_version(site: OwnSite, opened: Opened) -> None:
    page = opened("/institute/penguins/", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#load").get_by_role("button", name="Copy").click()
    expect(page.locator("#load").get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        f'import commonfield\n\nsite = commonfield.Client("{site.url}")\n'
        'df = site.load("institute/penguins", version="1.1.0")'
    )


@browsed
def test_a_file_is_downloaded_as_it_says(opened: Opened) -> None:
    page = opened("/institute/penguins/")
    row = page.locator("#files tbody tr").first
    with page.expect_download() as waiting:
        row.get_by_role("link").click()
    data = waiting.value.path().read_bytes()
    assert row.locator("td[title]").get_attribute("title") == hashlib.sha256(data).hexdigest()


@browsed
def test_a_restricted_dataset_shows_its_gate_and_opens_for_who_was_let_in(opened: Opened) -> None:
    page = opened("/institute/closed/")
    expect(page.get_by_text("The data are given on request")).to_be_visible()
    expect(page.get_by_role("link", name="Download penguins.parquet")).to_have_count(0)
    page = opened("/institute/closed/", "grantee")
    expect(page.get_by_role("link", name="Download penguins.parquet")).to_be_visible()


@browsed
def test_signing_in_returns_to_the_page_and_signing_out_leaves(site: OwnSite, opened: Opened) -> None:
    page = opened("/institute/penguins/schema/")
    page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    opened.allowed = "400"
    page.locator("input[name=login]").fill("stranger")
    page.locator("input[name=password]").fill("wrong password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="There is 1 problem")).to_be_visible()
    assert page.locator("input[name=login]").input_value() == "stranger"
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/institute/penguins/schema/")
    page.get_by_role("button", name="Stranger").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


@browsed
def test_a_token_is_made_shown_once_and_works(site: OwnSite, opened: Opened) -> None:
    page = opened("/tokens/", "grantee")
    page.get_by_label("Name").fill("notebook")
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator("#secret").inner_text()
    request = urllib.request.Request(  # noqa: S310 -- our own loopback
        f"{site.url}/api/v1/me", headers={"Authorization": f"Bearer {secret}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        assert b'"grantee"' in answer.read()
    page.goto("/tokens/")
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke notebook").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()


@browsed
def test_the_theme_is_kept_without_a_flash(opened: Opened) -> None:
    page = opened("/", color_scheme="light")
    page.get_by_role("button", name="Light or dark theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/about/")
    # The server wrote it, not a script.
    assert 'data-theme="dark"' in page.request.get("/about/").text()


@browsed
def test_chinese_and_back(opened: Opened) -> None:
    page = opened("/organizations/")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_role("heading", level=1)).to_have_text("机构")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Organizations")


@browsed
def test_a_steward_sends_a_version_back_and_then_publishes_it(site: OwnSite, opened: Opened, review_id: int) -> None:
    opened.allowed = "400"
    page = opened("/", "steward")
    page.get_by_role("link", name="Review 1").click()
    page.get_by_role("link", name="Weather of the station").click()
    expect(page.get_by_text("Every value of mass is at least 3000")).to_have_count(0)
    page.get_by_label("Ask for changes to 1.0.0").check()
    button = page.get_by_role("button", name="Ask for changes to 1.0.0")
    button.click()
    expect(page.get_by_role("link", name="Say what the owner should change.")).to_be_visible()
    assert page.evaluate("document.activeElement.className") == "errors"
    page.get_by_label("Ask for changes to 1.0.0").check()
    page.get_by_label("Message to the owner").fill("Say what “seen” means.")
    page.get_by_role("button", name="Ask for changes to 1.0.0").click()
    expect(page.get_by_text("Sent back to its owner: Weather of the station 1.0.0.")).to_be_visible(timeout=DECIDED)
    mine = opened("/work/", "contributor")
    expect(mine.get_by_text("Say what “seen” means.")).to_be_visible()
    page.goto(f"/review/{site.ask(SENT_AGAIN)}/")
    page.get_by_label("Publish 1.0.0").check()
    for check in ("The table has exactly these columns", r"Every value of <script>.* is of type text"):
        page.get_by_label(re.compile(f"^Your call: {check}")).select_option("accept")
        page.get_by_label(re.compile(f"^Why: {check}")).fill("The name is a joke.")
    page.get_by_role("button", name="Publish 1.0.0").click()
    expect(page.get_by_text("Published: Weather of the station 1.0.0.")).to_be_visible(timeout=DECIDED)
    page.goto("/?sort=newest")
    expect(page.locator("article").first).to_contain_text("Weather of the station")
