"""Which datasets catalogs tell to an actor, and the rows as entries; a list takes a constant number of queries."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, DateTimeField, F, Prefetch, QuerySet, When
from django.db.models.functions import Greatest, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import keys, markdown, storage
from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.licenses import get_license
from catalog.models import Access, Dataset, Document, Resource, ResourceSource, StandardSchema, Version, VersionState
from catalog.models.version import PUBLIC_STATES
from catalog.protocols.entry import PARQUET, Entry, EntryFile, EntryTable, EntryVersion
from catalog.selectors.datasets import get_dataset, get_version


@dataclass(frozen=True, slots=True)
class Words:
    """What the owner says of a dataset, as it is now or as a version's manifest has it."""

    title: str
    description: str
    methods: str
    known_limits: str
    license: str
    attribution: str
    keywords: tuple[str, ...]
    contact_name: str
    contact_email: str
    publisher: str


def listed(actor: Actor) -> QuerySet[Dataset]:
    """Datasets that the actor may see and whose latest version is published, with all that an entry needs."""
    return with_entries(Dataset.objects.visible_to(actor).filter(latest__state=VersionState.PUBLISHED))


def changed() -> Greatest:
    """When what is told of a dataset last changed, as the database says it; the same as ``Entry.modified``."""
    lapsed = Case(When(embargo_until__lte=Now(), then=F("embargo_until")))
    lapsed_version = Case(When(latest__embargo_until__lte=Now(), then=F("latest__embargo_until")))
    # PostgreSQL's greatest leaves nulls out.
    return Greatest("modified", lapsed, lapsed_version, output_field=DateTimeField())


def with_entries(datasets: QuerySet[Dataset]) -> QuerySet[Dataset]:
    """The same datasets, read in a constant number of queries."""
    tables = _tables(Resource.objects.all())
    numbers = Version.objects.filter(state__in=PUBLIC_STATES).only("dataset", "number", "sequence", "published_at")
    return datasets.select_related("organization", "latest", "conforms_to", "successor__organization").prefetch_related(
        Prefetch("latest__resources", queryset=tables),
        "latest__documents",
        Prefetch("versions", queryset=numbers.order_by("sequence"), to_attr="told_versions"),
    )


def _tables(resources: QuerySet[Resource]) -> QuerySet[Resource]:
    heavy = ("recipe", "questions", "suggestions", "findings", "source", "profile", "schema")
    sources = ResourceSource.objects.defer("recipe", "source", "schema", "lines", "counts", "key")
    return (
        resources.defer(*heavy)
        .select_related("conforms_to")
        .prefetch_related("parts", Prefetch("sources", queryset=sources))
        .order_by("position", "name")
    )


def entry_of(dataset: Dataset) -> Entry:
    """The entry of a row that ``with_entries`` has read, with its latest version; without a query."""
    if dataset.latest is None:
        raise NotFound(_("Nothing of this dataset is published yet."))
    versions: list[Version] = dataset.told_versions  # type: ignore[attr-defined] # Set by the Prefetch above.
    latest = dataset.latest
    tables, documents = list(latest.resources.all()), list(latest.documents.all())
    return entry_from(dataset, latest, versions, tables, documents, words_of(dataset))


def words_of(dataset: Dataset) -> Words:
    """What the owner says now."""
    return Words(
        title=dataset.title,
        description=dataset.description,
        methods=dataset.methods,
        known_limits=dataset.known_limits,
        license=dataset.license,
        attribution=dataset.attribution,
        keywords=tuple(dataset.keywords),
        contact_name=dataset.contact_name,
        contact_email=dataset.contact_email,
        publisher=dataset.organization.title,
    )


def find_entry(*, actor: Actor, owner: str, slug: str) -> Entry:
    """A dataset's entry with its latest version. Raises NotFound."""
    get_dataset(actor=actor, owner=owner, slug=slug)
    found = with_entries(Dataset.objects.filter(organization__slug=owner, slug=slug)).get()
    return entry_of(found)


def find_version_entry(*, actor: Actor, owner: str, slug: str, version: str) -> Entry:
    """The entry of one version, in the words that it was published with. Raises NotFound, StorageUnavailable."""
    dataset = get_dataset(actor=actor, owner=owner, slug=slug)
    return version_entry(get_version(actor=actor, dataset=dataset, version=version))


def version_entry(version: Version) -> Entry:
    """The entry of a version whose dataset has been read. Raises NotFound for what is not published."""
    if version.state not in PUBLIC_STATES or version.number is None:
        raise NotFound(
            _("Only published versions have this."), remedy=_("Use the number of a published version, or latest.")
        )
    dataset = version.dataset
    words = frozen_words(dataset.pk, version.number, version.manifest_sha256)
    versions = dataset.versions.filter(state__in=PUBLIC_STATES).order_by("sequence")
    tables, documents = list(_tables(version.resources.all())), list(version.documents.all())
    return entry_from(dataset, version, list(versions), tables, documents, words)


