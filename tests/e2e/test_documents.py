"""Documents in a real browser: chosen, stored, given a title, removed; a file that is no table becomes one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.own_site import OwnSite
from tests.e2e.sending import begin
from tests.fixtures.datasets import PDF
from tests.fixtures.people import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
WAIT = 60_000


@pytest.fixture
def page(site: OwnSite, browser: Browser) -> Iterator[Page]:
    """The contributor's page; what the console calls an error is an error, but for the refusal that is asked for."""
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
    assert [line for line in said if "status of 422" not in line] == []


def test_documents_are_chosen_told_of_and_removed(page: Page, tmp_path: Path) -> None:
    begin(page, "Gulls of the harbour")
    codebook = tmp_path / "codebook.pdf"
    codebook.write_bytes(PDF)
    page.set_input_files("#document-files", codebook)
    listed = page.get_by_role("list", name="Documents of the draft")
    expect(listed.get_by_role("link", name="Download codebook.pdf")).to_be_visible(timeout=WAIT)
    listed.get_by_text("Give it a title").click()
    listed.get_by_label("Title", exact=True).fill("The codebook")
    listed.get_by_role("button", name="Save codebook.pdf").click()
    expect(listed.get_by_text("The codebook")).to_be_visible()
    with page.expect_download() as download:
        listed.get_by_role("link", name="Download codebook.pdf").click()
    assert download.value.suggested_filename == "codebook.pdf"
    assert Path(download.value.path()).read_bytes() == PDF
    listed.get_by_role("button", name="Remove codebook.pdf").click()
    expect(page.get_by_text("No document yet.")).to_be_visible()


def test_a_file_that_is_no_table_is_offered_to_the_documents(page: Page, tmp_path: Path) -> None:
    """By its name before a byte travels, and by its bytes after the worker has looked."""
    begin(page, "Terns of the harbour")
    notes, scan = tmp_path / "notes.docx", tmp_path / "scan.dat"
    notes.write_bytes(b"PK\x03\x04 not much of a document")
    scan.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(60))
    page.set_input_files("#files", notes)
    row = page.get_by_role("list", name="Uploads", exact=True)
    expect(row.get_by_text("notes.docx is a Word document, not a table.")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Add it to the documents notes.docx").click()
    listed = page.get_by_role("list", name="Documents of the draft")
    expect(listed.get_by_role("link", name="Download notes.docx")).to_be_visible(timeout=WAIT)
    page.set_input_files("#files", scan)
    page.get_by_role("button", name="Add it to the documents scan.dat").click(timeout=WAIT)
    expect(listed.get_by_role("link", name="Download scan.dat")).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("button", name="Add it to the documents scan.dat")).to_have_count(0)
