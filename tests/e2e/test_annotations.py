"""A cell is corrected in a real browser: from the row to the proposal, the decision and the next version."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessible import assert_accessible
from tests.e2e.own_site import OwnSite, own_site
from tests.fixtures.people import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SEED = """
import django; django.setup()
import time
from catalog.actor import Actor
from catalog.models import Organization, Resource, User
from catalog.selectors.datasets import get_version
from catalog.services.reviewing.reviews import decide_review
from catalog.services.publishing.versions import submit_version
from tests.fixtures.datasets import SCHEMA, add_table, make_dataset
from tests.fixtures.people import Cast
people = {name: Actor(User.objects.get(username=name)) for name in
          ["owner", "maintainer", "contributor", "reader", "steward", "stranger", "grantee"]}
cast = Cast(organization=Organization.objects.get(), **people)
dataset = make_dataset(cast)
add_table(cast.contributor, dataset, schema={**SCHEMA, "primaryKey": ["id"]})
while Resource.objects.filter(verdict="pending").exists():
    time.sleep(0.5)
draft = get_version(actor=cast.contributor, dataset=dataset, version="draft")
submit_version(actor=cast.contributor, version=draft, note="The first.")
decide_review(actor=cast.steward, review=draft.reviews.get(), decision="approve")
"""


@pytest.fixture(scope="module")
def site() -> OwnSite:
    site = own_site()
    site.run(SEED)
    return site


@pytest.fixture
def signed_in(site: OwnSite, browser: Browser) -> Iterator[dict[str, Page]]:
    """A page of each person's own; the test ends red if a console spoke of an error."""
    said: list[str] = []
    pages, contexts = {}, []
    for name in ("stranger", "steward", "contributor"):
        size = {"width": 1280, "height": 900}
        context = browser.new_context(base_url=site.url, viewport=size, bypass_csp=True)  # type: ignore[arg-type]
        page = context.new_page()
        page.on(
            "console",
            lambda message: said.append(f"{message.text} {message.location}") if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto("/accounts/login/")
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "login" not in url)
        pages[name] = page
        contexts.append(context)
    yield pages
    for context in contexts:
        context.close()
    # A refused form is a 400, and the browser asks for an icon by itself.
    assert [line for line in said if "status of 400" not in line and "favicon.ico" not in line] == []


def test_from_the_row_to_the_next_version(signed_in: dict[str, Page]) -> None:
    page = signed_in["stranger"]
    page.goto("/institute/birds/data/")
    page.get_by_role("link", name="10", exact=True).click()
    page.get_by_role("link", name="Correct or label").click()
    expect(page.get_by_role("heading", name="Correct row 10")).to_be_visible()
    assert_accessible(page, "a row to be corrected")
    form = page.locator("form", has=page.get_by_role("button", name="Propose the correction"))
    form.get_by_label("Column").select_option("amount")
    form.get_by_label("It should be", exact=False).first.fill("a lot")
    form.get_by_label("Why").fill("The field book says 14.5.")
    form.get_by_role("button").click()
    expect(page.locator("#errors-title")).to_have_text("There is 1 problem")
    expect(page.locator("#correction_reason")).to_have_value("The field book says 14.5.")
    assert_accessible(page, "a correction that is refused")
    page.fill("#correction_value", "14.5")
    form.get_by_role("button").click()
    expect(page.get_by_text("Proposed. Somebody of the organization decides on it.")).to_be_visible()
    page.goto("/institute/birds/annotations/")
    page.select_option("#column_column", "name")
    page.fill("#column_value", "What people there call it")
    page.get_by_role("button", name="Propose the description").click()

    steward = signed_in["steward"]
    steward.goto("/institute/birds/annotations/")
    assert_accessible(steward, "the list of annotations")
    steward.get_by_role("link", name="Look at it 1").click()
    assert_accessible(steward, "an annotation to be decided")
    steward.fill("#id_reason", "I looked it up.")
    steward.get_by_role("button", name="Accept").click()
    expect(steward.get_by_text("I looked it up.")).to_be_visible()
    steward.get_by_role("button", name="Accept 2").click()

    maker = signed_in["contributor"]
    maker.goto("/institute/birds/annotations/")
    maker.get_by_role("button", name="Apply 2 to the draft").click()
    maker.wait_for_url(lambda url: "/uploads/" in url)
    expect(maker.get_by_text("corrections.parquet").first).to_be_visible()
    for _ in range(60):
        maker.goto("/institute/birds/v/draft/data/?row=10")
        if maker.locator("dl.dl dd").nth(2).inner_text() == "14.5":
            break
        maker.wait_for_timeout(1_000)
    expect(maker.locator("dl.dl dd").nth(2)).to_have_text("14.5")
    maker.goto("/institute/birds/v/draft/schema/")
    expect(maker.get_by_text("What people there call it")).to_be_visible()
    maker.goto("/institute/birds/v/draft/annotations/")
    expect(maker.get_by_text("In the data").nth(1)).to_be_visible()
