"""Rules in a real browser: one is tried before it is kept, one is taken that the profile proposes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessible import assert_accessible
from tests.e2e.own_site import OwnSite
from tests.fixtures.people import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

STORED = 90_000
"""Milliseconds that a busy machine may take from the last byte to the verdict."""
ROWS = "".join(f"{number},{'ab'[number % 2]},{number / 4}\n" for number in range(1, 61))
RULES = "/institute/ruled-birds/rules/"


@pytest.fixture
def page(site: OwnSite, browser: Browser) -> Iterator[Page]:
    """The contributor's, whose console must stay silent."""
    said: list[str] = []
    context = browser.new_context(base_url=site.url, bypass_csp=True)
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "contributor")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "login" not in url)
    yield page
    context.close()
    # The refused form is answered with 400, which the console counts as an error.
    assert [line for line in said if "status of 400" not in line] == []


def test_a_rule_is_tried_and_kept_and_a_proposed_one_is_taken(page: Page) -> None:
    upload(page)
    page.goto(RULES)
    assert_accessible(page, "no rules")
    page.get_by_role("link", name="Add a rule").click()
    assert_accessible(page, "types of rules")
    page.get_by_role("link", name="Every value is in a range").click()

    page.get_by_role("button", name="Save the rule").click()
    expect(page.get_by_role("link", name="Column: Choose a column.")).to_be_visible()
    assert_accessible(page, "a refused rule")
    page.get_by_label("Column").select_option("value")
    page.get_by_label("Highest", exact=False).first.fill("14")
    page.get_by_label("Warning: it is told and counted").check()
    page.get_by_role("button", name="What would fail").click()
    trial = page.get_by_role("region", name="What would fail")
    expect(trial).to_contain_text("Tried on birds of draft, 60 rows.")
    expect(trial).to_contain_text("4 of 60 values fail (6.7 %)")
    trial.get_by_text("Show 4 of the failing rows").click()
    expect(trial.get_by_role("row", name="57 14.25")).to_be_visible()
    assert_accessible(page, "a rule that was tried")

    expect(page.get_by_label("Column")).to_have_value("value")
    page.get_by_role("button", name="Save the rule").click()
    page.wait_for_url(f"**{RULES}")
    own = page.get_by_role("region", name="The dataset’s own rules")
    expect(own.get_by_role("row", name=re.compile("Every value of value is at most 14"))).to_contain_text("Warning")

    wait_for_check(page)
    page.goto(RULES)
    page.get_by_role("link", name="Proposed rules").click()
    assert_accessible(page, "proposals")
    page.get_by_label("id has a value in every row.").check()
    page.get_by_role("button", name="Keep the ticked ones").click()
    page.wait_for_url(f"**{RULES}")
    expect(own).to_contain_text("id has a value in every row.")
    assert_accessible(page, "two rules")

    wait_for_check(page)
    page.goto("/institute/ruled-birds/v/draft/quality/")
    expect(page.get_by_role("region", name="Checks").first).to_contain_text("Every value of value is at most 14.")
    assert_accessible(page, "the quality tab")
    page.get_by_role("region", name="Checks").first.wait_for()
    page.locator("#checks").get_by_role("link", name="Rules").click()
    page.wait_for_url(f"**{RULES}")


def upload(page: Page) -> None:
    """A dataset with a draft of one table of 60 rows, checked."""
    page.goto("/share/")
    page.fill("#id_title", "Ruled birds")
    page.get_by_role("button", name="Continue to the files").click()
    page.wait_for_url("**/share/institute/ruled-birds/")
    file = {"name": "birds.csv", "mimeType": "text/csv", "buffer": f"id,kind,value\n{ROWS}".encode()}
    page.set_input_files("input[type=file]", files=[file])
    card = page.get_by_role("article", name="birds.csv")
    expect(card).to_have_attribute("data-state", "stored", timeout=STORED)
    wait_for_check(page)


def wait_for_check(page: Page) -> None:
    for _ in range(STORED // 500):
        found = page.request.get("/api/v1/datasets/institute/ruled-birds/versions/draft").json()
        if found["verdict"] != "pending":
            return
        page.wait_for_timeout(500)
    raise AssertionError("the check did not come to an end")
