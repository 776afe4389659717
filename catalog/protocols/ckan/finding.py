"""What CKAN's names and identifiers mean here, for an actor. What is not visible is not found."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Dataset, Document, Organization, Part, Resource, ResourceSource, Version, VersionState
from catalog.protocols.ckan.ids import Kind, key_of
from catalog.protocols.entries import changed, entry_of, find_version_entry, listed, version_entry
from catalog.protocols.entry import Entry


def packages(actor: Actor) -> QuerySet[Dataset]:
    """Datasets with a published version that the actor may see, with when they ``changed``."""
    return listed(actor).annotate(changed=changed())


def find_package(actor: Actor, name: str) -> Entry:
    """By ``owner_slug``, ``owner/slug``, identifier or number; with ``@1.0.0`` behind it that version.

    Raises NotFound.
    """
    called, _, number = name.partition("@")
    dataset = packages(actor).filter(_named(called)).first()
    if dataset is None:
        raise NotFound(gettext("There is no dataset %(called)s that you can see.") % {"called": f"{called[:100]!r}"})
    if not number:
        return entry_of(dataset)
    owner, slug = dataset.organization.slug, dataset.slug
    return find_version_entry(actor=actor, owner=owner, slug=slug, version=number.removeprefix("v"))


def _named(name: str) -> Q:
    key = key_of(Kind.DATASET, name)
    if key is not None:
        return Q(pk=key)
    owner, _, slug = name.replace("/", "_", 1).partition("_")
    return Q(organization__slug=owner, slug=slug)


def organizations(actor: Actor) -> QuerySet[Organization]:
    """Organizations, which are public, with the number of their ``packages`` that the actor may see."""
    seen = Dataset.objects.visible_to(actor).filter(latest__state=VersionState.PUBLISHED).values("pk")
    counted = Count("datasets", filter=Q(datasets__in=seen), distinct=True)
    return Organization.objects.annotate(packages=counted).order_by("slug")


def find_organization(actor: Actor, name: str) -> Organization:
    """By name or identifier. Raises NotFound."""
    key = key_of(Kind.ORGANIZATION, name)
    found = organizations(actor).filter(Q(slug=name) if key is None else Q(pk=key)).first()
    if found is None:
        raise NotFound(gettext("There is no organization %(name)s.") % {"name": f"{name[:100]!r}"})
    return found


def find_resource(actor: Actor, name: str) -> tuple[Entry, str]:
    """The entry that has a resource, and the resource's identifier. Raises NotFound."""
    version = _version_of(actor, name)
    if version is None:
        raise NotFound(gettext("There is no resource %(name)s that you can see.") % {"name": f"{name[:100]!r}"})
    return version_entry(version), name.lower()


def find_table(actor: Actor, name: str) -> Resource:
    """The table that an identifier of a resource in the datastore names. Raises NotFound."""
    key = key_of(Kind.TABLE, name)
    found = (
        None
        if key is None
        else Resource.objects.filter(pk=key, version__in=_versions(actor))
        .select_related("version__dataset__organization")
        .prefetch_related("parts")
        .first()
    )
    if found is None:
        raise NotFound(gettext("Resource %(name)s was not found in the datastore.") % {"name": f"{name[:100]!r}"})
    return found


def _version_of(actor: Actor, name: str) -> Version | None:
    versions = _versions(actor).select_related("dataset__organization", "dataset__successor__organization")
    if (key := key_of(Kind.TABLE, name)) is not None:
        return versions.filter(pk__in=Resource.objects.filter(pk=key).values("version")).first()
    if (key := key_of(Kind.PART, name)) is not None:
        return versions.filter(pk__in=Part.objects.filter(pk=key).values("resource__version")).first()
    if (key := key_of(Kind.ORIGINAL, name)) is not None:
        return versions.filter(pk__in=ResourceSource.objects.filter(pk=key).values("resource__version")).first()
    if (key := key_of(Kind.DOCUMENT, name)) is not None:
        return versions.filter(pk__in=Document.objects.filter(pk=key).values("version")).first()
    return None


def _versions(actor: Actor) -> QuerySet[Version]:
    """Published versions that the actor may see, not only the latest ones: what a client has saved goes on working."""
    return Version.objects.visible_to(actor).published()
