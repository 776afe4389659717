"""Hostile names in a real browser: nothing of them runs, and no page is scrolled sideways on the smallest phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.catalog.test_hostile_names import pages
from tests.e2e.looking import NARROWEST
from tests.e2e.opened import Opened, Sessions
from tests.e2e.own_site import OwnSite

pytestmark = pytest.mark.matrix
PICTURES = Path(os.environ.get("SCREENS", Path(__file__).resolve().parents[2] / "var" / "screens")) / "hostile"
SEED = """
from catalog.actor import Actor
from catalog.models import Organization, User
from tests.fixtures.hostile import make_hostile
from tests.fixtures.people import Cast
people = ("owner", "maintainer", "contributor", "reader", "steward", "stranger", "grantee")
actors = {name: Actor(User.objects.get(username=name)) for name in people}
cast = Cast(organization=Organization.objects.get(slug="institute"), **actors)
answer = {name: str(value) for name, value in make_hostile(cast).items()}
"""
ASIDE = ("/favicon.ico", "/notices/", "/uploads/{upload}/", "badge.svg", "suite.json", "changes.json", "changes.csv")
"""Pages that are none, or lead elsewhere."""


@pytest.fixture(scope="module")
def names(site: OwnSite) -> dict[str, object]:
    return dict(site.ask(SEED))


@pytest.fixture
def opened(site: OwnSite, browser: Browser, names: dict[str, object]) -> Iterator[Opened]:
    opened = Opened(site, browser, Sessions(site, browser))
    yield opened
    opened.close()


def test_nothing_runs_and_nothing_is_wider_than_the_smallest_phone(opened: Opened, names: dict[str, object]) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    people = {"owner": opened.listen(phone(opened, "owner")), "steward": opened.listen(phone(opened, "steward"))}
    off: dict[str, str] = {}
    looked = 0
    for person, path in pages(names):
        if person not in people or path.endswith(ASIDE) or "format=csv" in path:
            continue
        page = people[person]
        opened.said.clear()
        answer = page.goto(path)
        if answer is None or answer.status != 200:
            continue
        looked += 1
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > NARROWEST or opened.said:
            off[path] = f"{width} wide; {opened.said}"
        if width > NARROWEST or path.startswith(("/institute/open/", "/institute/wide/", "/review/")):
            name = urlsplit(path).path.strip("/").replace("/", ".") or "home"
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    assert off == {}
    assert looked > 80


def phone(opened: Opened, person: str) -> Page:
    """A page as wide as the smallest phone; a dialog is a script of a name's that ran."""
    page = opened.context(person, viewport={"width": NARROWEST, "height": 800}).new_page()

    def ran(dialog: object) -> None:
        opened.said.append(f"a script ran: {dialog}")

    page.on("dialog", lambda dialog: (ran(dialog.message), dialog.dismiss()))
    return page
