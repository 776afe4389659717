"""How many clicks a task takes: the budgets of the design, counted by the browser and not by the test.

A click is a press of the pointer, on whatever page of the task. Choosing a file and a licence count as fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.opened import Opened, Sessions
from tests.e2e.own_site import GRACE, OwnSite, own_site

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DATA = Path(__file__).parents[1] / "data"
WAIT = 90_000
"""Milliseconds that a busy machine may take for a job."""
SEED = """
import time
from catalog.actor import Actor
from catalog.models import Organization, Resource, User
from catalog.selectors.datasets import get_version
from catalog.services.membership.tokens import create_token
from catalog.services.publishing.versions import submit_version
from quality.services.rules import set_rules
from tests.fixtures.datasets import add_table, make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.reviews import approve

people = ("owner", "maintainer", "contributor", "reader", "steward", "stranger", "grantee")
cast = Cast(organization=Organization.objects.get(slug="institute"),
            **{name: Actor(User.objects.get(username=name)) for name in people})

def submitted(dataset, rows):
    sql = "SELECT range AS id, 3000.0 + range * 12 AS mass FROM range(%d)" % rows
    fields = [dict(name="id", type="integer"), dict(name="mass", type="number")]
    resource = add_table(cast.contributor, dataset, name="birds", sql=sql, schema=dict(fields=fields))
    deadline = time.monotonic() + 120
    while Resource.objects.get(pk=resource.pk).verdict == "pending":
        assert time.monotonic() < deadline, "the worker did not check the table"
        time.sleep(0.2)
    draft = get_version(actor=cast.contributor, dataset=dataset, version="draft")
    return submit_version(actor=cast.contributor, version=draft, note="New.").reviews.get(state="open")

birds = make_dataset(cast, slug="birds", title="Birds")
set_rules(actor=cast.contributor, dataset=birds, rules=[
    {"type": "between", "column": "mass", "min": 3000, "max": 6000, "level": "warning"}])
for rows in (270, 300):
    approve(actor=cast.steward, review=submitted(birds, rows))
    birds.refresh_from_db()
