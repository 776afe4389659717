"""The catalog's pages in a real browser, against a whole site: checks that really ran, real sign-ins, no stand-ins."""

from __future__ import annotations

import hashlib
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.accessible import LOOKS, assert_accessible
from tests.e2e.own_site import OwnSite
from tests.fixtures.people import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

EVIL = "<script>alert(1)</script> 气温 \\U0001f321"

# Two versions of one dataset, a restricted one, one in review, one draft: checked by the site's own worker.
SEED = f"""
import time
from catalog.actor import Actor
from catalog.models import Membership, Organization, Resource, User, Version
from catalog.selectors.datasets import get_version
from catalog.services.agreements import write_agreement
from catalog.services.grants import grant_access
from catalog.services.versions import submit_version
from quality.services.rules import set_rules
from tests.fixtures.datasets import add_table, make_dataset
from tests.fixtures.people import Cast
from tests.fixtures.reviews import approve

def actor(name):
    return Actor(User.objects.get(username=name))

people = ("owner", "maintainer", "contributor", "reader", "steward", "stranger", "grantee")
cast = Cast(organization=Organization.objects.get(slug="institute"), **{{name: actor(name) for name in people}})
SPECIES = "CASE range % 3 WHEN 0 THEN 'Adelie' WHEN 1 THEN 'Gentoo' ELSE 'Chinstrap' END"
COLUMNS = (
    "range AS id, " + SPECIES + " AS species, CASE WHEN range % 10 = 0 THEN NULL ELSE 3000.0 + range * 12 END AS mass, "
    "DATE '2007-01-01' + range::INT AS seen, range % 2 = 0 AS tagged, 'x' AS \\"{EVIL}\\""
)
TYPES = [("id", "integer"), ("species", "string"), ("mass", "number"), ("seen", "date"), ("tagged", "boolean")]
FIELDS = [{{"name": name, "type": kind}} for name, kind in [*TYPES, ({EVIL!r}, "string")]]
RULES = [
    {{"type": "between", "column": "mass", "min": 3000, "max": 6000, "level": "warning"}},
    {{"type": "in_set", "column": "species", "values": ["Adelie", "Gentoo", "Chinstrap"]}},
]

def checked(dataset, rows):
    set_rules(actor=cast.contributor, dataset=dataset, rules=RULES)
    sql = "SELECT " + COLUMNS + " FROM range(" + str(rows) + ")"
    resource = add_table(cast.contributor, dataset, name="penguins", sql=sql, schema={{"fields": FIELDS}})
    deadline = time.monotonic() + 120
    while Resource.objects.get(pk=resource.pk).verdict == "pending":
        assert time.monotonic() < deadline, "the worker did not check the table"
        time.sleep(0.3)
    return get_version(actor=cast.contributor, dataset=dataset, version="draft")

def submitted(dataset, rows, note):
    return submit_version(actor=cast.contributor, version=checked(dataset, rows), note=note)

def published(dataset, rows, note):
    version = submitted(dataset, rows, note)
    approve(actor=cast.steward, review=version.reviews.get(state="open"))
    dataset.refresh_from_db()

words = "Measured **by hand**.\\n\\n### How\\n\\n- with a scale"
penguins = make_dataset(cast, slug="penguins", title="Penguins of the Palmer Archipelago", description=words,
                        keywords=["ice", "birds"])
published(penguins, 300, "First season.")
published(penguins, 344, "Second season.")
closed = make_dataset(cast, slug="closed", title="Nests, on request", access="restricted")
published(closed, 100, "First.")
grant_access(actor=cast.owner, dataset=closed, username="grantee")
questions = [dict(label="Kind of use", kind="choice", choices=["research", "teaching"]), dict(label="Institution")]
words_to_sign = "I name the source.\\n\\nI pass nothing on."
write_agreement(actor=cast.owner, dataset=closed, text=words_to_sign, questions=questions)
waiting = make_dataset(cast, slug="waiting", title="Weather of the station")
review = submitted(waiting, 200, "First release.").reviews.get()
checked(make_dataset(cast, slug="drafted", title="Not ready yet"), 50)
answer = review.pk
"""

SENT_AGAIN = """
from catalog.actor import Actor
from catalog.models import Dataset, User
from catalog.selectors.datasets import get_version
from catalog.services.versions import submit_version
actor = Actor(User.objects.get(username="contributor"))
draft = get_version(actor=actor, dataset=Dataset.objects.get(slug="waiting"), version="draft")
answer = submit_version(actor=actor, version=draft, note="Explained.").reviews.get(state="open").pk
"""


