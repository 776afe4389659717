"""Entries out of nothing: what a pure serializer is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from catalog.licenses import get_license
from catalog.models import Access
from catalog.protocols.entry import PARQUET, Entry, EntryFile, EntryTable, EntryVersion

PUBLISHED = datetime(2026, 3, 9, 14, 30, 5, 123456, tzinfo=UTC)
PART = EntryFile("parquet", 11, "birds.parquet", "https://data.example/p", PARQUET, "a" * 64, 1200, 100)
ORIGINAL = EntryFile("original", 12, "Vögel & 鸟 #1.csv", "https://data.example/o", "text/csv", "b" * 64, 900, None)
TABLE = EntryTable(
    key=7,
    name="birds",
    title="All birds",
    rows=100,
    columns=3,
    bytes=1200,
    url="https://data.example/t",
    conforms_to="https://data.example/api/v1/schemas/birds/1.0.0",
    files=(PART, ORIGINAL),
)
VERSION = EntryVersion(
    number="2.0.0",
    published_at=PUBLISHED,
    note="More birds.",
    rows=100,
    bytes=1200,
    manifest_sha256="c" * 64,
    is_latest=False,
    withdrawn_at=None,
    withdrawn_reason="",
    previous="1.0.0",
    newer="2.1.0",
    tables=(TABLE,),
)
ENTRY = Entry(
    key=3,
    owner="institute",
    slug="birds",
    title="Birds of the lake",
    description="Every bird that was seen.",
    methods="Counted at dawn, by two people.",
    known_limits="Nothing of the night.",
    license=get_license("CC-BY-4.0"),
    attribution="",
    keywords=("birds", "湖"),
    publisher="Institute of Lakes",
    publisher_key=5,
    contact_name="Dr. Lake",
    contact_email="lake@data.example",
    access=Access.PUBLIC,
    frequency="P1M",
    conforms_to="",
    issued=datetime(2025, 1, 2, tzinfo=UTC),
    modified=datetime(2026, 4, 1, 8, tzinfo=UTC),
    embargo_until=None,
    is_deprecated=False,
    successor="",
    numbers=("1.0.0", "2.0.0", "2.1.0"),
    version=VERSION,
)


def entry(*, version: dict[str, Any] | None = None, **changes: Any) -> Entry:
    """The entry with other words, or with a version of other words."""
    return replace(ENTRY, version=replace(VERSION, **(version or {})), **changes)


WITHDRAWN = {"withdrawn_at": datetime(2026, 5, 1, tzinfo=UTC), "withdrawn_reason": "Wrong units."}
