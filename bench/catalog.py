"""Search with facets and a dataset's page in a large catalog, and a dataset's answers a second against a bare view.

    python -m bench.catalog [--datasets 100000] [--organizations 500] [--requests 100] [--processes 2] [--seconds 5]

A site of its own (PostgreSQL, Valkey, SeaweedFS, gunicorn with the product's settings, no limits of requests) has a
catalog whose rows are copies of what the services wrote (bench/catalog_rows.py). One client asks, over one connection:

- the search of the API with facets, the list without, the page of the search, for words that nearly all datasets have,
  that few have, for two, for none, for a part of a word and a mistyped one; with filters, sorted, and far behind;
- the page of a dataset and its answer in the API, of another dataset each time; as nobody, and as a member.

How many questions each asks of the database is counted in this process, here and in a catalog of 100 datasets. Then
four connections at once ask for one dataset, for 1,000 in turn, and for a view that does nothing, alone (bench/bare.py)
and as one more address of the site, with its middleware (bench/bare_inside.py), in turns. Beside seconds stand the CPU
seconds (user and system) of the web server's processes a request: they count on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import httpx
import psutil

from bench.catalog_rows import fill
from bench.convert import ROOT
from bench.rows import tell
from bench.site import connected, serving, wait_for
from deploy.embedded.ports import free_ports

SMALL = 100
BARE_INSIDE = "/bare/owner/dataset"
CONNECTIONS = 4
ROUNDS = 3
OF_EACH_PROCESS = 5
"""So often each dataset is asked for beforehand: 19 of 20 are then known to both of two processes."""
API, PAGE = "/api/v1/search", "/"
COMMON, RARE = "data", "pollen"
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "search, no words": (API, {}),
    "search, a word of nearly all": (API, {"q": COMMON}),
    "search, a word of few": (API, {"q": RARE}),
    "search, two words": (API, {"q": "water census"}),
    "search, part of a word": (API, {"q": "biodivers"}),
    "search, mistyped": (API, {"q": "munycipality"}),
    "search, Chinese": (API, {"q": "监测"}),
    "search, filters": (API, {"license": "CC0-1.0", "format": ["csv", "xlsx"], "access": "public"}),
    "search, a word and filters": (API, {"q": COMMON, "quality": "passed", "keyword": "water"}),
    "search, sorted by title": (API, {"q": COMMON, "sort": "title"}),
    "search, far behind": (API, {"page": 0}),
    "list, no words": ("/api/v1/datasets", {}),
    "page of the search, no words": (PAGE, {}),
    "page of the search, a word of nearly all": (PAGE, {"q": COMMON}),
    "page of the search, a word and filters": (PAGE, {"q": RARE, "access": "public", "license": "CC-BY-4.0"}),
}


@dataclass(frozen=True)
class Site:
    """``datasets`` are owner/slug of a thousand that everybody sees; ``session`` is a member's cookie."""

    url: str
    session: str
    datasets: list[str]


def site_of(url: str) -> Site:
    from django.test import Client

    from catalog.actor import ANONYMOUS
    from catalog.models import Dataset, User

    member = Client()
    member.force_login(User.objects.get(username="member"))
    names = Dataset.objects.visible_to(ANONYMOUS).values_list("organization__slug", "slug")
    chosen = random.Random(17).sample(sorted(names), min(1_000, len(names)))
    return Site(url, member.cookies["sessionid"].value, [f"{owner}/{slug}" for owner, slug in chosen])


# ---------------------------------------------------------------- how many questions
def questions(site: Site) -> dict[str, int]:
    """Queries of each request, by nobody and by a member."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    counted: dict[str, int] = {}
    for who, session in (("nobody", ""), ("member", site.session)):
        client = Client(headers={"accept": "*/*"})
        if session:
            client.cookies["sessionid"] = session
        paths = {
            **ASKED,
            "dataset, API": (f"/api/v1/datasets/{site.datasets[0]}", {}),
            "dataset, page": (f"/{site.datasets[0]}/", {}),
        }
        for label, (path, params) in paths.items():
            found = []
            for _ in range(3):
                with CaptureQueriesContext(connection) as asked:
                    client.get(path, params)
                found.append(len(asked))
            # What is remembered for a while, as quotas are, is asked for now and then.
            counted[f"{label}, {who}"] = min(found)
    return counted


def compare_questions(here: dict[str, int], arguments: argparse.Namespace) -> None:
    """Against a small catalog, made and counted in a process of its own."""
    command = [sys.executable, "-m", "bench.catalog", f"--datasets={SMALL}", "--questions"]
    command += [f"--organizations={arguments.organizations}", f"--folder={arguments.folder}"]
    told = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout
    there = json.loads(told.splitlines()[-1])
    for label, count in here.items():
        note = "" if there[label] == count else f"  (of {SMALL} datasets {there[label]})"
        print(f"{label:52}{count:4} queries{note}", flush=True)


# ---------------------------------------------------------------- how long
def cpu(web: psutil.Process) -> float:
    """User and system seconds of the server's processes so far."""
    return sum(sum(process.cpu_times()[:2]) for process in (web, *web.children(recursive=True)))


def latencies(site: Site, web: psutil.Process, requests: int) -> None:
    for who, cookies in (("nobody", {}), ("member", {"sessionid": site.session})):
        print(f"-- {who}", flush=True)
        with httpx.Client(base_url=site.url, timeout=120, cookies=cookies) as client:
            for label, (path, params) in ASKED.items():
                measure(label, client, web, [(path, params)] * requests)
            # The same rows, but never asked for in these words: nothing is remembered.
            new = [(API, {"q": f"{COMMON} -{who}{number}"}) for number in range(requests + 8)]
            measure("search, a word of nearly all, new", client, web, new[8:], warm_up=new[:8])
            measure(
                "dataset, API", client, web, [(f"/api/v1/datasets/{name}", {}) for name in site.datasets[:requests]]
            )
            measure("dataset, page", client, web, [(f"/{name}/", {}) for name in site.datasets[:requests]])


