"""Pages opened as somebody, and what their consoles and their requests say of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.own_site import OwnSite
from tests.fixtures.people import PASSWORD

LONGEST = 15_000
"""Milliseconds that anything on a page may take."""
SessionOf = Callable[[str], Any]


class Sessions:
    """The cookies of people who have signed in on the sign-in page, once each."""

    def __init__(self, site: OwnSite, browser: Browser) -> None:
        self._site, self._browser = site, browser
        self._known: dict[str, Any] = {}

    def __call__(self, name: str) -> Any:
        if name not in self._known:
            context = self._browser.new_context(base_url=self._site.url)
            context.set_default_timeout(LONGEST)
            page = context.new_page()
            page.goto("/accounts/login/?next=/about/")
            page.locator("input[name=login]").fill(name)
            page.locator("input[name=password]").fill(PASSWORD)
            page.locator("main").get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/about/")
            self._known[name] = context.storage_state()
            context.close()
        return self._known[name]


class Opened:
    """Opens pages as somebody, and keeps what a console called an error and what was asked of other sites."""

    def __init__(self, site: OwnSite, browser: Browser, session_of: SessionOf) -> None:
        self._site, self._browser, self._session_of = site, browser, session_of
        self.contexts: list[BrowserContext] = []
        self.said: list[str] = []
        self.allowed = ""
        """A pattern of what a test provokes itself: a form that is refused is an error of the console's."""

    def __call__(self, path: str, person: str = "", **look: Any) -> Page:
        page = self.listen(self.context(person, **look).new_page())
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        return page

    def context(self, person: str = "", **look: Any) -> BrowserContext:
        """A browser of its own, signed in as that person."""
        state = self._session_of(person) if person else None
        context = self._browser.new_context(base_url=self._site.url, storage_state=state, **look)
        context.set_default_timeout(LONGEST)
        self.contexts.append(context)
        return context

    def listen(self, page: Page) -> Page:
        """The page, whose errors and requests are kept from now on."""
        page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self._check(request.url))
        return page

    @property
    def address(self) -> str:
        return self._site.url

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _check(self, url: str) -> None:
        if not url.startswith((self._site.url, self._site.s3, "data:", "blob:")):
            self.said.append(f"asked {url}")

    @property
    def complaints(self) -> list[str]:
        return [line for line in self.said if not (self.allowed and re.search(self.allowed, line))]
