"""Datasets as an actor sees them. What is not visible is not found."""

from __future__ import annotations

import re
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext, gettext_lazy

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import Dataset, DatasetName, Document, Organization, Resource, StandardSchema, Version

M = TypeVar("M", bound=Model)

_LONG = ("search_text", "search_vector")
"""What only the search reads."""
_TOLD = ("recipe", "questions", "suggestions", "source", "findings", "profile")
"""What is told of a table, and can be long."""


class DatasetMoved(NotFound):
    """The dataset has another name now. ``path_of`` leads there; whoever knows nothing of it answers "not found"."""

    code = "dataset-moved"
    title = gettext_lazy("The dataset has another name now")

    def __init__(self, *, before: str, now: str) -> None:
        super().__init__(
            gettext("%(before)s is called %(now)s now.") % {"before": before, "now": now},
            remedy=gettext("Ask for %(now)s.") % {"now": now},
            moved_to=now,
        )
        self.before = before
        self.now = now

    def path_of(self, path: str) -> str | None:
        """The address with the new name in the place of the old one; None where it is not in the address."""
        found = re.sub(rf"/{re.escape(self.before)}(?=/|\Z)", f"/{self.now}", path, count=1)
        return None if found == path else found


def _only(found: QuerySet[M]) -> M | None:
    """The one that there is at most: so many columns take Django as long to sort by as to ask for (``first`` sorts)."""
    return next(iter(found.order_by()[:1]), None)


def visible_datasets(actor: Actor) -> QuerySet[Dataset]:
    """All datasets that the actor may see, with what a list shows of them beside their tables, in one query."""
    return (
        Dataset.objects.visible_to(actor)
        .select_related("organization", "latest__successor", "conforms_to", "successor__organization")
        .defer(*_LONG, *(f"successor__{name}" for name in _LONG), "conforms_to__descriptor")
    )


def get_dataset(*, actor: Actor, owner: str, slug: str, alone: bool = False) -> Dataset:
    """``alone`` is without what a list shows of it, which takes longer than all else of a request for rows.

    Raises NotFound, also where the actor may not see it; DatasetMoved where it has another name now.
    """
    seen: QuerySet[Dataset] = visible_datasets(actor)
    if alone:
        seen = Dataset.objects.visible_to(actor).select_related("organization").defer(*_LONG)
    found = _only(seen.filter(organization__slug=owner, slug=slug))
    if found is not None:
        return found
    names = DatasetName.objects.filter(organization__slug=owner, slug=slug)
    moved = visible_datasets(actor).filter(pk__in=names.values("dataset")).first()
    if moved is not None:
        raise DatasetMoved(before=f"{owner}/{slug}", now=f"{moved.organization.slug}/{moved.slug}")
    raise NotFound(gettext("There is no dataset %(owner)s/%(slug)s that you can see.") % {"owner": owner, "slug": slug})


def get_version(*, actor: Actor, dataset: Dataset, version: str, alone: bool = False) -> Version:
    """The version called ``version``: a number, ``latest`` or ``draft``; ``alone`` is without its people and relations.

    Raises NotFound.
    """
    versions = Version.objects.visible_to(actor).filter(dataset=dataset)
    if not alone:
        versions = versions.select_related("published_by", "submitted_by", "created_by", "started_from", "successor")
    if version == "latest":
        found = _only(versions.filter(pk=dataset.latest_id or 0))
    elif version == "draft":
        found = _only(versions.open())
    else:
        found = _only(versions.filter(number=version, sequence__isnull=False))
    if found is None:
        raise NotFound(
            gettext("%(slug)s/%(slug_2)s has no version %(version)s that you can see.")
            % {"slug": dataset.organization.slug, "slug_2": dataset.slug, "version": f"{version!r}"},
            remedy=gettext("See its list of versions."),
        )
    found.dataset = dataset
    return found


def get_resource(*, version: Version, name: str, alone: bool = False) -> Resource:
    """A table of a version that the actor has already been shown; ``alone`` is what its rows take and no more.

    Raises NotFound.
    """
    tables = version.resources.filter(name=name).prefetch_related("parts")
    if alone:
        found = _only(tables.defer(*_TOLD))
    else:
        found = _only(tables.select_related("report", "conforms_to").prefetch_related("sources"))
    if found is None:
        raise NotFound(
            gettext("This version has no table “%(name)s”.") % {"name": name},
            remedy=gettext("The version's description lists its tables."),
        )
    found.version = version
    return found


def get_document(*, version: Version, name: str) -> Document:
    """A document of a version that the actor has already been shown. Raises NotFound."""
    # PostgreSQL's texts can't hold every sign that an address can; no document's name holds one of those.
    found = version.documents.filter(name=name).first() if name.isprintable() else None
    if found is None:
        raise NotFound(
            gettext("This version has no document “%(name)s”.") % {"name": name},
            remedy=gettext("The version's description lists them."),
        )
    found.version = version
    return found


def list_versions(*, actor: Actor, dataset: Dataset) -> QuerySet[Version]:
    return (
        Version.objects.visible_to(actor)
        .filter(dataset=dataset)
        .select_related("dataset__organization", "published_by", "submitted_by", "successor")
        .newest_first()
    )


def get_organization(*, slug: str) -> Organization:
    """Organisations are public. Raises NotFound."""
    found = Organization.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(gettext("There is no organization “%(slug)s”.") % {"slug": slug})
    return found


def get_schema(reference: str) -> StandardSchema:
    """The standard schema called ``name@version``, or the newest of ``name``. Raises NotFound."""
    name, _, version = reference.partition("@")
    found = StandardSchema.objects.filter(name=name, **({"version": version} if version else {})).first()
    if found is None:
        raise NotFound(
            gettext("There is no standard schema “%(reference)s”.") % {"reference": reference},
            remedy=gettext("See /api/v1/schemas."),
        )
    return found
