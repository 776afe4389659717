"""Two gigabytes through every fault at once: refused parts, pauses, no network, and a page that is loaded anew."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import duckdb
import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.faulty_line import FaultyLine
from tests.e2e.opened import Sessions
from tests.e2e.own_site import OwnSite
from tests.e2e.sending import PART, begin, expect_stored, sha256_of, uploads_of
from tests.fixtures.figures import Tell

pytestmark = pytest.mark.matrix

ROWS = int(os.environ.get("UPLOAD_ROWS", "9_300_000"))
"""Of 217 bytes each: two gigabytes."""
MOST_WAITED = 15 * 60
"""Seconds that any step may take, on the busiest machine."""
STANDSTILL = 60
MOST_MEMORY = 1_000_000_000
MEASUREMENTS = """
SELECT range + 1 AS id, 'place ' || range % 40 AS place, range * 7919 % 1000003 / 1000 AS value,
       repeat(md5(range::VARCHAR), 6) AS note
FROM range({first}, {end})
"""


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("huge") / "measurements.csv"
    duckdb.sql(f"COPY ({MEASUREMENTS.format(first=0, end=ROWS)}) TO '{path}' (FORMAT csv, HEADER)")
    yield path
    path.unlink()  # pytest would keep it for three runs.


@pytest.fixture
def line() -> Iterator[FaultyLine]:
    line = FaultyLine(refused=0.2, seed=3)
    yield line
    line.close()


class Memory:
    """The most memory (PSS) that processes had together, looked at twice a second until the end of the block."""

    def __init__(self, **roots: psutil.Process) -> None:
        self.most = dict.fromkeys(roots, 0)
        self._roots, self._over = roots, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            for name, root in self._roots.items():
                family = [root, *root.children(recursive=True)]
                self.most[name] = max(self.most[name], sum(map(_pss, family)))


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def chromium() -> psutil.Process:
    """The browser's first process."""
    family = psutil.Process().children(recursive=True)
    return next(process for process in family if process.name().startswith("chrom"))


def wait_for(page: Page, line: FaultyLine, parts: int) -> None:
    """Until so many parts are stored; that none comes for a minute is a standstill."""
    there, until = 0, time.monotonic() + STANDSTILL
    while len(line.stored) < parts:
        if len(line.stored) > there:
            there, until = len(line.stored), time.monotonic() + STANDSTILL
        said = page.locator("upload-panel .up").inner_text() if time.monotonic() > until else ""
        assert time.monotonic() < until, f"{there} of {parts} parts; the page says: {said}"
        page.wait_for_timeout(50)


def pause(page: Page, line: FaultyLine) -> None:
    """For a second in which nothing is sent; what was all here already, the store may still take."""
    row = page.locator("upload-panel .up")
    row.get_by_role("button", name="Pause").press("Enter")
    expect(row).to_contain_text("paused")
    while line.under_way:
        page.wait_for_timeout(50)
    before = line.stored.copy()
    page.wait_for_timeout(1_000)
    assert line.stored == before
    row.get_by_role("button", name="Resume").press("Enter")


def test_it_arrives_whole_whatever_happens_on_the_way(
    site: OwnSite, browser: Browser, huge: Path, line: FaultyLine, tell: Tell
) -> None:
    state = Sessions(site, browser)("contributor")
    asking = browser.new_context(base_url=site.url, storage_state=state).new_page()
    context = browser.new_context(
        base_url=site.url,
        storage_state=state,
        proxy={"server": line.url, "bypass": site.url.removeprefix("http://")},
    )
    page = context.new_page()
    dataset, parts = begin(page, "Two gigabytes"), -(-huge.stat().st_size // PART)
    web = psutil.Process(json.loads((site.folder / "run" / "web.pid").read_text())["pid"])
    with Memory(chromium=chromium(), web=web) as memory:
        begun = time.monotonic()
        page.set_input_files("#files", huge)
        for eighth in (1, 2, 3):
            wait_for(page, line, parts * eighth // 8)
            pause(page, line)
        wait_for(page, line, parts // 2)
        context.set_offline(True)
        expect(page.locator("upload-panel .up")).to_contain_text("no network", timeout=60_000)
        context.set_offline(False)

        wait_for(page, line, parts * 3 // 4)
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        there = len(line.stored)
        unfinished = page.locator("[data-unfinished]")
        with page.expect_file_chooser() as chooser:
            unfinished.get_by_role("button", name=f"Continue {huge.name}").click()
        chooser.value.set_files(huge)
        wait_for(page, line, parts)
        sent = time.monotonic() - begun
        expect_stored(page, huge.name, within=MOST_WAITED * 1_000)
        took = time.monotonic() - begun

    assert line.stored.keys() == set(range(1, parts + 1))
    # Who was cut off while the store answered does not know that it has the part: four at each of the five cuts.
    assert line.stored.total() <= parts + 5 * 4
    assert line.most <= 4
    assert line.refusals > parts // 10
    # Of a file of gigabytes no more than the parts under way is ever in memory.
    assert memory.most["chromium"] < MOST_MEMORY
    assert memory.most["web"] < MOST_MEMORY
    (upload,) = uploads_of(asking, dataset)
    assert (upload["state"], upload["sha256"]) == ("stored", sha256_of(huge))
    draft = f"/api/v1/datasets/{dataset}/versions/draft"
    assert asking.request.get(draft).json()["rows"] == ROWS
    table = f"{draft}/resources/measurements"
    assert hash_of_stored(asking, f"{site.url}{table}") == upload["sha256"]
    last = asking.request.get(f"{table}/rows?columns=id,place,value&sort=-id&limit=3").json()["rows"]
    assert [tuple(row) for row in last] == measured(ROWS - 3, ROWS)[::-1]
    size = huge.stat().st_size / 1e6
    tell(
        "a large upload under faults",
        f"{size:,.0f} MB in {parts} parts, {line.refusals} refused, {line.broken_off} broken off,"
        f" {line.stored.total() - parts} stored twice, {there} there at the reload: sent in {sent:.0f} s"
        f" ({size / sent:.0f} MB/s), stored after {took:.0f} s;"
        f" at most {memory.most['chromium'] / 1e6:,.0f} MB in Chromium, {memory.most['web'] / 1e6:,.0f} MB in the web",
    )
    context.close()
    asking.context.close()


def measured(first: int, end: int) -> list[tuple[int, str, float]]:
    """Rows of the file, without their notes."""
    return duckdb.sql(f"SELECT id, place, value FROM ({MEASUREMENTS.format(first=first, end=end)})").fetchall()


def hash_of_stored(page: Page, url: str) -> str:
    """The sha256 of the original as anybody downloads it."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    sha256 = hashlib.sha256()
    with httpx.stream("GET", f"{url}/original", cookies=cookies, follow_redirects=True, timeout=120) as answer:
        answer.raise_for_status()
        for chunk in answer.iter_bytes(1 << 20):
            sha256.update(chunk)
    return sha256.hexdigest()
