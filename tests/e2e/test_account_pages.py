"""The account in a real browser: the second step from its first page to its last, the menu, and a form sent too late.

Pages that have an address of their own are looked at with all others (screens.py); here are those that come in a row.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from tests.e2e.looking import QUICK, assert_fits_everywhere
from tests.e2e.opened import Opened, Sessions
from tests.e2e.own_site import OwnSite
from tests.e2e.screens import Screen
from tests.fixtures.people import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

BIRDS = """
import django; django.setup()
from catalog.actor import Actor
from catalog.models import Organization, User
from tests.fixtures.datasets import make_dataset, make_published
from tests.fixtures.people import Cast
people = {user.username: Actor(user) for user in User.objects.all()}
cast = Cast(organization=Organization.objects.get(slug="institute"), **people)
make_published(cast, make_dataset(cast, slug="birds", title="Birds"))
"""


@pytest.fixture(scope="module")
def session_of(site: OwnSite, browser: Browser) -> Sessions:
    return Sessions(site, browser)


@pytest.fixture
def opened(site: OwnSite, browser: Browser, session_of: Sessions) -> Iterator[Opened]:
    """The test ends red if a console spoke of an error or a page asked another site."""
    opened = Opened(site, browser, session_of)
    yield opened
    opened.close()
    assert opened.complaints == []


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def code_of(secret: str) -> str:
    """What the app on the phone shows now (RFC 6238: another one every 30 seconds)."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def look(page: Page, name: str) -> None:
    assert_fits_everywhere(page, Screen(name, page.url), QUICK)
    page.set_viewport_size({"width": 1360, "height": 900})


def test_the_second_step_from_the_settings_to_the_next_sign_in(opened: Opened) -> None:
    page = opened("/settings/", "contributor", reduced_motion="reduce", bypass_csp=True)
    page.get_by_role("link", name="Turn it on").click()
    page.get_by_role("link", name="Turn it on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Continue")
    look(page, "mfa-activate")
    page.get_by_label("Six digits").fill(code_of(page.locator("#totp-key").inner_text()))
    press(page, "Turn it on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    look(page, "mfa-codes")
    code = page.locator("#codes").inner_text().split()[0]
    page.get_by_role("link", name="Make new ones").click()
    look(page, "mfa-generate")
    page.goto("/accounts/logout/")
    press(page, "Sign out")
    page.goto("/accounts/login/?next=/accounts/2fa/totp/deactivate/")
    page.get_by_label("User name or e-mail address").fill("contributor")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    look(page, "mfa-second-step")
    page.get_by_label("Code").fill(code)
    press(page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    page.get_by_role("link", name="authenticator").click()
    look(page, "mfa-reauthenticate")
    page.go_back()
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Continue")
    look(page, "mfa-deactivate")
    press(page, "Turn off two-step sign-in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Two-step sign-in")
    expect(page.locator("main .chip")).to_have_text("Off")


def test_the_menu_and_following_work_without_scripts(opened: Opened, site: OwnSite) -> None:
    site.run(BIRDS)
    page = opened("/institute/birds/", "stranger", java_script_enabled=False)
    press(page, "Follow")
    expect(page.get_by_role("status").first).to_contain_text("You follow “Birds”")
    page.get_by_role("button", name="Stranger").click()
    page.get_by_role("link", name="My work").click()
    expect(page.get_by_role("region", name="Following")).to_contain_text("Birds")
    press(page, "Stop following it Birds")
    expect(page.locator("main")).to_contain_text("You follow nothing.")


def test_what_was_typed_after_the_session_ended_is_sent_after_the_next_sign_in(opened: Opened) -> None:
    page = opened("/settings/", "reader", reduced_motion="reduce", bypass_csp=True)
    page.get_by_label("Institution").fill("Station on the Antarctic Peninsula")
    page.context.clear_cookies(name="sessionid")
    press(page, "Save")
    page.get_by_label("User name or e-mail address").fill("reader")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Send it now")
    expect(page.locator("main")).to_contain_text("Station on the Antarctic Peninsula")
    look(page, "send-again")
    press(page, "Send it again")
    expect(page.get_by_label("Institution")).to_have_value("Station on the Antarctic Peninsula")
