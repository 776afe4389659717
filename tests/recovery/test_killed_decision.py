"""kill -9 while a steward's decision waits for its time: it is carried out once all the same, and not before."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import valkey

from tests.fixtures.site import PASSWORD
from tests.recovery.crash_site import CrashSite, kill_group, wait_for

pytestmark = [pytest.mark.recovery, pytest.mark.slow]

EVENTS = """SELECT action FROM catalog_auditevent e JOIN catalog_dataset d ON d.id = e.dataset_id
            WHERE d.slug = %s AND action IN ('review.decision_recorded', 'review.approved', 'version.published')
            ORDER BY e.id"""
STATE = """SELECT v.state FROM catalog_version v JOIN catalog_dataset d ON d.id = v.dataset_id WHERE d.slug = %s"""


@pytest.fixture
def steward(crash_site: CrashSite) -> Iterator[httpx.Client]:
    """Signed in at the pages, as a browser without scripts is."""
    with httpx.Client(base_url=crash_site.site.url, follow_redirects=True, timeout=60) as browser:
        send(browser, "/accounts/login/", {"login": "tomas", "password": PASSWORD})
        assert browser.get("/review/").status_code == 200
        yield browser


def send(browser: httpx.Client, path: str, fields: dict[str, str]) -> httpx.Response:
    """A form of that page, with its token."""
    [token, *_] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(path).text)
    headers = {"Referer": str(browser.base_url)}
    return browser.post(path, data={"csrfmiddlewaretoken": token, **fields}, headers=headers).raise_for_status()


def submitted(crash_site: CrashSite, slug: str, path: Path) -> int:
    """A dataset whose first version waits for a decision; the review's id."""
    dataset = crash_site.register(slug)
    crash_site.wait_checked(crash_site.begin(dataset, path))
    crash_site.api.post(f"/datasets/{dataset}/versions/draft/submit", json={"note": "First."}).raise_for_status()
    draft = crash_site.api.get(f"/datasets/{dataset}/versions/draft").raise_for_status().json()
    return int(draft["review"]["id"])


def state_of(crash_site: CrashSite, slug: str) -> str:
    [(state,)] = crash_site.rows(STATE, slug)
    return str(state)


def test_a_decision_outlives_every_process(
    crash_site: CrashSite, steward: httpx.Client, small_csv: Path, tell: Callable[[str, str], None]
) -> None:
    """The message of it is lost with the worker that was sent it: the sweep finds it by its state."""
    slug, web = "decided", crash_site.site.programs["web"]
    review = submitted(crash_site, slug, small_csv)
    with crash_site.no_worker(), valkey.from_url(crash_site.environment["BROKER_URL"]) as broker:
        send(steward, f"/review/{review}/", {"decision": "approve", "reason": "Read."})
        kill_group(web)
        web.start()
        web.wait_ready()
        broker.flushdb()
        assert state_of(crash_site, slug) == "in_review", "its time has not come"
        assert [action for (action,) in crash_site.rows(EVENTS, slug)] == ["review.decision_recorded"]
    began = time.monotonic()
    wait_for("the decision", lambda: state_of(crash_site, slug) == "published", every=0.2)
    done = [action for (action,) in crash_site.rows(EVENTS, slug)]
    assert done == ["review.decision_recorded", "review.approved", "version.published"]
    told = (
        "web and worker killed, message lost, while a decision waited: carried out once, {:.1f} s after a worker came"
    )
    tell("recovery", told.format(time.monotonic() - began))
