"""What the protocols' clients find: datasets of each access and several versions, published through the site.

``institute/tides`` has the tables ``levels`` and ``stations``. Version 1.0.0 has 200 levels, the next one 50 more in a
file of their own, the third 30 more and a column that the others lack; a fourth was withdrawn. ``institute/zoo`` has a
column of every type that is stored.
"""

from __future__ import annotations

import html
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import psycopg

from commonfield import Client, RetryPolicy
from tests.clients.shelf import approve
from tests.fixtures.datasets import PDF
from tests.fixtures.site import Site

LEVELS = """
SELECT range AS id, ['ST01', 'ST02', '東京'][1 + range % 3] AS station, round(sin(range) * 4, 3) AS level,
       CAST(range AS DECIMAL(12, 2)) / 4 AS price, range % 2 = 0 AS checked,
       DATE '2024-01-01' + CAST(range AS INTEGER) AS day,
       TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_hours(range) AS seen{more}
FROM range({start}, {stop})
"""
STATIONS = "SELECT ['ST01', 'ST02', '東京'][1 + range] AS station, range * 10 AS depth FROM range(3)"
ZOO = """
SELECT CASE WHEN range < 6 THEN CAST(range AS TINYINT) END AS int8, CAST(range * 1000 AS SMALLINT) AS int16,
       CAST(range * 100000 AS INTEGER) AS int32, range * 10000000000 AS int64,
       CAST(range / 4 AS FLOAT) AS float32, range / 3 AS float64, CAST(range AS DECIMAL(20, 4)) AS money,
       range % 2 = 0 AS yes, 'n°' || range AS word, DATE '1999-12-31' + CAST(range AS INTEGER) AS day,
       TIMESTAMP '2024-03-31 01:59:59.123456' + to_hours(range) AS local_time,
       TIMESTAMPTZ '2024-03-31 01:59:59.123456+00' + to_hours(range) AS instant,
       ['a', '', 'c' || range] AS words, [[range], [range, 1]] AS grid,
       {'a': range, 'b': ['x', 'y']} AS thing, [{'q': range, 'r': DATE '2020-02-29'}] AS things
FROM range(8)
"""
GUIDE = "Guide to the gauges 表.pdf"
"""A document of all versions of ``institute/tides``, with a name that needs quotes wherever it stands."""
MAPS = "SELECT range AS id, MAP {'k' || range: range} AS pairs FROM range(4)"
# Further datasets ``institute/tides-…`` of 20 levels. The researcher has a grant for two; one of these has run out.
OTHERS = {
    "registered": "registered",
    "restricted": "restricted",
    "granted": "restricted",
    "ended": "restricted",
    "private": "private",
}


@dataclass(frozen=True)
class Case:
    """What somebody asks for, and what comes of it: a number of rows, or the status that says no.

    ``version`` is a sequence number, 0 for the latest.
    """

    name: str
    dataset: str
    who: str
    rows: int = 0
    status: int = 0
    version: int = 0


SNIPPETS = ("huggingface", "delta", "croissant", "pooch")
CASES = (
    Case("public, nobody", "tides", "nobody", rows=280),
    Case("public, stranger", "tides", "stranger", rows=280),
    Case("old version", "tides", "nobody", rows=200, version=1),
    Case("middle version", "tides", "nobody", rows=250, version=2),
    Case("withdrawn", "tides", "nobody", status=410, version=4),
    Case("registered, nobody", "tides-registered", "nobody", status=401),
    Case("registered, stranger", "tides-registered", "stranger", rows=20),
    Case("restricted, nobody", "tides-restricted", "nobody", status=401),
    Case("restricted, stranger", "tides-restricted", "stranger", status=403),
    Case("restricted, owner", "tides-restricted", "owner", rows=20),
    Case("grant", "tides-granted", "stranger", rows=20),
    Case("grant expired", "tides-ended", "stranger", status=403),
    Case("private, stranger", "tides-private", "stranger", status=404),
    Case("private, owner", "tides-private", "owner", rows=20),
)


