"""A dataset with one of its versions as catalogs tell it: words, rights, addresses and files; never a cell.

Plain values, so that each serializer is a function of them. Of a list the words are those that the dataset has now;
of a version that is named they are those of its manifest, which never change (catalog/protocols/entries.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings

from catalog.licenses import License
from catalog.models import Access

PARQUET = "application/vnd.apache.parquet"


@dataclass(frozen=True, slots=True)
class EntryFile:
    """A file that can be downloaded. ``key`` is its row's; ``rows`` is None where they were not counted.

    Only a document has a ``title`` and a ``description`` of its own.
    """

    kind: Literal["parquet", "original", "document"]
    key: int
    name: str
    url: str
    media_type: str
    sha256: str
    bytes: int
    rows: int | None
    title: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class EntryTable:
    """A table. ``url`` is its address in the API; ``conforms_to`` that of its standard schema, or ""."""

    key: int
    name: str
    title: str
    rows: int
    columns: int
    bytes: int
    url: str
    conforms_to: str
    files: tuple[EntryFile, ...]

    @property
    def parts(self) -> tuple[EntryFile, ...]:
        return tuple(file for file in self.files if file.kind == "parquet")


@dataclass(frozen=True, slots=True)
class EntryVersion:
    """A published or withdrawn version; ``previous`` and ``newer`` are the numbers beside it, or "".

    ``documents`` explain the tables and are not the data: they are not among its ``files``.
    """

    number: str
    published_at: datetime
    note: str
    rows: int
    bytes: int
    manifest_sha256: str
    is_latest: bool
    withdrawn_at: datetime | None
    withdrawn_reason: str
    previous: str
    newer: str
    tables: tuple[EntryTable, ...]
    documents: tuple[EntryFile, ...] = ()

    @property
    def files(self) -> tuple[EntryFile, ...]:
        """Every file once: a workbook of many sheets is the original of many tables."""
        found: dict[tuple[str, str], EntryFile] = {}
        for table in self.tables:
            for file in table.files:
                found.setdefault((file.sha256, file.name), file)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Entry:
    """``embargo_until`` is set only while it lasts; ``successor`` is the page of what to use instead, or ""."""

    key: int
    owner: str
    slug: str
    title: str
    description: str
    methods: str
    known_limits: str
    license: License | None
    attribution: str
    keywords: tuple[str, ...]
    publisher: str
    publisher_key: int
    contact_name: str
    contact_email: str
    access: Access
    frequency: str
    conforms_to: str
    issued: datetime
    modified: datetime
    embargo_until: datetime | None
    is_deprecated: bool
    successor: str
    numbers: tuple[str, ...]
    version: EntryVersion

    @property
    def id(self) -> str:
        return f"{self.owner}/{self.slug}"

    @property
    def page(self) -> str:
        """The address of the dataset for people; also its identifier."""
        return f"{settings.BASE_URL}/{self.id}/"

    @property
    def publisher_page(self) -> str:
        return f"{settings.BASE_URL}/{self.owner}/"

    @property
    def api(self) -> str:
        return f"{settings.BASE_URL}/api/v1/datasets/{self.id}"

    def version_page(self, number: str) -> str:
        """The address of a version for people; also its identifier, which is what is cited."""
        return f"{self.page}v/{number}/"

    def version_api(self, number: str) -> str:
        return f"{self.api}/versions/{number}"

    @property
    def is_open(self) -> bool:
        """Whether anybody may have the bytes now."""
        return self.access == Access.PUBLIC and self.embargo_until is None and self.version.withdrawn_at is None

    @property
    def creator(self) -> str:
        """Who is named when it is cited: the credit line, else the publisher."""
        return self.attribution or self.publisher

    @property
    def summary(self) -> str:
        """The description, or the title where its owner has written none: every standard asks for a text."""
        return self.description or self.title
