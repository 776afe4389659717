"""A screen held against the rules of all pages (design, section 8): one load, then every look at it."""

from __future__ import annotations

import functools
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from playwright.sync_api import BrowserContext, Page

from tests.e2e.accessible import assert_accessible
from tests.e2e.opened import Opened
from tests.e2e.screens import Screen

MOST_SCRIPT, MOST_STYLE = 25_000, 12_000
"""Bytes, compressed, of a page that is read."""
MOST_SHIFT = 0.02
LOADED_AGAIN = 2
"""A browser that is starved draws a table before it has read all its columns, once; what a page does, it does again."""
NARROWEST = 320

# Registered before the page has drawn anything.
WATCH_SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: 'layout-shift', buffered: true });
"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(window.shifts))))"
FETCHED = "() => performance.getEntriesByType('resource').map((entry) => entry.name)"


@dataclass(frozen=True)
class Look:
    """``colours_only``: the rest of the rules was asked, or is, in another look of nearly the same layout."""

    scheme: Literal["light", "dark"]
    width: int
    colours_only: bool = False


QUICK = (Look("dark", 390), Look("light", 1360, colours_only=True))
MATRIX = (
    Look("light", 1360),
    Look("dark", 1360, colours_only=True),
    Look("light", 390),
    Look("dark", 390, colours_only=True),
)


class Looking:
    """Opens screens in one browser a person and language."""

    def __init__(self, opened: Opened, names: dict[str, str]) -> None:
        self._opened, self._names = opened, names
        self._contexts: dict[tuple[str, str], BrowserContext] = {}

    @contextmanager
    def at(self, screen: Screen, language: str = "en") -> Iterator[Page]:
        """The screen, loaded on a wide screen in the light. The console has to be clean until it is left."""
        page = self._opened.listen(self._context(screen.person, language).new_page())
        self._opened.said.clear()
        answer = page.goto(screen.path.format(**self._names))
        assert answer is not None
        assert answer.status == screen.status, f"{screen.name}: {answer.status}"
        yield page
        page.close()
        # That the page itself is a refusal is an error of the console's too.
        refusal = f"status of {screen.status} " if screen.status >= 400 else "\0"
        said = [line for line in self._opened.said if refusal not in line]
        assert said == [], screen.name

    def _context(self, person: str, language: str) -> BrowserContext:
        key = (person, language)
        if key not in self._contexts:
            # A colour on its way from one look to the other has no contrast: nothing moves here.
            context = self._opened.context(person, reduced_motion="reduce", viewport={"width": 1360, "height": 900})
            context.add_init_script(WATCH_SHIFTS)
            url = self._opened.address
            context.add_cookies([{"name": "django_language", "value": language, "url": url}])
            self._contexts[key] = context
        return self._contexts[key]


def assert_well_made(page: Page, screen: Screen) -> None:
    """One heading, nothing moves while it is drawn, and it is light."""
    assert page.locator("h1").count() == 1, screen.name
    shifts = page.evaluate(DRAWN)
    for _ in range(LOADED_AGAIN):
        if shifts < MOST_SHIFT:
            break
        page.reload()
        shifts = min(shifts, page.evaluate(DRAWN))
    assert shifts < MOST_SHIFT, f"{screen.name} shifts by {shifts:.3f}"
    paths = [urlsplit(url).path for url in page.evaluate(FETCHED)]
    script, style = (sum(weight(path) for path in set(paths) if path.endswith(end)) for end in (".js", ".css"))
    assert style < MOST_STYLE, f"{screen.name} has {style} bytes of style"
    assert screen.heavy or script < MOST_SCRIPT, f"{screen.name} has {script} bytes of script"


def assert_fits_everywhere(page: Page, screen: Screen, looks: Sequence[Look], folder: Path | None = None) -> None:
    """Accessible in these looks, and nothing is scrolled sideways, to the smallest phone. ``folder`` gets pictures."""
    for look in looks:
        page.emulate_media(color_scheme=look.scheme)
        page.set_viewport_size({"width": look.width, "height": 900})
        name = f"{screen.name}.{look.scheme}.{look.width}"
        assert_accessible(page, name, colours_only=look.colours_only)
        if folder is not None:
            page.screenshot(path=folder / f"{name}.png", full_page=True)
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROWEST, f"{screen.name} is {width} wide"


@functools.cache
def weight(path: str) -> int:
    """Bytes of a static file as it is sent; 0 for what is none of ours."""
    found = finders.find(path.removeprefix("/static/"))
    return len(gzip.compress(Path(found).read_bytes(), 9)) if isinstance(found, str) else 0