@pytest.fixture(scope="module")
def review_id(site: OwnSite) -> int:
    """The site with its datasets; the number of the review that waits."""
    return int(site.ask(SEED))


class Opened:
    """Opens pages as somebody, and keeps what a console called an error and what was asked of other sites."""

    def __init__(self, site: OwnSite, browser: Browser, session_of: Callable[[str], Any]) -> None:
        self._site, self._browser, self._session_of = site, browser, session_of
        self.contexts: list[BrowserContext] = []
        self.said: list[str] = []
        self.allowed = ""
        """A pattern of what a test provokes itself: a form that is refused is an error of the console's."""

    def __call__(self, path: str, person: str = "", **look: Any) -> Page:
        state = self._session_of(person) if person else None
        context = self._browser.new_context(base_url=self._site.url, storage_state=state, **look)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self._check(request.url))
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        return page

    def _check(self, url: str) -> None:
        if not url.startswith((self._site.url, self._site.s3, "data:")):
            self.said.append(f"asked {url}")

    @property
    def complaints(self) -> list[str]:
        return [line for line in self.said if not (self.allowed and re.search(self.allowed, line))]


@pytest.fixture(scope="module")
def session_of(site: OwnSite, browser: Browser, review_id: int) -> Callable[[str], Any]:
    """The cookies of a person who has signed in on the sign-in page."""
    sessions: dict[str, Any] = {}

    def sign_in(name: str) -> Any:
        if name not in sessions:
            context = browser.new_context(base_url=site.url)
            page = context.new_page()
            page.goto("/accounts/login/?next=/about/")
            page.get_by_label("Login").fill(name)
            page.get_by_label("Password").fill(PASSWORD)
            page.locator("main").get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/about/")
            sessions[name] = context.storage_state()
            context.close()
        return sessions[name]

    return sign_in


@pytest.fixture
def opened(site: OwnSite, browser: Browser, session_of: Callable[[str], Any]) -> Iterator[Opened]:
    """The test ends red if a console spoke of an error or a page asked another site."""
    opened = Opened(site, browser, session_of)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.complaints == []


PAGES = [
    ("", "/"),
    ("", "/?q=zzzqqq&access=public"),
    ("", "/organizations/"),
    ("", "/institute/"),
    ("", "/about/"),
    ("", "/institute/penguins/"),
    ("", "/institute/penguins/schema/"),
    ("", "/institute/penguins/quality/"),
    ("", "/institute/penguins/versions/"),
    ("", "/institute/penguins/compare/1.0.0...1.1.0/"),
    ("", "/institute/penguins/use/?with=curl"),
    ("", "/institute/penguins/v/1.0.0/quality/"),
    ("", "/institute/closed/"),
    ("", "/institute/closed/quality/"),
    ("", "/accounts/login/"),
    ("", "/accounts/signup/"),
    ("", "/accounts/password/reset/"),
    ("contributor", "/work/"),
    ("contributor", "/tokens/"),
    ("contributor", "/institute/penguins/edit/"),
    ("contributor", "/institute/drafted/v/draft/"),
    ("contributor", "/institute/drafted/v/draft/schema/edit/"),
    ("contributor", "/institute/waiting/v/draft/"),
    ("contributor", "/review/{review}/"),
    ("contributor", "/accounts/email/"),
    ("contributor", "/accounts/password/change/"),
    ("steward", "/review/"),
    ("steward", "/review/{review}/"),
    ("owner", "/organizations/institute/people/"),
    ("owner", "/organizations/institute/edit/"),
    ("owner", "/organizations/new/"),
    ("owner", "/institute/closed/access/"),
    ("owner", "/institute/closed/access/agreement/"),
    ("owner", "/institute/closed/access/agreement/1/"),
    ("stranger", "/institute/closed/access/request/"),
    ("grantee", "/institute/closed/access/"),
    ("owner", "/institute/penguins/standing/"),
    ("owner", "/institute/penguins/v/1.0.0/standing/"),
    ("owner", "/institute/penguins/v/1.0.0/withdraw/"),
]


@pytest.mark.parametrize(("person", "path"), PAGES)
def test_pages_are_accessible_in_every_look_and_fit_a_small_phone(
    opened: Opened, review_id: int, person: str, path: str
) -> None:
    address = path.format(review=review_id)
    # Axe is put into the page, which our policy forbids; every other test runs under the policy.
    # A colour on its way from one look to the other has no contrast: nothing moves here.
    page = opened(address, person, bypass_csp=True, reduced_motion="reduce")
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page, f"{scheme} {width}", colours_only=scheme == "dark")
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(("person", "path"), PAGES)
def test_pages_keep_to_the_policy(opened: Opened, review_id: int, person: str, path: str) -> None:
    page = opened(path.format(review=review_id), person)
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").count() == 1


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


