"""The rules of accessibility that every page keeps."""

from __future__ import annotations

import json
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe, AxeResults
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What was in order is not told: of a table it is megabytes.
_TOLD = {"resultTypes": ["violations"]}
OPTIONS = {"runOnly": RULES, **_TOLD}
# Of all rules these alone ask for colours; the others see in the dark what they saw in the light.
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, **_TOLD}


def assert_accessible(page: Page, where: str, *, colours_only: bool = False) -> None:
    """The page as it stands breaks no rule; ``where`` begins the report. It must have been opened with bypass_csp.

    ``colours_only``: it was looked at in the same width in other colours already.
    """
    found = AxeResults(_run(page, OF_COLOURS if colours_only else OPTIONS))
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"


LOOKS: list[tuple[Literal["light", "dark"], int]] = [("light", 1360), ("dark", 390)]


def assert_accessible_in_both_looks(page: Page, where: str) -> None:
    """In the light on a screen, in the dark on a phone; nothing is scrolled sideways. `make matrix` does all four.

    A page that moves to its other colours has no contrast on the way: open it with reduced_motion.
    """
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page, f"{where} {scheme} {width}")
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert sideways <= 0, f"{where} scrolls sideways by {sideways} at {width}"


def _run(page: Page, options: dict[str, Any]) -> Any:
    """What Axe finds; it is put into the page when it is not there yet, half a megabyte of it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return page.evaluate(f"axe.run({json.dumps(options)})")
