"""Shares, schemas and tables as an actor sees them: organizations, datasets and the tables of their versions.

Names are compared without case, as the protocol asks. Only tables whose bytes the actor may have are listed; a table
that is named is refused as the API refuses it: 404 where it is not to be seen, else 401 or 403.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Dataset, Organization, Resource, Version
from catalog.protocols.parameters import ParameterInvalid
from catalog.selectors.datasets import DatasetMoved, get_dataset, get_resource, get_version
from catalog.services.delivering.entitlements import require_bytes


@dataclass(frozen=True, slots=True)
class TableName:
    """The three names of a table."""

    share: str
    schema: str
    table: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Which version is meant: its sequence number, or the newest one at a time; the latest where both are None."""

    version: int | None = None
    timestamp: datetime | None = None


def listed_datasets(actor: Actor) -> QuerySet[Dataset]:
    """The datasets whose latest version the actor may have."""
    latest = Version.objects.downloadable_by(actor).published()
    return Dataset.objects.filter(latest__in=latest.values("pk"))


def listed_shares(actor: Actor) -> QuerySet[Organization]:
    """Organizations with a dataset that is listed, by name."""
    return Organization.objects.filter(pk__in=listed_datasets(actor).values("organization")).order_by("slug")


def get_share(actor: Actor, name: str) -> Organization:
    """Raises NotFound."""
    found = listed_shares(actor).filter(slug=name.lower()).first()
    if found is None:
        raise NotFound(gettext("There is no share %(name)s with a table that you may have.") % {"name": f"{name!r}"})
    return found


def listed_schemas(actor: Actor, share: Organization) -> QuerySet[Dataset]:
    """The share's datasets that are listed, by name."""
    return listed_datasets(actor).filter(organization=share).order_by("slug")


def listed_tables(actor: Actor, share: Organization) -> QuerySet[Resource]:
    """The tables of the latest versions of the share's datasets."""
    latest = listed_schemas(actor, share).values("latest")
    return Resource.objects.filter(version__in=latest).select_related("version__dataset")


def get_schema(actor: Actor, share: Organization, name: str) -> Dataset:
    """Raises NotFound."""
    found = listed_schemas(actor, share).filter(slug=name.lower()).first()
    if found is None:
        raise NotFound(
            gettext("The share %(slug)s has no schema %(name)s with a table that you may have.")
            % {"slug": share.slug, "name": f"{name!r}"}
        )
    return found


def find_dataset(actor: Actor, name: TableName) -> Dataset:
    """The dataset that a table's name speaks of, whatever it is called now. Raises NotFound."""
    try:
        return get_dataset(actor=actor, owner=name.share.lower(), slug=name.schema.lower())
    except DatasetMoved as moved:
        owner, _, slug = moved.now.partition("/")
        return get_dataset(actor=actor, owner=owner, slug=slug)


def find_table(actor: Actor, name: TableName, moment: Moment) -> Resource:
    """The table as it was then. Raises NotFound, ParameterInvalid; and as require_bytes does."""
    dataset = find_dataset(actor, name)
    if moment == Moment():
        version = get_version(actor=actor, dataset=dataset, version="latest")
    else:
        version = _version_at(actor, dataset, moment)
    return table_of(actor, version, name.table)


def table_of(actor: Actor, version: Version, name: str) -> Resource:
    """A table of a version whose bytes the actor may have. Raises as find_table."""
    resource = get_resource(version=version, name=name.lower())
    require_bytes(actor=actor, resource=resource)
    return resource


def served_versions(actor: Actor, dataset: Dataset) -> Sequence[Version]:
    """The published versions that the actor may have, oldest first; what was withdrawn is not among them."""
    versions = (
        Version.objects.downloadable_by(actor)
        .published()
        .filter(dataset=dataset)
        .select_related("dataset__organization")
        .order_by("sequence")
    )
    return list(versions)


def first_since(versions: Sequence[Version], timestamp: datetime) -> Version:
    """The earliest version that was published at or after a time. Raises ParameterInvalid."""
    found = next((version for version in versions if version.published_at and version.published_at >= timestamp), None)
    if found is None:
        raise ParameterInvalid(
            gettext("No version was published at or after %(isoformat)s.") % {"isoformat": timestamp.isoformat()}
        )
    return found


def last_until(versions: Sequence[Version], timestamp: datetime) -> Version:
    """The newest version that was published at or before a time. Raises ParameterInvalid."""
    older = [version for version in versions if version.published_at and version.published_at <= timestamp]
    if not older:
        raise ParameterInvalid(
            gettext("No version was published by %(isoformat)s.") % {"isoformat": timestamp.isoformat()}
        )
    return older[-1]


def _version_at(actor: Actor, dataset: Dataset, moment: Moment) -> Version:
    if moment.version is not None and moment.timestamp is not None:
        raise ParameterInvalid(gettext("Name a version or a timestamp, not both."))
    if moment.timestamp is not None:
        # A version that the actor may not have is found nevertheless, and refused with the reason.
        visible = Version.objects.visible_to(actor).published().filter(dataset=dataset)
        return _own(last_until(list(visible.order_by("sequence")), moment.timestamp), dataset)
    found = Version.objects.visible_to(actor).filter(dataset=dataset, sequence=moment.version).first()
    if found is None:
        raise ParameterInvalid(gettext("There is no version %(version)s of this table.") % {"version": moment.version})
    return _own(found, dataset)


def _own(version: Version, dataset: Dataset) -> Version:
    version.dataset = dataset
    return version