def test_finding_a_dataset_with_words_and_filters(opened: Opened) -> None:
    page = opened("/")
    results = page.locator("#results")
    expect(results.locator("article")).to_have_count(2)
    page.get_by_label("On request").check()
    expect(results.locator("article")).to_have_count(1)
    expect(results).to_contain_text("Nests, on request")
    expect(page).to_have_url(re.compile("access=restricted"))
    expect(page.locator("#live")).to_contain_text("1 dataset")
    # The address is the state: the same page again, and back.
    page.reload()
    expect(results.locator("article")).to_have_count(1)
    results.get_by_role("link", name="Remove the filter On request").click()
    expect(results.locator("article")).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("palmer archipelago")
    page.keyboard.press("Enter")
    expect(results.locator("article")).to_have_count(1)
    page.get_by_role("link", name="Penguins of the Palmer Archipelago").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Penguins of the Palmer Archipelago")


def test_search_works_without_scripts(opened: Opened) -> None:
    page = opened("/", java_script_enabled=False)
    page.get_by_label("On request").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("article")).to_have_count(1)


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


def test_the_load_line_is_copied_and_names_the_exact_version(site: OwnSite, opened: Opened) -> None:
    page = opened("/institute/penguins/", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#load").get_by_role("button", name="Copy").click()
    expect(page.locator("#load").get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (
        f'import commonfield\n\nsite = commonfield.Client("{site.url}")\n'
        'df = site.load("institute/penguins", version="1.1.0")'
    )


def test_a_file_is_downloaded_as_it_says(opened: Opened) -> None:
    page = opened("/institute/penguins/")
    row = page.locator("#files tbody tr").first
    with page.expect_download() as waiting:
        row.get_by_role("link").click()
    data = waiting.value.path().read_bytes()
    assert row.locator("td[title]").get_attribute("title") == hashlib.sha256(data).hexdigest()


def test_a_restricted_dataset_shows_its_gate_and_opens_for_who_was_let_in(opened: Opened) -> None:
    page = opened("/institute/closed/")
    expect(page.get_by_text("The data are given on request")).to_be_visible()
    expect(page.get_by_role("link", name="Download penguins.parquet")).to_have_count(0)
    page = opened("/institute/closed/", "grantee")
    expect(page.get_by_role("link", name="Download penguins.parquet")).to_be_visible()


def test_signing_in_returns_to_the_page_and_signing_out_leaves(site: OwnSite, opened: Opened) -> None:
    page = opened("/institute/penguins/schema/")
    page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    opened.allowed = "400"
    page.get_by_label("Login").fill("stranger")
    page.get_by_label("Password").fill("wrong password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="There is 1 problem")).to_be_visible()
    assert page.get_by_label("Login").input_value() == "stranger"
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/institute/penguins/schema/")
    page.get_by_role("button", name="Stranger").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


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


def test_the_theme_is_kept_without_a_flash(opened: Opened) -> None:
    page = opened("/", color_scheme="light")
    page.get_by_role("button", name="Light or dark theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/about/")
    # The server wrote it, not a script.
    assert 'data-theme="dark"' in page.request.get("/about/").text()


def test_chinese_and_back(opened: Opened) -> None:
    page = opened("/organizations/")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_role("heading", level=1)).to_have_text("机构")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Organizations")


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
    expect(page.get_by_text("Sent back to its owner: Weather of the station 1.0.0.")).to_be_visible()
    mine = opened("/work/", "contributor")
    expect(mine.get_by_text("Say what “seen” means.")).to_be_visible()
    page.goto(f"/review/{site.ask(SENT_AGAIN)}/")
    page.get_by_label("Publish 1.0.0").check()
    for check in ("The table has exactly these columns", r"Every value of <script>.* is of type text"):
        page.get_by_label(re.compile(f"^Your call: {check}")).select_option("accept")
        page.get_by_label(re.compile(f"^Why: {check}")).fill("The name is a joke.")
    page.get_by_role("button", name="Publish 1.0.0").click()
    expect(page.get_by_text("Published: Weather of the station 1.0.0.")).to_be_visible()
    page.goto("/?sort=newest")
    expect(page.locator("article").first).to_contain_text("Weather of the station")
