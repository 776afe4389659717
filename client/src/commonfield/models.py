"""What the registry knows, as frozen dataclasses. `raw` is the JSON that an object was made from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from commonfield._parse import Json, many, maybe, moment, need, number, text, words
from commonfield.errors import BadArgument

Access = Literal["public", "registered", "restricted", "private"]


@dataclass(frozen=True)
class DatasetId:
    """`owner/dataset`, as in the address of its page."""

    owner: str
    slug: str

    @classmethod
    def parse(cls, id: str) -> DatasetId:
        match = re.fullmatch(r"([a-z0-9][a-z0-9-]*)/([a-z0-9][a-z0-9-]*)", id.strip("/ "))
        if match is None:
            raise BadArgument(f"{id!r} is not a dataset's id.", "Write owner/dataset, as in 'palmer/penguins'.")
        return cls(match[1], match[2])

    @property
    def path(self) -> str:
        return f"/datasets/{self.owner}/{self.slug}"

    def version_path(self, version: str) -> str:
        if not re.fullmatch(r"\d+\.\d+\.\d+|latest|draft", version):
            raise BadArgument(
                f"{version!r} is not a version.", "Write a number such as '1.2.0', or 'latest', or 'draft'."
            )
        return f"{self.path}/versions/{version}"

    def __str__(self) -> str:
        return f"{self.owner}/{self.slug}"


@dataclass(frozen=True)
class License:
    id: str
    name: str = ""
    url: str = ""

    @classmethod
    def from_json(cls, data: Json) -> License:
        return cls(str(need(data, "id")), text(data, "name"), text(data, "url"))


@dataclass(frozen=True)
class Original:
    """The file as its owner uploaded it."""

    filename: str
    bytes: int | None
    sha256: str
    media_type: str = ""

    @classmethod
    def from_json(cls, data: Json) -> Original:
        return cls(text(data, "filename"), number(data, "bytes"), text(data, "sha256"), text(data, "media_type"))


@dataclass(frozen=True)
class Resource:
    """One table of a version; `fields` are Table Schema fields, `fingerprint` is that of its values."""

    name: str
    title: str
    rows: int | None
    columns: int | None
    verdict: str
    fields: tuple[Mapping[str, Any], ...]
    original: Original | None
    findings: int
    fingerprint: str = ""
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Resource:
        findings = data.get("findings")
        return cls(
            name=str(need(data, "name")),
            title=text(data, "title"),
            rows=number(data, "rows"),
            columns=number(data, "columns"),
            verdict=text(data, "verdict"),
            fields=tuple(data.get("fields") or ()),
            original=maybe(Original.from_json, data.get("original")),
            findings=(number(findings, "count") or 0) if isinstance(findings, Mapping) else 0,
            fingerprint=text(data, "fingerprint"),
            raw=data,
        )


@dataclass(frozen=True)
class Document:
    """A file that explains the tables of a version."""

    name: str
    title: str
    description: str
    media_type: str
    bytes: int
    sha256: str
    url: str

    @classmethod
    def from_json(cls, data: Json) -> Document:
        return cls(
            name=str(need(data, "name")),
            title=text(data, "title"),
            description=text(data, "description"),
            media_type=text(data, "media_type"),
            bytes=number(data, "bytes") or 0,
            sha256=text(data, "sha256"),
            url=text(data, "url"),
        )


@dataclass(frozen=True)
class Version:
    """One state of a dataset: a draft without a number, or published and never changed again."""

    dataset: str
    number: str | None
    state: str
    note: str
    verdict: str
    rows: int | None
    bytes: int | None
    published_at: datetime | None
    published_by: str
    manifest_sha256: str
    resources: tuple[Resource, ...]
    documents: tuple[Document, ...] = ()
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Version:
        return cls(
            dataset=text(data, "dataset"),
            number=text(data, "number") or None,
            state=text(data, "state"),
            note=text(data, "note"),
            verdict=text(data, "verdict"),
            rows=number(data, "rows"),
            bytes=number(data, "bytes"),
            published_at=moment(data, "published_at"),
            published_by=text(data, "published_by"),
            manifest_sha256=text(data, "manifest_sha256"),
            resources=many(Resource.from_json, data.get("resources")),
            documents=many(Document.from_json, data.get("documents")),
            raw=data,
        )


@dataclass(frozen=True)
class Dataset:
    id: str
    title: str
    description: str
    methods: str
    known_limits: str
    license: License | None
    keywords: tuple[str, ...]
    access: str
    modified: datetime | None
    latest: Version | None
    draft: Version | None
    permissions: Mapping[str, bool]
    url: str
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Dataset:
        license = data.get("license")
        links = data.get("links")
        return cls(
            id=text(data, "id") or f"{need(data, 'owner')}/{need(data, 'slug')}",
            title=text(data, "title"),
            description=text(data, "description"),
            methods=text(data, "methods"),
            known_limits=text(data, "known_limits"),
            license=License(license) if isinstance(license, str) else maybe(License.from_json, license),
            keywords=words(data, "keywords"),
            access=text(data, "access"),
            modified=moment(data, "modified"),
            latest=maybe(Version.from_json, data.get("latest")),
            draft=maybe(Version.from_json, data.get("draft")),
            permissions=dict(data.get("permissions") or {}),
            url=text(links, "html") if isinstance(links, Mapping) else "",
            raw=data,
        )


@dataclass(frozen=True)
class FacetValue:
    value: str
    label: str
    count: int
    active: bool

    @classmethod
    def from_json(cls, data: Json) -> FacetValue:
        value = text(data, "value")
        return cls(value, text(data, "label") or value, number(data, "count") or 0, bool(data.get("active")))


@dataclass(frozen=True)
class SearchResults:
    """One page of results; `count` is of all pages. Iterating gives the page's datasets."""

    count: int
    page: int
    results: tuple[Dataset, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    has_more: bool
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json, *, page: int) -> SearchResults:
        facets = data.get("facets") or {}
        return cls(
            count=int(need(data, "count")),
            page=page,
            results=many(Dataset.from_json, need(data, "results")),
            facets={name: many(FacetValue.from_json, values) for name, values in facets.items()},
            has_more=bool(data.get("next")),
            raw=data,
        )

    def __iter__(self) -> Iterator[Dataset]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)


@dataclass(frozen=True)
class Account:
    """Who the token belongs to, and what it may do."""

    username: str
    email: str
    name: str
    organizations: tuple[Mapping[str, Any], ...]
    scopes: tuple[str, ...]
    token_expires_at: datetime | None
    raw: Json = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, data: Json) -> Account:
        token = data.get("token") or {}
        return cls(
            username=str(need(data, "username")),
            email=text(data, "email"),
            name=text(data, "name"),
            organizations=tuple(data.get("organizations") or ()),
            scopes=words(token, "scopes"),
            token_expires_at=moment(token, "expires_at"),
            raw=data,
        )
