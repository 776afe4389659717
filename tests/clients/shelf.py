"""Published tables for third-party clients, each with its source, and the ways to ask for them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import httpx
import psycopg
import pyarrow as pa

from commonfield import Client, RetryPolicy
from tests.fixtures.site import Site

ROWS = 60_000
SQL = f"""
SELECT range AS id, ['Adélie', '金圖', 'Chinstrap', ''' "quoted", '][1 + range % 4] AS species,
       round(sin(range) * 1000, 3) AS mass, DATE '2001-01-01' + CAST(range % 9000 AS INTEGER) AS seen,
       range % 2 = 0 AS tagged, CASE WHEN range % 11 = 0 THEN NULL ELSE range * 7 END AS ring
FROM range({ROWS})
"""
ACCESSES = ("public", "restricted", "private")


@dataclass
class Shelf:
    """The dataset ``institute/shelf-<access>`` holds one table, ``birds``, for each access."""

    site: Site
    source: pa.Table
    file: Path
    versions: dict[str, str] = field(default_factory=dict)

    def dataset(self, access: str) -> str:
        return f"institute/shelf-{access}"

    def url(self, access: str, *, token: str = "", suffix: str = ".parquet") -> str:
        number = self.versions[access]
        address = f"{self.site.url}/api/v1/datasets/{self.dataset(access)}/versions/{number}/resources/birds{suffix}"
        return f"{address}?token={token}" if token else address

    def token(self, who: str) -> str:
        """The token of owner or stranger; "" for nobody."""
        return {"owner": self.site.owner_token, "stranger": self.site.researcher_token, "nobody": ""}[who]

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.site.environment["DATABASE_URL"], autocommit=True) as connection:
            return connection.execute(sql, values).fetchall()

    def downloads(self, access: str) -> list[dict[str, Any]]:
        """The dataset's downloads on the audit trail, newest first, as its owner reads them."""
        with self.site.api(self.site.owner_token) as api:
            answer = api.get(f"/datasets/{self.dataset(access)}/audit", params={"page_size": 100})
            found: list[dict[str, Any]] = answer.raise_for_status().json()["results"]
        return [event for event in found if event["action"] == "resource.downloaded"]

    def bytes_of(self, access: str) -> bytes:
        headers = {"Authorization": f"Bearer {self.site.owner_token}"}
        return httpx.get(self.url(access), headers=headers, timeout=60).raise_for_status().content


def fill_shelf(site: Site, folder: Path) -> Shelf:
    """Publish the same file three times through the client, each accepted by the steward."""
    file = folder / "birds.csv"
    duckdb.sql(f"COPY ({SQL}) TO '{file}' (FORMAT csv, HEADER)")
    shelf = Shelf(site, duckdb.sql(SQL).to_arrow_table(), file)
    for access in ACCESSES:
        shelf.versions[access] = publish(site, file, shelf.dataset(access), folder / "cache", access=access)
    return shelf


def publish(site: Site, file: Path, dataset: str, cache: Path, *, access: str) -> str:
    """Push as the owner and approve as the steward; returns the version's number."""
    with Client(site.url, site.owner_token, cache_dir=cache, retry=RetryPolicy(base=0.1)) as owner:
        words: dict[str, Any] = {"note": "All birds.", "license": "CC0-1.0", "access": access}
        version = owner.push(file, dataset, **words).version
    assert version is not None
    approve(site, version.raw)
    assert version.number is not None
    return version.number


def approve(site: Site, version: dict[str, Any]) -> None:
    with site.api(site.steward_token) as steward:
        decision = {"decision": "approve", "reason": "Looks right."}
        steward.post(f"/reviews/{version['review']['id']}/decision", json=decision).raise_for_status()


def same(found: pa.Table, source: pa.Table) -> bool:
    """The same columns and the same cells; a client's own spelling of a type (large strings) is no difference."""
    assert found.column_names == source.column_names
    return bool(found.cast(source.schema).equals(source))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
