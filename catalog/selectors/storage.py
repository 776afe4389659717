"""How many bytes each organization keeps: from the rows, exactly, and of one also as the store has them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection

from catalog import storage
from catalog.allowances.quotas import limit_of
from catalog.models import Dataset, Document, Organization, Part, QuotaKind, Resource, ResourceSource, Version

DATASETS_LOOKED_AT = 300
"""So many datasets of an organization are looked for in the store while somebody waits: one listing each."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Objects and bytes of one kind."""

    objects: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class OrganizationStorage:
    """What an organization keeps by its rows. ``limit`` (bytes) is None without end; ``share`` is of it, 0 to 1."""

    organization: Organization
    datasets: int
    originals: Kept
    parquet: Kept
    documents: Kept
    limit: int | None

    @property
    def total(self) -> int:
        return self.originals.bytes + self.parquet.bytes + self.documents.bytes

    @property
    def share(self) -> float | None:
        return None if not self.limit else min(1.0, self.total / self.limit)


@dataclass(slots=True)
class InStore:
    """What the store has of an organization's datasets, by the folder that it lies in (catalog/keys.py).

    ``unnamed`` are originals, Parquet and documents that no row names: of what was taken out of drafts. ``is_whole`` is
    false where there were more datasets than were looked at.
    """

    folders: dict[str, Kept] = field(default_factory=dict)
    unnamed: Kept = Kept()
    is_whole: bool = True


def storage_by_organization() -> list[OrganizationStorage]:
    """Every organization, those that keep most first."""
    parts, originals = _kept_by_organization(Part), _kept_by_organization(ResourceSource)
    documents = _kept_by_organization(Document)
    datasets = Counter(Dataset.objects.values_list("organization", flat=True))
    found = [
        OrganizationStorage(
            organization=item,
            datasets=datasets[item.pk],
            originals=originals.get(item.pk, Kept()),
            parquet=parts.get(item.pk, Kept()),
            documents=documents.get(item.pk, Kept()),
            limit=limit_of(item, QuotaKind.STORAGE),
        )
        for item in Organization.objects.order_by("title")
    ]
    return sorted(found, key=lambda item: -item.total)


def in_store(organization: Organization) -> InStore:
    """What lies in the store for an organization. Raises StorageUnavailable."""
    ids = list(Dataset.objects.filter(organization=organization).order_by("pk").values_list("pk", flat=True))
    found = InStore(is_whole=len(ids) <= DATASETS_LOOKED_AT)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    unnamed = [0, 0]
    for pk in ids[:DATASETS_LOOKED_AT]:
        named = _named(pk)
        for key, size in storage.list_sizes(f"datasets/{pk}/"):
            folder, _, name = key.removeprefix(f"datasets/{pk}/").partition("/")
            _count(sums[folder], size)
            if folder in named and name.partition(".")[0] not in named[folder]:
                _count(unnamed, size)
    found.folders = {name: Kept(*counts) for name, counts in sorted(sums.items())}
    found.unnamed = Kept(*unnamed)
    return found


def _count(sums: list[int], size: int) -> None:
    sums[0] += 1
    sums[1] += size


def _named(dataset_id: int) -> Mapping[str, frozenset[str]]:
    """The sha256s that rows of a dataset name, by the folder that they lie in."""
    asked = {"resource__version__dataset": dataset_id}
    return {
        "parquet": frozenset(Part.objects.filter(**asked).values_list("sha256", flat=True)),
        "original": frozenset(ResourceSource.objects.filter(**asked).values_list("sha256", flat=True)),
        "documents": frozenset(Document.objects.filter(version__dataset=dataset_id).values_list("sha256", flat=True)),
    }


def _kept_by_organization(model: type[Part | ResourceSource | Document]) -> dict[int, Kept]:
    """Each object once in a dataset, whichever versions have it; one query, summed by the database."""
    quote = connection.ops.quote_name
    tables = {item: quote(item._meta.db_table) for item in (model, Resource, Version, Dataset)}
    # A document is of a version itself, parts and originals of its tables. Only names of ours are put into the text.
    to_version = (
        f"JOIN {tables[Version]} v ON v.id = o.version_id"
        if model is Document
        else f"JOIN {tables[Resource]} r ON r.id = o.resource_id JOIN {tables[Version]} v ON v.id = r.version_id"
    )
    query = f"""
        SELECT organization_id, count(*), sum(bytes)::bigint FROM (
            SELECT DISTINCT d.organization_id, d.id, o.sha256, o.bytes
            FROM {tables[model]} o
            {to_version}
            JOIN {tables[Dataset]} d ON d.id = v.dataset_id
        ) once GROUP BY organization_id
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {owner: Kept(objects, size) for owner, objects, size in cursor.fetchall()}