@dataclass
class Harbour:
    """The site with the datasets in it. ``numbers`` are the versions of ``institute/tides`` by sequence."""

    site: Site
    folder: Path
    numbers: dict[int, str]

    @property
    def given(self) -> dict[str, Any]:
        """What the scripts in the clients' environment are told."""
        tokens = {"owner": self.site.owner_token, "stranger": self.site.researcher_token, "nobody": ""}
        cases = [{**asdict(case), "number": self.number(case)} for case in CASES]
        told = {"url": self.site.url, "tokens": tokens, "cases": cases, "numbers": self.numbers}
        return {**told, "snippets": {key: self.snippets(key) for key in SNIPPETS}}

    def snippets(self, key: str) -> dict[str, str]:
        """The lines of the page "Use it" for a client: of open data, and of those that the stranger has a grant for."""
        found = {}
        for dataset in ("tides", "tides-granted"):
            address = f"{self.site.url}/institute/{dataset}/use/?with={key}&table=levels"
            page = httpx.get(address).raise_for_status().text
            match = re.search(rf'<code id="snippet-{key}">(.*?)</code>', page, re.DOTALL)
            assert match is not None, page
            found[dataset] = html.unescape(match[1]).replace("cfd_…", self.site.researcher_token)
        return found

    def number(self, case: Case) -> str:
        """The version's number."""
        if case.dataset != "tides":
            return "1.0.0"
        return self.numbers[case.version or 3]

    def reads(self, dataset: str) -> list[dict[str, Any]]:
        """The dataset's reads on the audit trail, newest first, as its owner sees them."""
        with self.site.api(self.site.owner_token) as api:
            answer = api.get(f"/datasets/institute/{dataset}/audit", params={"page_size": 100}).raise_for_status()
        return [event for event in answer.json()["results"] if event["action"] == "resource.read"]


def expected_cells(rows: int) -> list[list[Any]]:
    """The levels as the scripts tell them: id, station, level, checked, day, microseconds since 1970."""
    columns = "id, station, level, checked, CAST(day AS VARCHAR), epoch_us(seen)"
    return [list(row) for row in duckdb.sql(f"SELECT {columns} FROM ({levels(0, rows)}) ORDER BY id").fetchall()]


def fill_harbour(site: Site, folder: Path) -> Harbour:
    """Publish everything; it takes some ten seconds."""
    numbers = {}
    with Client(site.url, site.owner_token, cache_dir=folder / "cache", retry=RetryPolicy(base=0.1)) as owner:
        push = _Push(site, owner, folder)
        words: dict[str, Any] = {"license": "CC-BY-4.0", "title": "Tides", "keywords": ["sea"]}
        words |= {"methods": "Gauges, read *hourly*.", "known_limits": "No tides <below> zero."}
        stations = push.file("stations", STATIONS)
        guide = folder / GUIDE
        guide.write_bytes(PDF)
        owner.push(stations, "institute/tides", note="Stations.", submit=False, documents=[guide], **words)
        numbers[1] = push("tides", "levels", levels(0, 200))
        numbers[2] = push("tides", "levels", levels(200, 250), mode="append")
        more = levels(250, 280, more=", range * 0.5 AS humidity")
        numbers[3] = push("tides", "levels", more, mode="append", new_columns="add")
        numbers[4] = push("tides", "levels", levels(0, 10))
        with site.api(site.owner_token) as api:
            reason = {"reason": "A wrong file."}
            api.post(f"/datasets/institute/tides/versions/{numbers[4]}/withdraw", json=reason).raise_for_status()
        for name, access in OTHERS.items():
            push(f"tides-{name}", "levels", levels(0, 20), **words, access=access)
        _grant(site, "tides-granted")
        _grant(site, "tides-ended")
        _end_grant(site, "tides-ended")
        push("zoo", "animals", ZOO, **words)
        push("maps", "pairs", MAPS, **words)
    return Harbour(site, folder, numbers)


def levels(start: int, stop: int, *, more: str = "") -> str:
    return LEVELS.format(start=start, stop=stop, more=more)


def _grant(site: Site, dataset: str) -> None:
    with site.api(site.owner_token) as api:
        api.post(f"/datasets/institute/{dataset}/grants", json={"username": "amina"}).raise_for_status()


def _end_grant(site: Site, dataset: str) -> None:
    """As time would."""
    ended = "UPDATE catalog_accessgrant SET created = now() - interval '2 days', expires_at = now() - interval '1 day'"
    named = "WHERE dataset_id = (SELECT id FROM catalog_dataset WHERE slug = %s)"
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as connection:
        assert connection.execute(f"{ended} {named}", [dataset]).rowcount == 1


@dataclass
class _Push:
    site: Site
    owner: Client
    folder: Path

    def file(self, name: str, sql: str) -> Path:
        path = self.folder / f"{name}.parquet"
        duckdb.sql(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
        return path

    def __call__(self, dataset: str, table: str, sql: str, **options: Any) -> str:
        version = self.owner.push(self.file(table, sql), f"institute/{dataset}", note="Next.", **options).version
        assert version is not None
        approve(self.site, version.raw)
        assert version.number is not None
        return version.number
