"""What a browser shows while PostgreSQL is killed: one plain page that says so, and the site again when it is back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.e2e.accessible import assert_accessible_in_both_looks
from tests.fixtures.site import PASSWORD, QUIET, Site, start_site, stop_site
from tests.recovery.test_killed_servers import OwnServers, servers  # noqa: F401 -- a fixture

pytestmark = pytest.mark.matrix
PICTURES = Path(os.environ.get("SCREENS", Path(__file__).resolve().parents[2] / "var" / "screens"))
PAGES = ("/", "/organizations/", "/work/", "/institute/", "/nobody/")


@pytest.fixture(scope="module")
def own(servers: OwnServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:  # noqa: F811
    """A site on servers of its own, one of which dies; its pages are as users have them."""
    with pytest.MonkeyPatch.context() as patcher:
        for name, value in servers.environment.items():
            patcher.setenv(name, value)
        folder = tmp_path_factory.mktemp("database-away")
        site = start_site(folder, name="site_away", broker=1, **QUIET)
        yield site
        stop_site(site)


@pytest.fixture
def page(own: Site, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=own.url, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill("mei")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    yield page
    context.close()


def went(page: Page, path: str) -> Response:
    answer = page.goto(path)
    assert answer is not None
    return answer


def test_pages_say_that_the_site_is_back_in_a_moment_and_it_is(
    own: Site,
    servers: OwnServers,  # noqa: F811
    page: Page,
) -> None:
    assert went(page, "/work/").status == 200
    with servers.killed("postgres"):
        for path in PAGES:
            answer = went(page, path)
            assert (answer.status, answer.headers["retry-after"]) == (503, "30"), path
            assert answer.headers["content-type"].startswith("text/html")
            expect(page.get_by_role("heading", level=1)).to_have_text("Back in a moment")
            for word in ("Traceback", "psycopg", "OperationalError", "127.0.0.1"):
                assert word not in page.content(), f"{path} tells {word}"
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / "database-away.png", full_page=True)
        assert_accessible_in_both_looks(page, "database away")
    # The first that come find connections that died with the server.
    assert [went(page, "/work/").status for _ in range(20)] == [200] * 20
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Back in a moment")
