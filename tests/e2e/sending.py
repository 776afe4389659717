"""Files sent by the uploader in a browser: what it sends to the store, and what becomes of it."""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Request, Route, expect

from tests.e2e.own_site import OwnSite

PART = 8 << 20
STORED = 90_000
"""Milliseconds that a busy machine may take from the last byte to the verdict."""


def write_measurements(path: Path, size: int) -> None:
    """A table of at least so many bytes, the same each time."""
    numbers = random.Random(7)
    with path.open("w") as file:
        file.write("id,place,value,note\n")
        row = written = 0
        while written < size:
            lines = []
            for row in range(row + 1, row + 1_001):  # noqa: B020 -- it goes on where it was.
                lines.append(f"{row},place {row % 40},{numbers.random():.15f},{numbers.getrandbits(200):050x}\n")
            written += file.write("".join(lines))


def begin(page: Page, title: str) -> str:
    """A new dataset by the start page; its id."""
    page.goto("/share/")
    page.fill("#id_title", title)
    page.get_by_role("button", name="Continue to the files").click()
    page.wait_for_url("**/share/institute/**")
    return "/".join(urlsplit(page.url).path.strip("/").split("/")[1:3])


def uploads_of(page: Page, dataset: str) -> list[dict[str, Any]]:
    found = page.request.get("/api/v1/uploads?page_size=100").json()["results"]
    return [item for item in found if item["dataset"] == dataset]


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Puts:
    """What the browser sends to the store, and what becomes of it."""

    def __init__(self, page: Page) -> None:
        self.stored: Counter[int] = Counter()
        self.refused = 0
        self.most = 0
        self._open: set[Request] = set()
        page.on("request", self._begun)
        page.on("requestfinished", self._over)
        page.on("requestfailed", self._over)
        page.on("response", lambda answer: self._answered(answer.request, answer.status))

    def _is_part(self, request: Request) -> bool:
        return request.method == "PUT" and "partNumber=" in request.url

    def _begun(self, request: Request) -> None:
        if self._is_part(request):
            self._open.add(request)
            self.most = max(self.most, len(self._open))

    def _over(self, request: Request) -> None:
        self._open.discard(request)

    def _answered(self, request: Request, status: int) -> None:
        if self._is_part(request) and status < 300:
            self.stored[int(parse_qs(urlsplit(request.url).query)["partNumber"][0])] += 1
        elif self._is_part(request):
            self.refused += 1


def slowly(page: Page, site: OwnSite, milliseconds: int) -> None:
    """Every part waits a moment before it goes, so that there is time to do something meanwhile."""

    def wait(route: Route) -> None:
        page.wait_for_timeout(milliseconds)
        route.continue_()

    page.route(re.compile(rf"{re.escape(site.s3)}/.*partNumber="), wait)


def expect_stored(page: Page, name: str, *, within: int = STORED) -> None:
    job = page.get_by_role("article", name=name)
    expect(job.get_by_text("Stored", exact=True).first).to_be_visible(timeout=within)
    expect(job).to_have_attribute("data-state", "stored", timeout=within)
