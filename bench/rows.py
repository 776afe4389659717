"""Delivery of rows and bytes by a running site: pages anywhere, the first byte of a filtered query, a download.

    python -m bench.rows [--rows 10000000] [--requests 200] [--clients 10] [--processes 2] [--only queries]

A site of its own (PostgreSQL, Valkey, SeaweedFS, gunicorn) has one published table of the pipeline's own Parquet.

- a page of /rows at random places, in the table's order and behind a filter, and of the table sorted by a column, one
  client at a time;
- the first byte of /sql with a filter and a limit (a different question each time, so that nothing is remembered),
  and of /rows with the same filter, so many clients at once;
- the table's Parquet through us (a request with a token is streamed) against the same object straight from the store;
- the table as CSV: speed, and the largest memory of the process that writes it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.convert import ROOT, made
from bench.site import connected, serving, wait_for

VERSION = "/api/v1/datasets/bench/rows/versions/1.0.0"
ROWS = f"{VERSION}/resources/rows/rows"
REGIONS = ("North", "South", "East", "West", "Centre", "Coast", "Hills", "Delta", "Plains", "Lakes", "Isles", "Metro")


@dataclass(frozen=True)
class Site:
    """A running web server, a token of the owner's, and a signed address of the object itself."""

    url: str
    token: str
    direct: str
    rows: int


# ---------------------------------------------------------------- what is served
def converted(rows: int, folder: Path) -> tuple[Path, dict[str, Any]]:
    """The pipeline's Parquet of the clean file of so many rows, and its schema; made once."""
    from ingest.outcome import Stored
    from ingest.pipeline import ingest_file

    kept, schema = folder / f"rows-{rows}.parquet", folder / f"rows-{rows}.json"
    if not (kept.exists() and schema.exists()):
        with tempfile.TemporaryDirectory(dir=folder) as workdir:
            source = made("clean", rows, folder)
            outcome = ingest_file(source, filename="rows.csv", workdir=Path(workdir))
            if not isinstance(outcome, Stored) or len(outcome.resources[0].parts) != 1:
                raise SystemExit("the file did not become one part")
            outcome.resources[0].parts[0].path.rename(kept)
            schema.write_text(json.dumps(outcome.resources[0].schema.to_descriptor()))
    return kept, json.loads(schema.read_text())


def publish(path: Path, schema: dict[str, Any], rows: int, profile: dict[str, Any] | None = None) -> tuple[str, str]:
    """One published version with this table. Returns a token and a signed address of the object."""
    from catalog import keys, storage
    from catalog.actor import Actor
    from catalog.hashes import sha256_of_file
    from catalog.models import Membership, Role, User, VerdictStatus
    from catalog.selectors.datasets import get_dataset, get_version
    from catalog.services.cataloguing.datasets import Description, create_dataset
    from catalog.services.delivering.downloads import PARQUET
    from catalog.services.membership.organizations import create_organization
    from catalog.services.membership.tokens import create_token
    from catalog.services.publishing.resources import Original, StoredPart, StoredTable, add_resource
    from catalog.services.publishing.versions import submit_version
    from catalog.services.reviewing.reports import CheckedTable, record_verdict
    from catalog.services.reviewing.reviews import decide_review
    from catalog.table_schema import TableSchema

    people = {name: User.objects.create_user(name, f"{name}@example.org") for name in ("owner", "steward")}
    owner, steward = Actor(people["owner"]), Actor(people["steward"])
    organization = create_organization(actor=owner, slug="bench", title="Bench")
    Membership.objects.create(organization=organization, user=people["steward"], role=Role.READER, is_steward=True)
    words = Description(access="public", title="Rows", license="CC0-1.0", description="For measuring.")
    dataset = create_dataset(actor=owner, organization=organization, slug="rows", description=words)
    sha256, size = sha256_of_file(path), path.stat().st_size
    key = keys.parquet(dataset.pk, sha256)
    storage.put_file(key, path, content_type=PARQUET)
    resource = add_resource(
        actor=owner,
        dataset=dataset,
        table=StoredTable(
            name="rows",
            title="",
            rows=rows,
            schema=TableSchema.from_descriptor(schema),
            parts=(StoredPart(sha256, size, rows),),
            recipe=[],
            source={"format": "csv"},
            findings_count=0,
            findings=[],
            findings_sha256="",
        ),
        original=Original("rows.csv", sha256, size, "text/csv"),
        pipeline_version="1",
        upload_id=uuid.uuid4(),
    )
    verdict = CheckedTable(
        verdict=VerdictStatus.PASSED,
        score=100.0,
        counts={"passed": 1, "warnings": 0, "failed": 0, "errored": 0},
        outcomes=[],
        profile=profile or {"rows": rows, "columns": []},
        expectations_sha256="",
        engine={},
        seconds=0.1,
        parts=(sha256,),
        rules=dataset.rules,
        personal={"status": "done", "rows": rows, "hits": [], "considered": [], "uniqueness": None, "skipped": []},
    )
    record_verdict(actor=Actor(None), resource=resource, result=verdict, is_stale=False)
    draft = get_version(actor=owner, dataset=dataset, version="draft")
    submitted = submit_version(actor=owner, version=draft, note="For measuring.")
    decide_review(actor=steward, review=submitted.reviews.get(state="open"), decision="approve")
    get_dataset(actor=owner, owner="bench", slug="rows")
    _, token = create_token(actor=owner, name="bench", scopes=["read"])
    return token, storage.presign_get(key, filename="rows.parquet", content_type=PARQUET, seconds=7_200)


