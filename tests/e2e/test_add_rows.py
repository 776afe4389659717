"""Adding rows to a published table in a real browser: what the page says, what the choice does, what a reader gets."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.own_site import OwnSite, own_site
from tests.fixtures.people import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

STORED = 90_000
FILES = {
    "january.csv": "id,name\n1,wren\n2,robin\n3,finch\n",
    "february.csv": "id,name\n4,owl\n5,kite\n",
    "fixes.csv": "id,name\n2,European robin\n9,heron\n",
    "double.csv": "id,name\n1,a\n1,b\n",
}
DIRECT = """
import django; django.setup()
from catalog.models import Organization
Organization.objects.update(review_policy="direct_when_passed")
"""


@pytest.fixture(scope="module")
def site() -> OwnSite:
    site = own_site()
    site.run(DIRECT)
    return site


@pytest.fixture
def page(site: OwnSite, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "contributor")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    yield page
    context.close()
    assert said == []


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def upload(page: Page, path: Path, state: str = "stored") -> str:
    """Choose a file and wait for its end; what its card says."""
    page.set_input_files("#files", path)
    card = page.locator(f"article.job[data-state={state}]").filter(has_text=path.name)
    expect(card).to_be_visible(timeout=STORED)
    expect(card.locator(".chip").first).to_have_text("Stored" if state == "stored" else "Not accepted", timeout=STORED)
    return card.inner_text()


def submit(page: Page, note: str) -> None:
    page.goto(page.url.split("/share/")[0] + "/share/institute/counts/submit/")
    page.fill("#id_note", note)
    page.get_by_label("I may share these data").check()
    page.get_by_label("They tell of persons only").check()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/submitted/")


def test_rows_are_added_and_updated_on_the_page(site: OwnSite, page: Page, files: Path) -> None:
    page.goto("/share/")
    page.fill("#id_title", "Counts")
    page.get_by_role("button", name="Continue to the files").click()
    page.wait_for_url("**/share/institute/counts/")
    expect(page.get_by_text("What the files do")).to_have_count(0)
    upload(page, files / "january.csv")
    page.locator("#license-1").check()
    expect(page.locator("#saved")).to_contain_text(re.compile(r"Saved \d\d:\d\d"), timeout=10_000)
    submit(page, "January.")

    page.goto("/share/institute/counts/")
    expect(page.get_by_text("This version starts with the tables of 1.0.0.")).to_be_visible()
    key = page.get_by_label("Key", exact=True)
    expect(key).to_be_hidden()
    page.get_by_label("Add rows to a table").check()
    expect(key).to_be_hidden()
    assert "2 added" in upload(page, files / "february.csv")
    page.get_by_label("Update a table by key").check()
    expect(key).to_be_visible()
    key.fill("id")
    refused = upload(page, files / "double.csv", "rejected")
    assert "share their id" in refused
    assert "1 added, 1 updated, 0 the same already" in upload(page, files / "fixes.csv")
    page.reload()
    expect(page.locator("#tables")).to_contain_text("6 × 2")
    page.goto("/share/institute/counts/submit/")
    expect(page.locator(".why")).to_contain_text("1.1.0 follows 1.0.0")
    submit(page, "February, and corrections.")

    page.goto("/institute/counts/")
    for name in ("january.csv", "february.csv", "fixes.csv"):
        expect(page.locator("#files")).to_contain_text(name)
    expect(page.locator("#recipe")).to_contain_text("2 rows of february.csv were added.")
    expect(page.locator("#recipe")).to_contain_text("By id, fixes.csv updated 1 rows and added 1; 0 were the same")
    listed = httpx.get(f"{site.url}/api/v1/datasets/institute/counts/versions/1.1.0/files.json").json()["files"]
    parts = [file["url"] for file in listed if file["kind"] == "parquet"]
    got = pd.concat([pd.read_parquet(io.BytesIO(httpx.get(url, follow_redirects=True).content)) for url in parts])
    assert got["id"].to_list() == [1, 2, 3, 4, 5, 9]
    assert got["name"].to_list() == ["wren", "European robin", "finch", "owl", "kite", "heron"]
