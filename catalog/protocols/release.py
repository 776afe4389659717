"""A published version as the protocols tell it: words as they were when it was published, tables, parts, addresses.

The words come from the manifest in the bucket, which never changes; so an old version is described tomorrow as today,
whatever its dataset is called then. The names in addresses are those that the dataset has now.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from catalog import keys, storage
from catalog.errors import NotFound
from catalog.licenses import License, get_license
from catalog.manifest import description
from catalog.models import Document, Resource, Version, VersionState
from catalog.protocols.citation.styles import apa_line
from catalog.services.delivering.entitlements import refuse_withdrawn
from catalog.types import ArrowType, column_type


@dataclass(frozen=True, slots=True)
class Column:
    """One column with its type and what its owner says of it. ``field`` is its Table Schema descriptor."""

    name: str
    type: ArrowType
    field: Mapping[str, Any]

    @property
    def description(self) -> str:
        """Title, description and unit in one text; "" where nothing is said."""
        said = [str(self.field.get(key, "")).strip() for key in ("title", "description")]
        unit = str(self.field.get("unit", "")).strip()
        texts = [text for text in said if text] + ([f"Unit: {unit}"] if unit else [])
        return ". ".join(text.rstrip(".") for text in texts)


@dataclass(frozen=True, slots=True)
class PartFile:
    """One Parquet file of a table; ``name`` is what it is saved as."""

    position: int
    name: str
    url: str
    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """One file that a table was made from, as it was uploaded."""

    position: int
    name: str
    url: str
    sha256: str
    bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A file that explains the tables."""

    name: str
    title: str
    description: str
    url: str
    sha256: str
    bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """One table of a release."""

    name: str
    title: str
    rows: int
    bytes: int
    columns: tuple[Column, ...]
    schema: Mapping[str, Any]
    parts: tuple[PartFile, ...]
    originals: tuple[OriginalFile, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """A published version. ``commit`` is what Hugging Face's clients call it: 40 hexadecimal digits."""

    owner: str
    slug: str
    number: str
    sequence: int
    published_at: datetime
    note: str
    manifest_sha256: str
    title: str
    description: str
    methods: str
    known_limits: str
    license: License | None
    attribution: str
    keywords: tuple[str, ...]
    publisher: str
    access: str
    tables: tuple[ReleasedTable, ...]
    documents: tuple[DocumentFile, ...]

    @property
    def id(self) -> str:
        return f"{self.owner}/{self.slug}"

    @property
    def commit(self) -> str:
        return self.manifest_sha256[:40]

    @property
    def creator(self) -> str:
        """Who is named when it is cited: the credit line, else the publisher."""
        return self.attribution or self.publisher

    @property
    def api(self) -> str:
        """The address of the version in the API."""
        return f"{settings.BASE_URL}/api/v1/datasets/{self.id}/versions/{self.number}"

    @property
    def page(self) -> str:
        """The address of the version for people."""
        return f"{settings.BASE_URL}/{self.id}/v/{self.number}/"

    @property
    def citation(self) -> str:
        """One line that names the version with its address."""
        return apa_line(
            creator=self.creator,
            publisher=self.publisher,
            year=self.published_at.year,
            title=self.title,
            number=self.number,
            page=self.page,
        )


def read_release(version: Version) -> Release:
    """The release of a version; its dataset with the organization is read already.

    Raises NotFound for a version that is not published yet, VersionWithdrawn, ObjectMissing, StorageUnavailable.
    """
    refuse_withdrawn(version, remedy=_("Use another version."))
    if version.state != VersionState.PUBLISHED or version.number is None:
        raise NotFound(
            _("Only published versions have this."), remedy=_("Use the number of a published version, or latest.")
        )
    words = _manifest(version.dataset_id, version.number, version.manifest_sha256)
    tables = list(version.resources.prefetch_related("parts", "sources"))
    return _release(version, words, tables, list(version.documents.all()))


def release_of_today(version: Version, resources: Sequence[Resource], documents: Sequence[Document]) -> Release:
    """A published version in the words of today, as its page shows it; nothing is read.

    ``resources`` are its tables, with their parts and sources.
    """
    return _release(version, description(version.dataset), resources, documents)


@functools.lru_cache(maxsize=512)
def _manifest(dataset_id: int, number: str, sha256: str) -> dict[str, Any]:
    """What the manifest says of the dataset. It never changes, so that what was read once is kept."""
    data = storage.read_bytes(keys.manifest(dataset_id, number))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise storage.ObjectMissing("the manifest in the bucket is not the one that was published")
    manifest = json.loads(data)
    names = ("title", "description", "license", "attribution", "keywords", "publisher", "access")
    # Manifests of before there were these have none of them.
    later = {name: manifest.get(name, "") for name in ("methods", "known_limits")}
    return {name: manifest[name] for name in names} | later


def _release(
    version: Version, words: Mapping[str, Any], resources: Sequence[Resource], documents: Sequence[Document]
) -> Release:
    dataset = version.dataset
    if version.number is None or version.published_at is None:
        raise ValueError("a release is made of a published version")
    release = Release(
        owner=dataset.organization.slug,
        slug=dataset.slug,
        number=version.number,
        sequence=version.sequence or 0,
        published_at=version.published_at,
        note=version.note,
        manifest_sha256=version.manifest_sha256,
        title=words["title"],
        description=words["description"],
        methods=words["methods"],
        known_limits=words["known_limits"],
        license=get_license(words["license"]),
        attribution=words["attribution"],
        keywords=tuple(words["keywords"]),
        publisher=words["publisher"]["title"],
        access=words["access"],
        tables=(),
        documents=(),
    )
    return replace(
        release,
        tables=tuple(_table(release, resource) for resource in resources),
        documents=tuple(_document(release, document) for document in documents),
    )


def _document(release: Release, document: Document) -> DocumentFile:
    return DocumentFile(
        document.name,
        document.title,
        document.description,
        f"{release.api}/{document.address}",
        document.sha256,
        document.bytes,
        document.media_type,
    )


def _table(release: Release, resource: Resource) -> ReleasedTable:
    url = f"{release.api}/resources/{resource.name}"
    return ReleasedTable(
        name=resource.name,
        title=resource.title,
        rows=resource.rows,
        bytes=resource.bytes,
        columns=columns_of(resource.schema),
        schema=resource.schema,
        parts=_parts(resource, url),
        originals=_originals(resource, url),
    )


def columns_of(schema: Mapping[str, Any]) -> tuple[Column, ...]:
    """The columns of a stored schema, in the order of the Parquet."""
    return tuple(Column(field["name"], column_type(field), field) for field in schema["fields"])


def _parts(resource: Resource, url: str) -> tuple[PartFile, ...]:
    parts = list(resource.parts.all())
    several = len(parts) > 1
    return tuple(
        PartFile(
            part.position,
            f"{resource.name}-{part.position:05d}.parquet" if several else f"{resource.name}.parquet",
            f"{url}/parts/{part.position}.parquet" if several else f"{url}.parquet",
            part.sha256,
            part.bytes,
            part.rows,
        )
        for part in parts
    )


def _originals(resource: Resource, url: str) -> tuple[OriginalFile, ...]:
    sources = list(resource.sources.all())
    return tuple(
        OriginalFile(
            source.position,
            source.filename,
            f"{url}/originals/{source.position}" if len(sources) > 1 else f"{url}/original",
            source.sha256,
            source.bytes,
            source.media_type,
        )
        for source in sources
    )