@contextmanager
def running(rows: int, folder: Path, processes: int) -> Iterator[Site]:
    """The servers, the table, and gunicorn."""
    with connected(folder) as url:
        token, direct = publish(*converted(rows, folder), rows)
        with serving("deploy.wsgi", url, processes):
            wait_for(f"{url}/healthz")
            yield Site(url, token, direct, rows)


# ---------------------------------------------------------------- what is measured
def first_byte(client: httpx.Client, path: str, params: dict[str, Any]) -> float:
    """Seconds until the first byte of the body, for ever where no slot was free; the rest is read too."""
    begun = time.perf_counter()
    with client.stream("GET", path, params=params) as response:
        if response.status_code == 503:
            return math.inf
        if response.status_code != 200:
            raise SystemExit(f"{response.status_code}: {response.read().decode()[:500]}")
        pieces = response.iter_raw()
        next(pieces)
        found = time.perf_counter() - begun
        for _ in pieces:
            pass
    return found


def together(site: Site, ask: Callable[[httpx.Client, int], float], *, clients: int, requests: int) -> list[float]:
    """So many requests by so many clients at once."""
    local = threading.local()

    def one(number: int) -> float:
        if not hasattr(local, "client"):
            local.client = httpx.Client(base_url=site.url, timeout=120)
        return ask(local.client, number)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(one, range(requests)))


