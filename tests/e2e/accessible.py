"""The rules of accessibility that every page keeps."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What was in order is not told: of a table it is megabytes.
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"]}


def assert_accessible(page: Page, where: str) -> None:
    """The page as it stands breaks no rule; ``where`` begins the report. It must have been opened with bypass_csp."""
    found = Axe().run(page, options=OPTIONS)
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"