@functools.lru_cache(maxsize=512)
def frozen_words(dataset_id: int, number: str, sha256: str) -> Words:
    """What the manifest says. It never changes, so that what was read once is kept. Raises ObjectMissing."""
    data = storage.read_bytes(keys.manifest(dataset_id, number))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise storage.ObjectMissing("the manifest in the bucket is not the one that was published")
    manifest: Mapping[str, Any] = json.loads(data)
    return Words(
        title=manifest["title"],
        description=manifest["description"],
        # Manifests of before there were these have none of them.
        methods=manifest.get("methods", ""),
        known_limits=manifest.get("known_limits", ""),
        license=manifest["license"],
        attribution=manifest["attribution"],
        keywords=tuple(manifest["keywords"]),
        contact_name=manifest["contact"]["name"],
        contact_email=manifest["contact"]["email"],
        publisher=manifest["publisher"]["title"],
    )


def schema_address(schema: StandardSchema | None) -> str:
    """Where a standard schema is described, or ""."""
    return "" if schema is None else f"{settings.BASE_URL}/api/v1/schemas/{schema.name}/{schema.version}"


def entry_from(
    dataset: Dataset,
    version: Version,
    versions: Sequence[Version],
    tables: Sequence[Resource],
    documents: Sequence[Document],
    words: Words,
) -> Entry:
    """The entry of rows that have been read. ``versions`` are the published ones, oldest first."""
    version.dataset = dataset
    return Entry(
        key=dataset.pk,
        owner=dataset.organization.slug,
        slug=dataset.slug,
        title=words.title,
        description=markdown.plain(words.description),
        methods=markdown.plain(words.methods),
        known_limits=markdown.plain(words.known_limits),
        license=get_license(words.license),
        attribution=words.attribution,
        keywords=words.keywords,
        publisher=words.publisher,
        publisher_key=dataset.organization_id,
        contact_name=words.contact_name,
        contact_email=words.contact_email,
        access=Access(dataset.access),
        frequency=dataset.update_frequency,
        conforms_to=schema_address(dataset.conforms_to),
        issued=versions[0].published_at or version.created,
        modified=_modified(version),
        embargo_until=_embargo(version),
        is_deprecated=dataset.deprecated_at is not None,
        successor=_page(dataset.successor),
        numbers=tuple(item.number for item in versions if item.number),
        version=_version(dataset, version, versions, tables, documents),
    )


def _page(successor: Dataset | None) -> str:
    """The address of what is to be used instead; a private one is not told to anybody."""
    if successor is None or successor.access == Access.PRIVATE:
        return ""
    return f"{settings.BASE_URL}/{successor.organization.slug}/{successor.slug}/"


def _embargo(version: Version) -> datetime | None:
    ends = [version.embargo_until, version.dataset.embargo_until]
    return max((end for end in ends if end and end > timezone.now()), default=None)


def _modified(version: Version) -> datetime:
    """When what is told here last changed: also by the end of an embargo, which nobody's act writes down."""
    ends = [version.embargo_until, version.dataset.embargo_until]
    return max([version.dataset.modified, *(end for end in ends if end and end <= timezone.now())])


def _version(
    dataset: Dataset,
    version: Version,
    versions: Sequence[Version],
    tables: Sequence[Resource],
    documents: Sequence[Document],
) -> EntryVersion:
    numbers = [item.number or "" for item in versions]
    place = numbers.index(version.number or "")
    base = f"{settings.BASE_URL}/api/v1/datasets/{dataset.organization.slug}/{dataset.slug}/versions/{version.number}"
    return EntryVersion(
        number=version.number or "",
        published_at=version.published_at or version.created,
        note=version.note,
        rows=version.rows,
        bytes=version.bytes,
        manifest_sha256=version.manifest_sha256,
        is_latest=version.pk == dataset.latest_id,
        withdrawn_at=version.withdrawn_at,
        withdrawn_reason=version.withdrawn_reason,
        previous=numbers[place - 1] if place else "",
        newer=numbers[place + 1] if place + 1 < len(numbers) else "",
        tables=tuple(_table(table, f"{base}/resources/{table.name}") for table in tables),
        documents=tuple(_document(document, base) for document in documents),
    )


def _document(document: Document, base: str) -> EntryFile:
    return EntryFile(
        kind="document",
        key=document.pk,
        name=document.name,
        url=f"{base}/{document.address}",
        media_type=document.media_type,
        sha256=document.sha256,
        bytes=document.bytes,
        rows=None,
        title=document.title,
        description=document.description,
    )


def _table(table: Resource, url: str) -> EntryTable:
    return EntryTable(
        key=table.pk,
        name=table.name,
        title=table.title or table.name,
        rows=table.rows,
        columns=table.columns,
        bytes=table.bytes,
        url=url,
        conforms_to=schema_address(table.conforms_to),
        files=(*_parts(table, url), *_originals(table, url)),
    )


def _parts(table: Resource, url: str) -> tuple[EntryFile, ...]:
    parts = list(table.parts.all())
    several = len(parts) > 1
    return tuple(
        EntryFile(
            kind="parquet",
            key=part.pk,
            name=f"{table.name}-{part.position:05d}.parquet" if several else f"{table.name}.parquet",
            url=f"{url}/parts/{part.position}.parquet" if several else f"{url}.parquet",
            media_type=PARQUET,
            sha256=part.sha256,
            bytes=part.bytes,
            rows=part.rows,
        )
        for part in parts
    )


def _originals(table: Resource, url: str) -> tuple[EntryFile, ...]:
    return tuple(
        EntryFile(
            kind="original",
            key=source.pk,
            name=source.filename,
            url=f"{url}/originals/{source.position}",
            media_type=source.media_type,
            sha256=source.sha256,
            bytes=source.bytes,
            rows=None,
        )
        for source in table.sources.all()
    )