def tell(label: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    shown = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    figures = "  ".join(f"{name} {ordered[int((len(ordered) - 1) * at)] * 1e3:7.0f} ms" for name, at in shown.items())
    print(f"{label:44}{figures}", flush=True)


def pages(site: Site, requests: int) -> None:
    chance = random.Random(1)
    with httpx.Client(base_url=site.url, timeout=120) as client:
        client.get(ROWS, params={"limit": 50}).raise_for_status()
        first = client.get(ROWS, params={"limit": 50, "is:region": "North"}).json()

        def plain(_client: httpx.Client, _: int) -> float:
            return first_byte(client, ROWS, {"limit": 50, "offset": chance.randrange(site.rows - 50)})

        after = {"next": first["next"]}

        def behind(_client: httpx.Client, _: int) -> float:
            begun = time.perf_counter()
            page = client.get(ROWS, params={"limit": 50, "is:region": "North", "after": after["next"]}).json()
            after["next"] = page["next"] or first["next"]
            return time.perf_counter() - begun

        def by(column: str) -> list[float]:
            """Every other page is the first of the table in this order, the others each the one behind the last."""
            after = {"next": ""}

            def one(number: int) -> float:
                begun = time.perf_counter()
                given = {"after": after["next"]} if number % 2 and after["next"] else {}
                page = client.get(ROWS, params={"limit": 50, "sort": column, **given}).raise_for_status().json()
                after["next"] = page["next"]
                return time.perf_counter() - begun

            return [one(number) for number in range(max(requests // 4, 2))]

        tell("/rows, a page anywhere", [plain(client, n) for n in range(requests)])
        tell("/rows, the next page behind a filter", [behind(client, n) for n in range(requests)])
        tell("/rows, newest first (in the file's order)", by("-id"))
        tell("/rows, sorted by a column of few values", by("-qty"))
        tell("/rows, sorted by a column in no order", by("-price"))
        search = [first_byte(client, ROWS, {"limit": 50, "q": f"no such text {n}"}) for n in range(3)]
        tell("/rows, a search that finds nothing", search)


def filtered(site: Site, clients: int, requests: int) -> None:
    def sql(client: httpx.Client, number: int) -> float:
        region, least = REGIONS[number % len(REGIONS)], number % 997
        text = f"SELECT id, ts, region, qty, price FROM rows WHERE region = '{region}' AND qty > {least}"
        return first_byte(client, f"{VERSION}/sql", {"sql": text, "format": "csv", "limit": 1_000})

    def rows(client: httpx.Client, number: int) -> float:
        region, least = REGIONS[number % len(REGIONS)], number % 997
        asked = {"is:region": region, "min:qty": least, "format": "csv", "limit": 1_000}
        return first_byte(client, ROWS, {**asked, "columns": "id,ts,region,qty,price"})

    # The cells of each web process are made while it warms up.
    together(site, sql, clients=clients, requests=2 * clients)
    tell(f"/sql with a filter, {clients} at once", together(site, sql, clients=clients, requests=requests))
    tell(f"/rows as CSV with a filter, {clients} at once", together(site, rows, clients=clients, requests=requests))


def download(site: Site, rounds: int = 7) -> None:
    def seconds(url: str, headers: dict[str, str]) -> tuple[float, int]:
        begun, size = time.perf_counter(), 0
        with httpx.stream("GET", url, headers=headers, timeout=300, follow_redirects=True) as response:
            response.raise_for_status()
            for piece in response.iter_raw(1 << 20):
                size += len(piece)
        return time.perf_counter() - begun, size

    ours = f"{site.url}{VERSION}/resources/rows.parquet"
    bearer = {"Authorization": f"Bearer {site.token}"}
    through, direct, size = [], [], 0
    for _ in range(rounds):
        took, size = seconds(ours, bearer)
        through.append(took)
        direct.append(seconds(site.direct, {})[0])
    ratio = min(direct) / min(through)
    print(f"{'Parquet through us / from the store':44}{ratio:7.2f} of the speed ({size / 1e6:.0f} MB)", flush=True)
    redirected = min(seconds(ours, {})[0] for _ in range(rounds))
    print(f"{'… redirected, as without a token':44}{min(direct) / redirected:7.2f} of the speed", flush=True)


def export(site: Site) -> None:
    peak = _Peak()
    begun, size = time.perf_counter(), 0
    with httpx.stream("GET", f"{site.url}{VERSION}/resources/rows.csv", timeout=900) as response:
        response.raise_for_status()
        for piece in response.iter_raw(1 << 20):
            size += len(piece)
    took = time.perf_counter() - begun
    print(f"{'CSV of the whole table':44}{size / 1e6 / took:7.0f} MB/s, {size / 1e6:.0f} MB, cell {peak.stop():.0f} MB")


class _Peak:
    """The largest private memory of any cell of ours while it lasts."""

    def __init__(self) -> None:
        self._most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._ended.set()
        self._thread.join()
        return self._most / 1e6

    def _watch(self) -> None:
        from catalog.sandbox.census import descendants, private_bytes

        while not self._ended.wait(0.2):
            self._most = max([self._most, *(private_bytes(pid) for pid in self._cells(descendants(os.getpid())))])

    @staticmethod
    def _cells(pids: list[int]) -> Iterator[int]:
        for pid in pids:
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if b"catalog.querying.cell:load" in command:
                yield pid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", choices=["pages", "queries", "download", "export"], default="")
    parser.add_argument("--folder", type=Path, default=ROOT / "bench" / "out")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with running(arguments.rows, arguments.folder, arguments.processes) as site:
        print(f"{arguments.rows:,} rows; load {os.getloadavg()[0]:.1f}", flush=True)
        parts: dict[str, Callable[[], None]] = {
            "pages": lambda: pages(site, arguments.requests),
            "queries": lambda: filtered(site, arguments.clients, arguments.requests),
            "download": lambda: download(site),
            "export": lambda: export(site),
        }
        for name, measure in parts.items():
            if arguments.only in ("", name):
                measure()


if __name__ == "__main__":
    main()