closed = make_dataset(cast, slug="closed", title="Nests", access="restricted")
approve(actor=cast.steward, review=submitted(closed, 20))
submitted(make_dataset(cast, slug="waiting", title="Weather"), 20)
make_dataset(cast, slug="counts", title="Counts")
create_token(actor=cast.contributor, name="laptop", scopes=["read"])
# From here on what passes is published at once, which is what the budget for publishing is about.
Organization.objects.update(review_policy="direct_when_passed")
answer = None
"""
COUNT = """
addEventListener("pointerdown", (event) => {
  if (!event.isTrusted) return;
  sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") ?? 0) + 1);
}, true);
"""
"""Each press of the pointer, once: a click on a label makes a second click, and a key makes one too."""
Task = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="module")
def site() -> OwnSite:
    site = own_site()
    site.ask(SEED)
    return site


@pytest.fixture(scope="module")
def opened(site: OwnSite, browser: Browser) -> Iterator[Opened]:
    opened = Opened(site, browser, Sessions(site, browser))
    yield opened
    opened.close()
    assert opened.complaints == []


@pytest.fixture
def task(opened: Opened) -> Task:
    """A page on which to do something in at most so many clicks."""

    @contextmanager
    def begin(path: str, person: str = "", *, budget: int) -> Iterator[Page]:
        context = opened.context(person, permissions=["clipboard-read", "clipboard-write"])
        context.add_init_script(COUNT)
        page = opened.listen(context.new_page())
        page.goto(path)
        page.evaluate("sessionStorage.removeItem('clicks')")
        yield page
        clicks = int(page.evaluate("sessionStorage.getItem('clicks')") or 0)
        page.close()
        assert 0 < clicks <= budget, f"{clicks} clicks"

    return begin


def test_rows_are_seen_two_clicks_from_the_first_page(task: Task) -> None:
    with task("/", budget=2) as page:
        page.get_by_role("link", name="Birds").first.click()
        page.get_by_role("link", name="Data", exact=True).click()
        expect(page.locator("#rows tbody tr").first).to_contain_text("3000")


def test_a_bar_of_the_histogram_filters(task: Task) -> None:
    with task("/institute/birds/data/", budget=1) as page:
        page.locator("#rows svg.hist a").last.click()
        page.wait_for_url(re.compile(r"min"))
        expect(page.locator("#rows")).to_contain_text("of 15 rows")


def test_a_line_that_loads_the_data_is_copied(task: Task) -> None:
    with task("/institute/birds/", budget=1) as page:
        page.get_by_role("button", name="Copy").first.click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert "institute/birds" in page.evaluate("navigator.clipboard.readText()")


def test_why_a_check_failed_is_shown_with_its_rows(task: Task) -> None:
    with task("/institute/birds/quality/", budget=1) as page:
        page.get_by_text("of the failing rows").first.click()
        expect(page.get_by_role("region", name="Failing rows").first).to_contain_text("6012")


def test_two_versions_are_compared(task: Task) -> None:
    with task("/institute/birds/versions/", budget=3) as page:
        page.get_by_role("button", name="Show").click()
        expect(page).to_have_url(re.compile(r"/compare/1\.0\.0\.\.\.1\.1\.0/$"))
        expect(page.locator("main")).to_contain_text("30")


def test_a_clean_table_is_published(task: Task, tmp_path: Path) -> None:
    # Nothing has to be changed in it, so that there is no second step.
    clean = tmp_path / "penguins.csv"
    clean.write_text("id,species,mass\n" + "".join(f"{n},Gentoo {n},{4000 + n}\n" for n in range(40)))
    with task("/", "owner", budget=6) as page:
        page.get_by_role("link", name="Share data").first.click()
        page.fill("#id_title", "Penguins")
        page.get_by_role("button", name="Continue to the files").click()
        page.set_input_files("#files", clean)
        # The licence is a field, and chosen by the key.
        page.locator("#license-1").focus()
        page.keyboard.press("Space")
        expect(page.locator("#saved")).to_contain_text(re.compile(r"Saved \d\d:\d\d"), timeout=WAIT)
        page.get_by_role("link", name="Continue to the check").click(timeout=WAIT)
        expect(page.get_by_text("Passed", exact=True)).to_be_visible(timeout=WAIT)
        page.get_by_role("link", name="Continue to submit").click()
        page.fill("#id_note", "The first.")
        page.get_by_label("I may share these data").click()
        # The second sentence is a field as well.
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.get_by_role("button", name="Publish 1.0.0").click()
        expect(page.get_by_role("heading", name="Version 1.0.0 is published")).to_be_visible()


def test_a_broken_upload_goes_on(task: Task, tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("id,mass\n1,2\n")
    with task("/share/institute/counts/", "contributor", budget=1) as page:
        # The only part never arrives: the page goes before.
        page.route(re.compile("partNumber="), lambda _route: None)
        with page.expect_request(re.compile("partNumber=")):
            page.set_input_files("#files", path)
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        page.unroute_all(behavior="ignoreErrors")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Continue broken.csv").click()
        chooser.value.set_files(path)
        expect(page.get_by_role("article", name="broken.csv")).to_have_attribute("data-state", "stored", timeout=WAIT)


def test_one_change_to_the_file_is_taken_back(task: Task) -> None:
    with task("/share/institute/counts/tables/broken/clean/", "contributor", budget=1) as page:
        page.get_by_role("button", name=re.compile("^Undo")).first.click()
        expect(page.locator("#jobs")).to_be_visible()


def test_a_review_is_reached_and_decided_by_keys_alone(opened: Opened) -> None:
    page = opened("/review/", "steward")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Weather")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Weather")).to_be_visible()
    button = page.locator("#decision form button.primary")
    expect(button).to_have_text("Publish 1.0.0")
    page.keyboard.press("2")
    expect(button).to_have_text("Ask for changes to 1.0.0")
    page.keyboard.press("3")
    expect(button).to_have_text("Decline 1.0.0")
    page.keyboard.press("2")
    # No key does anything while somebody types.
    page.get_by_label("Message to the owner").fill("")
    page.get_by_label("Message to the owner").press_sequentially("j1k3")
    expect(page.get_by_label("Message to the owner")).to_have_value("j1k3")
    expect(button).to_have_text("Ask for changes to 1.0.0")
    page.close()


def test_what_the_files_suggest_is_taken_by_a_click(task: Task) -> None:
    with task("/share/institute/counts/", "contributor", budget=1) as page:
        page.get_by_role("button", name=re.compile("^Use Keywords")).click()
        expect(page.locator("#id_keywords")).to_have_value("mass")
        expect(page.locator("#saved")).to_contain_text(re.compile(r"Saved \d\d:\d\d"), timeout=WAIT)
        page.reload()
        expect(page.locator("#id_keywords")).to_have_value("mass")
        expect(page.get_by_role("button", name=re.compile("^Use Keywords"))).to_have_count(0)


def test_a_decision_is_undone_by_one_click_and_what_was_typed_is_still_there(task: Task) -> None:
    with task("/review/", "steward", budget=3) as page:
        page.get_by_role("link", name="Weather").click()
        page.fill("#id_reason", "Well measured.")
        page.get_by_role("button", name="Publish 1.0.0").click()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Undone. Nobody was told")).to_be_visible()
        expect(page.locator("#id_reason")).to_have_value("Well measured.")
        page.wait_for_timeout(GRACE * 1000 + 500)
        page.reload()
        expect(page.get_by_role("button", name="Publish 1.0.0")).to_be_visible()


def test_a_version_is_approved(task: Task) -> None:
    with task("/review/", "steward", budget=2) as page:
        page.get_by_role("link", name="Weather").click()
        page.get_by_role("button", name="Publish 1.0.0").click()
        expect(page.get_by_text("Will be published in a moment by Steward: Weather 1.0.0.")).to_be_visible()
        # The page that is open shows by itself what became of it.
        expect(page.get_by_text("Published: Weather 1.0.0.")).to_be_visible(timeout=WAIT)
        expect(page.get_by_role("button", name="Undo")).to_have_count(0)
        expect(page.locator("#decided")).to_contain_text("Weather")


def test_access_is_asked_for(task: Task) -> None:
    with task("/institute/closed/", "stranger", budget=3) as page:
        page.get_by_role("navigation", name="Dataset").get_by_role("link", name="Access").click()
        page.get_by_role("link", name=re.compile("^Request")).click()
        page.fill("#id_purpose", "To draw a map of nests.")
        page.get_by_role("button", name="Send the request").click()
        expect(page.locator("main")).to_contain_text("To draw a map of nests.")


def test_a_token_is_revoked(task: Task) -> None:
    with task("/institute/birds/", "contributor", budget=4) as page:
        page.get_by_role("button", name="Contributor").click()
        page.get_by_role("link", name="Tokens").click()
        page.get_by_role("button", name="Revoke laptop").click()
        expect(page.get_by_role("button", name="Revoke laptop")).to_have_count(0)
