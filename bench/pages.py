"""Times of the main pages in Chromium: largest paint, shifts, and the answer to a click, on a site as `demo` fills it.

    python -m bench.pages [--loads 9] [--url http://127.0.0.1:8000]

The site is started for this as `manage.py demo` starts it: real files through the real pipeline, two web processes,
worker and beat beside them. Each page is opened in a browser without a cache, and once more in the same one. ``--url``
measures a site that runs already and has the demo's datasets.

- first byte and largest contentful paint (LCP), milliseconds after the navigation began, the median of the loads;
- cumulative layout shift (CLS), the worst of the loads;
- kB that a reader without a cache is sent, compressed as they travel;
- interaction to next paint (INP): the longest event of a click or key, the worst of the loads, with its handlers and
  the frame after it. What is fetched for it comes later; "shown" is when the new content stands there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.convert import ROOT
from deploy.embedded.ports import free_ports

FILLED = "It keeps running"
SERVERS = ("POSTGRES", "VALKEY", "S3")
CHROMIUMS = (os.environ.get("CHROMIUM", ""), "chromium-headless-shell", "chromium")
DATASET = "/open-geography/gapminder/"
PAGES = {
    "home": "/",
    "search": "/?q=penguins&access=public",
    "overview": DATASET,
    "data": f"{DATASET}data/",
    "data, sorted and filtered": f"{DATASET}data/?sort=-pop&min:year=1990",
    "schema": f"{DATASET}schema/",
    "quality": f"{DATASET}quality/",
    "whole report": f"{DATASET}report/",
    "versions": f"{DATASET}versions/",
    "use it": f"{DATASET}use/",
    "document": "/docs/researchers",
}
WATCH = """
window.seen = { lcp: 0, cls: 0, inp: 0 };
new PerformanceObserver((list) => { for (const e of list.getEntries()) window.seen.lcp = e.startTime; })
  .observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) if (!e.hadRecentInput) window.seen.cls += e.value;
}).observe({ type: 'layout-shift', buffered: true });
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) if (e.interactionId) window.seen.inp = Math.max(window.seen.inp, e.duration);
}).observe({ type: 'event', durationThreshold: 16, buffered: true });
"""
READ = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  const [visit] = performance.getEntriesByType('navigation');
  const sent = [visit, ...performance.getEntriesByType('resource')].reduce((sum, e) => sum + e.transferSize, 0);
  done({ ...window.seen, first: visit.responseStart, sent });
}, 50)))"""


@dataclass(frozen=True)
class Load:
    """One visit: milliseconds, and bytes sent."""

    first: float
    lcp: float
    cls: float
    sent: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=9)
    parser.add_argument("--url", default="")
    arguments = parser.parse_args()
    with site(arguments.url) as url, sync_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, CHROMIUMS)))
        browser = playwright.chromium.launch(
            executable_path=chromium, chromium_sandbox=False, args=["--disable-gpu", "--disable-quic"]
        )
        print(f"Chromium {browser.version}; load {os.getloadavg()[0]:.1f}", flush=True)
        print("| page | first byte | LCP | LCP again | CLS | sent, kB |\n|---|---|---|---|---|---|")
        for name, path in PAGES.items():
            print(row(name, *visits(browser, url, path, arguments.loads)), flush=True)
        print("\n| click | INP | shown |\n|---|---|---|")
        for name, (path, click, shown) in CLICKS.items():
            print(clicked(browser, name, url + path, click, shown, arguments.loads), flush=True)
        browser.close()


@contextmanager
def site(url: str) -> Iterator[str]:
    """The site of ``url``, or one that is started, filled and ended here."""
    if url:
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="commonfield-pages-") as folder:
        # PostgreSQL's own user must pass through if we are root.
        Path(folder).chmod(0o711)
        port, *others = free_ports(4)
        servers = {f"COMMONFIELD_{name}_PORT": str(n) for name, n in zip(SERVERS, others, strict=True)}
        command = [sys.executable, "manage.py", "demo", "--bind", f"127.0.0.1:{port}"]
        environment = {**os.environ, **servers, "VAR_DIR": folder}
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as demo:
            try:
                if not any(FILLED in line for line in demo.stdout or ()):
                    raise SystemExit("the demo ended before it was filled")
                yield f"http://127.0.0.1:{port}"
            finally:
                demo.terminate()
                # Its last words are taken before the pipe is closed.
                demo.communicate()


def visits(browser: Browser, url: str, path: str, loads: int) -> tuple[list[Load], list[Load]]:
    """So many first visits, and as many second ones in the same browser."""
    first: list[Load] = []
    again: list[Load] = []
    for _ in range(loads):
        context = opened(browser)
        page = context.new_page()
        for found in (first, again):
            page.goto(url + path, wait_until="load")
            seen = page.evaluate(READ)
            found.append(Load(seen["first"], seen["lcp"], seen["cls"], seen["sent"]))
        context.close()
    return first, again


def opened(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    context.add_init_script(WATCH)
    return context


def row(name: str, first: list[Load], again: list[Load]) -> str:
    middle = statistics.median
    cells = [
        f"{middle(load.first for load in first):.0f} ms",
        f"{middle(load.lcp for load in first):.0f} ms",
        f"{middle(load.lcp for load in again):.0f} ms",
        f"{max(load.cls for load in [*first, *again]):.3f}",
        f"{middle(load.sent for load in first) / 1000:.0f}",
    ]
    return f"| {name} | {' | '.join(cells)} |"


# ---------------------------------------------------------------- clicks
def filter_home(page: Page) -> None:
    page.locator("#filters input[type=checkbox]").first.check()


def sort_rows(page: Page) -> None:
    page.locator(".th-name a").nth(3).click()


def open_cell(page: Page) -> None:
    page.locator("table.data tbody td").nth(4).click()


def open_sql(page: Page) -> None:
    page.keyboard.press("s")


Click = tuple[str, Callable[[Page], None], str]
CLICKS: dict[str, Click] = {
    "a filter on home": ("/", filter_home, "#results .chip.plain"),
    "sort a table's rows": (f"{DATASET}data/", sort_rows, "th[aria-sort]"),
    "open a cell": (f"{DATASET}data/", open_cell, "[popover].cell"),
    "open the SQL panel": (f"{DATASET}data/", open_sql, "#sql-panel:not([hidden])"),
}


def clicked(browser: Browser, name: str, address: str, click: Callable[[Page], None], shown: str, loads: int) -> str:
    longest, times = 0.0, []
    for _ in range(loads):
        context = opened(browser)
        page = context.new_page()
        page.goto(address, wait_until="networkidle")
        begun = page.evaluate("performance.now()")
        click(page)
        page.locator(shown).first.wait_for()
        times.append(page.evaluate("performance.now()") - begun)
        longest = max(longest, page.evaluate(READ)["inp"])
        context.close()
    inp = f"{longest:.0f} ms" if longest else "under 16 ms"
    return f"| {name} | {inp} | {statistics.median(times):.0f} ms |"


if __name__ == "__main__":
    main()