def measure(
    label: str,
    client: httpx.Client,
    web: psutil.Process,
    asked: list[tuple[str, dict[str, Any]]],
    *,
    warm_up: list[tuple[str, dict[str, Any]]] | None = None,
) -> None:
    for path, params in warm_up or asked[:8]:
        # Each process of the server has its own memory to fill.
        client.get(path, params=params).raise_for_status()
    seconds, before = [], cpu(web)
    for path, params in asked:
        begun = time.perf_counter()
        client.get(path, params=params).raise_for_status()
        seconds.append(time.perf_counter() - begun)
    tell(f"{label:38}{(cpu(web) - before) / len(asked) * 1e3:5.1f}", seconds)


# ---------------------------------------------------------------- how many a second
def rate(url: str, paths: list[str], web: psutil.Process, seconds: float) -> tuple[float, float]:
    """Requests a second over some connections at once, and CPU milliseconds of the server a request."""
    port = int(url.rpartition(":")[2])
    counts, until = [0] * CONNECTIONS, time.perf_counter() + seconds
    before, begun = cpu(web), time.perf_counter()
    threads = [
        threading.Thread(target=_ask, args=(port, paths[at::CONNECTIONS] or paths, until, counts, at))
        for at in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = sum(counts)
    return done / (time.perf_counter() - begun), (cpu(web) - before) / done * 1e3


def _ask(port: int, paths: list[str], until: float, counts: list[int], at: int) -> None:
    """One connection that is kept; written by hand, since a client's library costs more than the server."""
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as answers:
        while time.perf_counter() < until:
            path = paths[counts[at] % len(paths)]
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\r\n".encode())
            if answers.readline().split()[1] != b"200":
                raise SystemExit(f"{path} was not answered with 200")
            _read_rest(answers)
            counts[at] += 1


def _read_rest(answers: BinaryIO) -> None:
    """Header and body; in pieces where no length is told, as of a view without any middleware."""
    length = None
    while (line := answers.readline().strip()) != b"":
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    while length is None:
        size = int(answers.readline(), 16)
        answers.read(size + 2)
        length = 0 if size == 0 else None
    answers.read(length)


def rates(site: Site, web: psutil.Process, arguments: argparse.Namespace) -> None:
    """One dataset, many datasets and the bare views, in turns."""
    paths = [f"/api/v1/datasets/{name}" for name in site.datasets]
    os.environ["BARE_BYTES"] = str(len(httpx.get(f"{site.url}{paths[0]}").content) - 80)
    bare_url, inside_url = (f"http://127.0.0.1:{port}" for port in free_ports(2))
    with (
        serving("bench.bare", bare_url, arguments.processes) as bare,
        serving("bench.bare_inside", inside_url, arguments.processes) as inside,
    ):
        wait_for(f"{bare_url}{paths[0]}")
        wait_for(f"{inside_url}{BARE_INSIDE}")
        kinds = {
            "one dataset": (site.url, paths[:1], web),
            "1,000 datasets": (site.url, paths, web),
            "bare view": (bare_url, paths[:1], bare),
            "bare view in the site": (inside_url, [BARE_INSIDE], inside),
        }
        found: dict[str, list[tuple[float, float]]] = {label: [] for label in kinds}
        for _ in range(OF_EACH_PROCESS):
            for path in paths:
                # A connection of its own each time: it may be any of the processes that answers.
                httpx.get(f"{site.url}{path}")
        for _ in range(ROUNDS):
            for label, (base, wanted, process) in kinds.items():
                found[label].append(rate(base, wanted, process, arguments.seconds))
    best = {label: (max(r for r, _ in results), min(c for _, c in results)) for label, results in found.items()}
    for label, (most, cheapest) in best.items():
        ratios = ", ".join(
            f"{most / best[name][0]:5.2f} (by CPU {best[name][1] / cheapest:5.2f}) of the {name}"
            for name in ("bare view", "bare view in the site")
        )
        print(f"{label:28}{most:7.0f} requests/s  {cheapest:6.2f} CPU ms  {ratios}", flush=True)


ENVIRONMENT = dict(os.environ)
"""As it was before the servers of this run stood in it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=int, default=100_000)
    parser.add_argument("--organizations", type=int, default=500)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--folder", type=Path, default=ROOT / "bench" / "out")
    parser.add_argument("--only", choices=["rates"], help="rates: answers a second, nothing else")
    parser.add_argument("--questions", action="store_true", help="only count the queries, as JSON")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with connected(arguments.folder) as url:
        fill(arguments.datasets, organizations=arguments.organizations, folder=arguments.folder)
        # Four fifths of the way to the end.
        ASKED["search, far behind"] = (API, {"page": max(1, arguments.datasets // 25)})
        site = site_of(url)
        if arguments.only is None:
            counted = questions(site)
            if arguments.questions:
                print(json.dumps(counted))
                return
            compare_questions(counted, arguments)
        with serving("deploy.wsgi", url, arguments.processes) as web:
            wait_for(f"{url}/healthz")
            print(f"{arguments.datasets:,} datasets; load {os.getloadavg()[0]:.1f}; CPU ms a request, then seconds")
            if arguments.only is None:
                latencies(site, web, arguments.requests)
            rates(site, web, arguments)


if __name__ == "__main__":
    main()
