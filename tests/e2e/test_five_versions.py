"""One dataset through five versions with planted faults: each is caught, on the right page, with the exact rows."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from commonfield import Client
from tests.e2e.own_site import OwnSite
from tests.fixtures.people import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ID = "institute/counts"
DECIDED = 30_000
"""Milliseconds in which a busy machine carries a decision out."""
ROWS = 400
TOKENS = """
from catalog.actor import Actor
from catalog.models import Scope, User
from catalog.services.membership.tokens import create_token
answer = {}
for name in ("contributor", "steward", "maintainer"):
    actor = Actor(User.objects.get(username=name))
    answer[name] = create_token(actor=actor, name="tests", scopes=list(Scope.values), days=1)[1]
"""
RULES = [
    {"type": "not_null", "column": "measured", "mostly": 0.95},
    {"type": "in_set", "column": "station", "values": ["A", "B", "C", "D", "E"], "level": "warning"},
    {"type": "between", "column": "measured", "min": 0, "max": 100},
    {"type": "drift", "column": "measured", "level": "warning"},
]


def rows(**faults: Any) -> list[dict[str, str]]:
    """The table, with what is asked for planted in it."""
    table = []
    for number in range(1, ROWS + 1):
        measured = f"{20 + number * 7 % 50 / 10:.1f}"
        row = {
            "id": str(number),
            "station": "ABCDE"[number % 5],
            "measured": measured,
            "comment": f"seen {number % 13}",
        }
        table.append(row | {name: change(number, row) for name, change in faults.items()})
    return table


def as_csv(path: Path, table: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, table[0])
        writer.writeheader()
        writer.writerows(table)
    return path


@dataclass
class People:
    """The site as its owner's and its steward's programs use it."""

    site: OwnSite
    owner: httpx.Client
    steward: httpx.Client
    pushing: Client

    def get(self, path: str, who: httpx.Client | None = None, **params: str) -> Any:
        answer = (who or self.owner).get(f"{self.site.url}/api/v1/{path}", params=params)
        assert answer.is_success, answer.text
        return answer.json()

    def send(self, table: list[dict[str, str]], folder: Path, note: str) -> int:
        """Upload, wait for the checks, submit; the number of the review."""
        self.pushing.push(as_csv(folder / "counts.csv", table), ID, note=note, create=False)
        return int(self.get(f"datasets/{ID}/versions/draft")["review"]["id"])

    def declare_key(self) -> None:
        address = f"{self.site.url}/api/v1/datasets/{ID}/versions/draft/resources/counts"
        schema = self.owner.get(address).json()["schema"] | {"primaryKey": ["id"]}
        assert self.owner.patch(address, json={"schema": schema}).is_success

    def submit(self, note: str) -> int:
        """Hand the draft in as soon as it is checked; the number of the review."""
        address = f"datasets/{ID}/versions/draft"
        for _ in range(120):
            if self.get(address)["verdict"] != "pending":
                break
            time.sleep(0.5)
        answer = self.owner.post(f"{self.site.url}/api/v1/{address}/submit", json={"note": note})
        assert answer.is_success, answer.text
        return int(self.get(address)["review"]["id"])

    def outcomes(self) -> dict[str, Any]:
        report = self.get(f"datasets/{ID}/versions/draft/resources/counts/report")
        return {f"{outcome['type']} {outcome['column']}": outcome for outcome in report["outcomes"]}

    def failing(self, rule: str) -> list[dict[str, str]]:
        """All rows that fail a rule, by the file that the report offers."""
        files = self.outcomes()[rule]["failing_rows"]
        answer = self.owner.get(files["csv"], follow_redirects=True)
        assert answer.is_success, answer.text
        return list(csv.DictReader(io.StringIO(answer.text)))

    def decide(self, review: int, **decision: Any) -> Any:
        answer = self.steward.post(f"{self.site.url}/api/v1/reviews/{review}/decision", json=decision)
        assert answer.is_success, answer.text
        return answer.json()

    def difference(self, base: str, to: str) -> Any:
        for _ in range(120):
            found = self.get(f"datasets/{ID}/versions/{base}/difference", to=to)
            if found["state"] == "done":
                return found
            time.sleep(0.5)
        raise AssertionError(found)


@pytest.fixture(scope="module")
def people(site: OwnSite) -> Iterator[People]:
    tokens = site.ask(TOKENS)
    headers = {name: {"Authorization": f"Bearer {token}"} for name, token in tokens.items()}
    with (
        httpx.Client(headers=headers["contributor"], timeout=60) as owner,
        httpx.Client(headers=headers["steward"], timeout=60) as steward,
        Client(site.url, tokens["contributor"]) as pushing,
    ):
        yield People(site, owner, steward, pushing)


@pytest.fixture
def page(people: People, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=people.site.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "steward")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    yield page
    context.close()


def test_five_versions_with_planted_faults(people: People, page: Page, tmp_path: Path) -> None:
    begin(people)
    clean = rows()
    people.pushing.push(as_csv(tmp_path / "counts.csv", clean), ID, note="Clean.", create=False, submit=False)
    people.declare_key()
    people.decide(people.submit("Clean."), decision="approve")
    nulls_above_the_limit(people, page, tmp_path)
    a_recoded_category(people, page, tmp_path)
    a_retyped_column(people, page, tmp_path)
    keys_twice_mails_and_drift(people, page, tmp_path)


def begin(people: People) -> None:
    body = {"organization": "institute", "slug": "counts", "title": "Counts", "license": "CC0-1.0"}
    assert people.owner.post(f"{people.site.url}/api/v1/datasets", json=body).is_success
    answer = people.owner.put(f"{people.site.url}/api/v1/datasets/{ID}/rules", json={"rules": RULES})
    assert answer.is_success, answer.text


def nulls_above_the_limit(people: People, page: Page, folder: Path) -> None:
    """One value in ten is missing, one in twenty may be."""
    table = rows(measured=lambda n, row: "" if n % 10 == 0 else row["measured"])
    review = people.send(table, folder, "Ten days without a sensor.")
    nulls = people.outcomes()["not_null measured"]
    assert (nulls["status"], nulls["failing_count"]) == ("failed", 40)
    failing = people.failing("not_null measured")
    assert [int(row["row"]) for row in failing] == list(range(10, ROWS + 1, 10))
    assert [int(row["line"]) for row in failing] == [row + 1 for row in range(10, ROWS + 1, 10)]
    found = people.difference("1.0.0", "draft")["tables"]["counts"]
    (measured,) = [column for column in found["cells"]["columns"] if column["name"] == "measured"]
    assert measured["emptied"] == 40

    page.goto(f"/review/{review}/")
    expect(page.get_by_role("heading", name="Your call on each check")).to_be_visible()
    page.get_by_label(re.compile(r"^Publish 1\.\d")).check()
    page.get_by_role("button", name=re.compile("Publish")).click()
    expect(page.locator(".errors")).to_contain_text("Say whether you accept it")
    page.get_by_label(re.compile("Your call: measured has a value")).select_option("accept")
    page.get_by_label(re.compile("Why: measured has a value")).fill("The sensor was off for ten days.")
    page.get_by_role("button", name=re.compile("Publish")).click()
    expect(page.get_by_text(re.compile(r"Published: Counts \d"))).to_be_visible(timeout=DECIDED)
    page.goto(f"/{ID}/quality/")
    expect(page.locator("#accepted")).to_contain_text("The sensor was off for ten days.")


def a_recoded_category(people: People, page: Page, folder: Path) -> None:
    """Station A is called Alpha from now on."""
    last = people.get(f"datasets/{ID}/versions/latest")["number"]
    table = rows(station=lambda _n, row: "Alpha" if row["station"] == "A" else row["station"])
    review = people.send(table, folder, "Longer names.")
    stations = people.outcomes()["in_set station"]
    assert (stations["status"], stations["level"], stations["failing_count"]) == ("failed", "warning", 80)
    assert [int(row["row"]) for row in people.failing("in_set station")] == list(range(5, ROWS + 1, 5))
    found = people.difference(last, "draft")["tables"]["counts"]
    (drift,) = [item for item in found["drift"] if item["name"] == "station"]
    assert "Alpha" in str(drift)
    page.goto(f"/review/{review}/")
    expect(page.locator("main")).to_contain_text("Every value of station is one of")
    expect(page.locator("#changes")).to_contain_text("Alpha")
    people.decide(review, decision="approve", reason="Longer names are welcome.")


def a_retyped_column(people: People, page: Page, folder: Path) -> None:
    """A number becomes a text: it breaks whoever reads it, and the number says so. The steward sends it back."""
    table = rows(measured=lambda _n, row: f"about {row['measured']}")
    review = people.send(table, folder, "Measured by eye.")
    version = people.get(f"datasets/{ID}/versions/draft")
    assert version["number"] == "2.0.0"
    assert people.outcomes()["between measured"]["status"] == "errored"
    assert people.get(f"datasets/{ID}/versions/draft")["verdict"] in ("failed", "errored")
    page.goto(f"/review/{review}/")
    expect(page.locator("#changes")).to_contain_text("measured")
    by_keys(page)
    page.get_by_label("Ask for changes to 2.0.0").check()
    page.get_by_label(re.compile("Your call: Every value of measured is at least")).select_option("ask")
    page.get_by_label(re.compile("Why: Every value of measured is at least")).fill("Are there no numbers?")
    page.fill("#id_reason", "Numbers, please.")
    page.get_by_role("button", name=re.compile("Ask for changes")).click()
    expect(page.get_by_text(re.compile("Sent back to its owner"))).to_be_visible(timeout=DECIDED)
    assert people.get(f"datasets/{ID}/versions/draft")["state"] == "draft"


def by_keys(page: Page) -> None:
    """From check to check and a word on each, without a mouse; a call is taken back before the decision."""
    calls = page.locator("fieldset[data-call]")
    assert calls.count() >= 2
    first, second = calls.nth(0), calls.nth(1)
    page.keyboard.press("j")
    expect(first).to_be_focused()
    page.keyboard.press("j")
    expect(second).to_be_focused()
    page.keyboard.press("k")
    expect(first).to_be_focused()
    page.keyboard.press("r")
    expect(first.locator("select")).to_have_value("refuse")
    expect(first.locator("textarea")).to_be_focused()
    # Whoever types writes letters.
    page.keyboard.type("junk?")
    expect(first.locator("textarea")).to_have_value("junk?")
    expect(first.locator("select")).to_have_value("refuse")
    first.locator("textarea").fill("")
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    page.keyboard.press("Shift+?")
    expect(first.locator("select")).to_have_value("ask")
    first.get_by_role("button", name=re.compile("^Undo")).click()
    expect(first.locator("select")).to_have_value("refuse")
    page.keyboard.press("u")
    expect(first.locator("select")).to_have_value("")
    expect(first.get_by_role("button", name=re.compile("^Undo"))).to_be_hidden()
    page.keyboard.press("2")
    expect(page.get_by_label("Ask for changes to 2.0.0")).to_be_checked()


def keys_twice_mails_and_drift(people: People, page: Page, folder: Path) -> None:
    """Twelve rows stand twice, e-mails in comments, and everything measured 30 higher."""
    table = rows(
        measured=lambda _n, row: f"{float(row['measured']) + 30:.1f}",
        comment=lambda n, row: f"ask anna.berg{n}@example.org" if n % 20 == 0 else row["comment"],
    )
    table += table[:12]
    review = people.send(table, folder, "With the missing ones.")
    outcomes = people.outcomes()
    assert outcomes["unique id"]["status"] == "failed"
    assert sorted(int(row["row"]) for row in people.failing("unique id")) == [*range(1, 13), *range(401, 413)]
    assert outcomes["drift measured"]["status"] == "failed"
    held = people.get(f"reviews/{review}", people.steward)["held"]
    assert [item["kind"] for item in held] == ["email"]
    assert "comment" in held[0]["where"]
    report = people.get(f"datasets/{ID}/versions/draft/resources/counts/report")
    (hit,) = [hit for hit in report["personal"]["hits"] if hit["kind"] == "email"]
    assert hit["matched"] == 20
    assert "anna.berg" not in str(report["personal"])

    page.goto(f"/review/{review}/")
    expect(page.locator("#personal")).to_contain_text("comment")
    expect(page.locator("main")).to_contain_text("No value of id stands twice.")
    refused = people.steward.post(
        f"{people.site.url}/api/v1/reviews/{review}/decision", json={"decision": "approve", "reason": "Fine."}
    )
    assert refused.status_code == 422
    page.get_by_label(re.compile("^Ask for changes")).check()
    page.get_by_label(re.compile("Your call: No value of id")).select_option("refuse")
    page.get_by_label(re.compile("Why: No value of id")).fill("Twelve birds were counted twice.")
    page.fill("#id_reason", "Take the addresses out, and each bird once.")
    page.get_by_role("button", name=re.compile("Ask for changes")).click()
    expect(page.get_by_text(re.compile("Sent back to its owner"))).to_be_visible(timeout=DECIDED)
