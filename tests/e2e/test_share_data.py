"""Sharing a file in a real browser, against the whole site: web, worker and object store as processes of their own."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.accessible import assert_accessible_in_both_looks
from tests.e2e.own_site import OwnSite
from tests.e2e.sending import (
    PART,
    STORED,
    Puts,
    begin,
    expect_stored,
    sha256_of,
    slowly,
    uploads_of,
    write_measurements,
)
from tests.fixtures.people import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def signed_in(site: OwnSite, browser: Browser) -> Any:
    """The cookies of the contributor's session."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "contributor")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def context(site: OwnSite, browser: Browser, signed_in: Any) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.url, storage_state=signed_in)
    yield context
    context.close()


class Console:
    """What the browser's console spoke of as an error; the security policy's complaints are among it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self._allowed: list[str] = []

    def allow(self, pattern: str) -> None:
        """What a test provokes itself (a refused request is an error of the console's)."""
        self._allowed.append(pattern)

    @property
    def complaints(self) -> list[str]:
        return [line for line in self.said if not any(re.search(item, line) for item in self._allowed)]


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def page(context: BrowserContext, console: Console) -> Iterator[Page]:
    """A page that ends the test red if the console spoke of an error."""
    page = context.new_page()
    page.on("console", lambda message: console.said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: console.said.append(str(error)))
    yield page
    page.unroute_all(behavior="ignoreErrors")
    assert console.complaints == []


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of five parts."""
    path = tmp_path_factory.mktemp("large") / "measurements.csv"
    write_measurements(path, 4 * PART + 1_000_000)
    return path


def see_before_and_after(page: Page, cells: int) -> None:
    """In place, without leaving the page."""
    page.get_by_role("link", name=f"Show {cells} cells before and after").click()
    shown = page.get_by_role("region", name="Before and after")
    expect(shown.locator("del")).to_have_count(cells)
    expect(shown).to_be_focused()
    expect(page).to_have_url(re.compile("/clean/$"))


# ---------------------------------------------------------------- the whole way
def test_from_a_file_to_a_submitted_version(site: OwnSite, page: Page, console: Console) -> None:
    console.allow("status of 400")  # The form is sent with mistakes twice.
    dataset = begin(page, "Penguins of Palmer")
    page.set_input_files("#files", DATA / "penguins.csv")
    page.get_by_label("Creative Commons Zero v1.0 Universal").check()
    page.fill("#id_description", "Sizes of *adult* penguins.")
    page.fill("#id_keywords", "penguins, antarctica")
    page.fill("#id_contact_email", "nobody")
    expect(page.locator("#saved")).to_contain_text("This is no e-mail address", timeout=10_000)
    page.fill("#id_contact_email", "data@example.org")
    expect(page.locator("#saved")).to_contain_text(re.compile(r"Saved \d\d:\d\d"), timeout=10_000)
    expect_stored(page, "penguins.csv")
    job = page.get_by_role("article", name="penguins.csv")
    expect(job).to_contain_text("344 rows")
    expect(job).to_contain_text("8 columns")
    job.get_by_text("5 notes on how it was read").click()
    expect(job).to_contain_text("In sex, NA was read as missing in 11 cells.")
    expect(job.get_by_text("Passed")).to_be_visible(timeout=STORED)
    assert not job.get_attribute("hx-get"), "the last fragment asks no more"

    page.get_by_role("link", name="Continue to map & clean").click()
    expect(page.locator(".steps [aria-current=step]")).to_have_text("Map & clean")
    expect(page.get_by_text("19 cells were changed in 5 columns")).to_be_visible()
    see_before_and_after(page, 11)
    page.get_by_role("link", name="Continue to the check").click()
    expect(page.get_by_text("Passed", exact=True)).to_be_visible(timeout=STORED)
    page.get_by_role("link", name="Continue to submit").click()
    expect(page.get_by_label("Version number")).to_have_value("1.0.0")
    page.get_by_role("button", name="Send for review").click()
    expect(page.locator(".errors")).to_contain_text("Say in a sentence what this version is")
    page.get_by_label("What this version is or changes").fill("The first three years.")
    expect(page.locator(".errors")).to_contain_text("Say that you may share them")
    page.get_by_label("Version number").fill("0.9.0")
    page.get_by_label("I may share these data").check()
    page.get_by_label("They tell of persons only").check()
    page.get_by_role("button", name="Send for review").click()
    expect(page.locator(".errors")).to_contain_text("0.9.0 is lower than 1.0.0")
    expect(page.get_by_label("What this version is or changes")).to_have_value("The first three years.")
    page.get_by_label("Version number").fill("1.0.0")
    expect(page.get_by_label("I may share these data")).to_be_checked()
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("heading", name="Version 1.0.0 is in review")).to_be_visible()

    answer = page.request.get(f"/api/v1/datasets/{dataset}").json()
    assert (answer["license"]["id"], answer["keywords"]) == ("CC0-1.0", ["penguins", "antarctica"])
    assert answer["contact"]["email"] == "data@example.org"
    draft = page.request.get(f"/api/v1/datasets/{dataset}/versions/draft").json()
    assert (draft["state"], draft["rows"], draft["note"]) == ("in_review", 344, "The first three years.")
    assert draft["resources"][0]["original"]["sha256"] == sha256_of(DATA / "penguins.csv")
    page.goto(f"/share/{dataset}/")
    expect(page.get_by_role("heading", name="Version 1.0.0 is in review")).to_be_visible()


# ---------------------------------------------------------------- the uploader
def test_a_fifth_of_the_parts_refused_and_each_is_stored_once(
    site: OwnSite, page: Page, console: Console, large: Path
) -> None:
    console.allow("503")
    dataset = begin(page, "Refused parts")
    puts, chance, refused = Puts(page), random.Random(3), []

    def answer(route: Route) -> None:
        if chance.random() < 0.2 or not refused:
            refused.append(route.request.url)
            route.fulfill(status=503, headers={"Access-Control-Allow-Origin": "*"}, body="slow down")
        else:
            route.continue_()

    page.route(re.compile(rf"{re.escape(site.s3)}/.*partNumber="), answer)
    page.set_input_files("#files", large)
    expect_stored(page, large.name)
    assert refused
    assert puts.stored == Counter(dict.fromkeys(range(1, 6), 1))
    assert puts.most <= 4
    (upload,) = uploads_of(page, dataset)
    assert (upload["state"], upload["sha256"]) == ("stored", sha256_of(large))


def test_pause_holds_everything_and_resume_sends_only_the_rest(site: OwnSite, page: Page, large: Path) -> None:
    dataset = begin(page, "Paused")
    puts = Puts(page)
    slowly(page, site, 400)
    page.set_input_files("#files", large)
    row = page.locator("upload-panel .up")
    expect(row.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_timeout(900)
    row.get_by_role("button", name="Pause").press("Enter")
    expect(row).to_contain_text("paused")
    expect(row.get_by_role("button", name="Resume")).to_be_focused()
    page.wait_for_timeout(1_200)
    before = puts.stored.copy()
    page.wait_for_timeout(1_500)
    assert puts.stored == before
    assert sum(before.values()) < 5
    for _ in range(3):
        row.get_by_role("button", name="Resume").press("Enter")
        row.get_by_role("button", name="Pause").press("Enter")
    row.get_by_role("button", name="Resume").press("Enter")
    expect_stored(page, large.name)
    assert puts.most <= 4
    (upload,) = uploads_of(page, dataset)
    assert (upload["state"], upload["sha256"]) == ("stored", sha256_of(large))


def test_after_a_reload_the_same_file_goes_on_where_it_stopped(
    site: OwnSite, page: Page, large: Path, tmp_path: Path
) -> None:
    dataset = begin(page, "Reloaded")
    first = Puts(page)
    page.route(
        re.compile(rf"{re.escape(site.s3)}/.*partNumber=5&"), lambda _route: None, times=1
    )  # The fifth part hangs until the page goes.
    page.set_input_files("#files", large)
    row = page.locator("upload-panel .up")
    expect(row).to_contain_text("33", timeout=30_000)
    while sum(first.stored.values()) < 4:
        page.wait_for_timeout(100)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute_all(behavior="ignoreErrors")
    (upload,) = uploads_of(page, dataset)
    assert upload["state"] == "pending"

    unfinished = page.locator("[data-unfinished]")
    expect(unfinished).to_contain_text(large.name)
    other = tmp_path / large.name
    other.write_text("id\n1\n")
    with page.expect_file_chooser() as chooser:
        unfinished.get_by_role("button", name=f"Continue {large.name}").click()
    chooser.value.set_files(other)
    expect(page.locator("[data-note]").first).to_contain_text("is not the file that was begun")

    second = Puts(page)
    with page.expect_file_chooser() as chooser:
        unfinished.get_by_role("button", name=f"Continue {large.name}").click()
    chooser.value.set_files(large)
    expect(unfinished).to_have_count(0)
    expect_stored(page, large.name)
    assert second.stored == Counter({5: 1})
    (again,) = uploads_of(page, dataset)
    assert (again["id"], again["sha256"]) == (upload["id"], sha256_of(large))


def test_without_network_it_waits_and_goes_on_by_itself(
    site: OwnSite, page: Page, console: Console, context: BrowserContext, large: Path
) -> None:
    console.allow("ERR_INTERNET_DISCONNECTED")
    dataset = begin(page, "Offline")
    slowly(page, site, 300)
    page.set_input_files("#files", large)
    page.wait_for_timeout(500)
    context.set_offline(True)
    row = page.locator("upload-panel .up")
    expect(row).to_contain_text("no network", timeout=15_000)
    page.wait_for_timeout(1_000)
    context.set_offline(False)
    expect_stored(page, large.name)
    (upload,) = uploads_of(page, dataset)
    assert upload["sha256"] == sha256_of(large)


def test_several_files_at_once_and_one_is_cancelled(site: OwnSite, page: Page, large: Path) -> None:
    dataset = begin(page, "Several")
    slowly(page, site, 1_500)
    page.set_input_files("#files", [large, DATA / "penguins.csv"])
    row = page.locator("upload-panel .up").filter(has_text=large.name)
    row.get_by_role("button", name=f"Cancel {large.name}").click()
    expect(row).to_have_count(0)
    expect_stored(page, "penguins.csv")
    states = {item["filename"]: item["state"] for item in uploads_of(page, dataset)}
    assert states == {"penguins.csv": "stored", large.name: "cancelled"}
    page.goto("/uploads/")
    expect(page.get_by_role("row", name=re.compile("penguins.csv.*Several"))).to_contain_text("Stored")


def test_leaving_while_it_runs_asks_first(site: OwnSite, page: Page, large: Path) -> None:
    begin(page, "Leaving")
    slowly(page, site, 2_000)
    page.set_input_files("#files", large)
    expect(page.locator("upload-panel .up")).to_be_visible()
    page.locator("upload-panel h3").first.click()
    asked = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Organizations").click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert "/share/" in page.url
    page.get_by_role("button", name=f"Cancel {large.name}").click()


# ---------------------------------------------------------------- files that are no tables
def test_a_file_that_holds_no_table_is_refused_before_it_is_sent(
    site: OwnSite, page: Page, console: Console, tmp_path: Path
) -> None:
    console.allow("status of 422")
    dataset = begin(page, "No table")
    document = tmp_path / "notes.docx"
    document.write_bytes(b"PK\x03\x04 words")
    page.set_input_files("#files", document)
    row = page.locator("upload-panel .up")
    expect(row).to_contain_text("notes.docx is")
    expect(row).to_contain_text("not a table")
    expect(row.get_by_role("button", name="Resume")).to_be_hidden()
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)
    assert uploads_of(page, dataset) == []


def test_a_damaged_file_says_why_and_what_to_do(site: OwnSite, page: Page, tmp_path: Path) -> None:
    dataset = begin(page, "Damaged")
    damaged = tmp_path / "<b>half.parquet"
    damaged.write_bytes((DATA / "nycflights13_weather.parquet").read_bytes()[:5_000])
    page.set_input_files("#files", damaged)
    job = page.get_by_role("article", name=damaged.name)
    expect(job).to_have_attribute("data-state", "rejected", timeout=STORED)
    expect(job).to_contain_text("Not accepted")
    (upload,) = uploads_of(page, dataset)
    (group,) = upload["findings"]
    assert group["severity"] == "reject"
    expect(job).to_contain_text(group["sentence"])
    expect(job).to_contain_text(group["remedy"])
    assert not job.get_attribute("hx-get")
    page.goto("/uploads/")
    expect(page.get_by_role("row", name=re.compile("half"))).to_contain_text(group["sentence"])


def test_what_was_typed_just_before_leaving_is_saved(page: Page) -> None:
    dataset = begin(page, "Left in a hurry")
    page.fill("#id_description", "Typed, and gone at once.")
    page.goto("/")
    for _ in range(50):
        if said := page.request.get(f"/api/v1/datasets/{dataset}").json()["description"]:
            break
        page.wait_for_timeout(100)
    assert said == "Typed, and gone at once."


# ---------------------------------------------------------------- for everybody
def test_without_scripts_the_page_says_what_to_do_and_the_description_is_saved(
    site: OwnSite, browser: Browser, signed_in: Any
) -> None:
    context = browser.new_context(base_url=site.url, storage_state=signed_in, java_script_enabled=False)
    page = context.new_page()
    dataset = begin(page, "Without scripts")
    expect(page.get_by_text("Uploading in the page needs JavaScript")).to_be_visible()
    for zone in page.locator("upload-panel [data-drop]").all():
        expect(zone).to_be_hidden()
    expect(page.get_by_label("Or from a web address")).to_be_visible()
    page.fill("#id_description", "Saved with the button.")
    page.get_by_role("button", name="Save the description").click()
    expect(page.locator("#id_description")).to_have_value("Saved with the button.")
    page.fill("#id_title", "")
    page.get_by_role("button", name="Save the description").click()
    expect(page.locator(".errors")).to_contain_text("A dataset needs a title")
    assert page.request.get(f"/api/v1/datasets/{dataset}").json()["title"] == "Without scripts"
    context.close()


def test_strangers_find_nothing_and_visitors_are_asked_to_sign_in(site: OwnSite, page: Page, browser: Browser) -> None:
    dataset = begin(page, "Ours alone")
    visitor = browser.new_context(base_url=site.url)
    assert "login" in visitor.request.get(f"/share/{dataset}/").url
    answer = visitor.request.get(f"/share/{dataset}/", max_redirects=0)
    assert answer.status == 302
    visitor.close()


DATES = "id,species,seen\n" + "".join(
    f"{n},{('Adelie', 'adelie ', 'Gentoo')[n % 3]},{1 + n % 9:02}/{1 + n % 7:02}/2024\n" for n in range(40)
)


def test_a_question_is_answered_with_one_click_and_undone_with_another(page: Page, site: OwnSite) -> None:
    dataset = begin(page, "Seen once")
    path = site.folder / "seen.csv"
    path.write_text(DATES)
    page.set_input_files("#files", path)
    expect_stored(page, "seen.csv")
    page.get_by_role("link", name="How it was read").click()
    page.get_by_role("button", name="The month comes first").click()
    # The page is drawn anew by itself once the table was read again.
    undo = page.get_by_role("button", name="Undo Written dates were read as dates. seen")
    expect(undo).to_be_visible(timeout=STORED)
    expect(page.get_by_text("Only you can say")).to_have_count(0)
    address = f"/api/v1/datasets/{dataset}/versions/draft/resources/seen"
    assert kinds(page, address) == {"id": "integer", "species": "string", "seen": "date"}
    # The page of before has to be gone: between the two there is neither button nor job.
    with page.expect_navigation():
        undo.click()
    expect(undo).to_have_count(0, timeout=STORED)
    expect(page.locator("#jobs")).to_have_count(0, timeout=STORED)
    assert kinds(page, address)["seen"] == "string"


def test_a_file_that_is_too_large_is_refused_before_its_first_byte(site: OwnSite, page: Page) -> None:
    dataset = begin(page, "Too large")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method in {"POST", "PUT"} else None)
    # Sparse files: they take no room.
    files = {"hair.csv": 50 * 10**9 + 1, "large.csv": 58 * 10**9, "larger.csv": 70 * 10**9}
    for name, size in files.items():
        with (site.folder / name).open("wb") as file:
            file.truncate(size)
    page.set_input_files("#files", [site.folder / name for name in files])
    told = page.locator("upload-panel [data-note] p")
    expect(told).to_have_count(3)
    expect(told.nth(0)).to_contain_text("hair.csv: 50,000,000,001 B is over 50,000,000,000 B")
    expect(told.nth(1)).to_contain_text("large.csv: 58.0 GB is over 50.0 GB, the most that this site takes of one file")
    expect(told.nth(1)).to_contain_text("Compress it with gzip or zstd, or split it")
    expect(told.nth(2)).not_to_contain_text("Compress it")
    expect(page.locator("#live")).to_contain_text("larger.csv: 70.0 GB is over 50.0 GB")
    assert uploads_of(page, dataset) == []
    assert asked == []
    # A file that fits goes on its way beside one that does not.
    page.set_input_files("#files", [site.folder / "large.csv", DATA / "penguins.csv"])
    expect(told).to_have_count(1)
    expect_stored(page, "penguins.csv")


def kinds(page: Page, address: str) -> dict[str, str]:
    return {field["name"]: field["type"] for field in page.request.get(address).json()["fields"]}


def test_nothing_stands_in_anybodys_way(site: OwnSite, browser: Browser, signed_in: Any) -> None:
    context = browser.new_context(
        base_url=site.url,
        storage_state=signed_in,
        reduced_motion="reduce",
        bypass_csp=True,  # axe itself evaluates code.
    )
    page = context.new_page()
    dataset = begin(page, "Accessible")
    shutil.copy(DATA / "penguins.csv", site.folder / "birds.csv")
    page.set_input_files("#files", [site.folder / "birds.csv", DATA / "penguins.csv"])
    expect_stored(page, "penguins.csv")
    expect_stored(page, "birds.csv")
    clean = f"/share/{dataset}/tables/birds/clean/"
    opening = f"/share/{dataset}/tables/birds/opening/"
    addresses = ["/share/", clean, opening, f"/share/{dataset}/check/", f"/share/{dataset}/submit/", "/uploads/"]
    for address in [page.url, *addresses]:
        if address != page.url:
            page.goto(address)
        assert_accessible_in_both_looks(page, address)
    context.close()
