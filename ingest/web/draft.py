"""The dataset and the draft that the pages of "Share data" are about."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from catalog.actor import Actor
from catalog.models import Dataset, Resource, Review, ReviewState, VerdictStatus, Version, VersionState
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset
from catalog.services.versions import last_published


@dataclass(frozen=True, slots=True)
class Draft:
    """``version`` is None until the first table is stored; ``previous`` is the last published one."""

    dataset: Dataset
    version: Version | None
    previous: Version | None

    @property
    def id(self) -> str:
        return f"{self.dataset.organization.slug}/{self.dataset.slug}"

    @property
    def tables(self) -> list[Resource]:
        if self.version is None:
            return []
        return list(self.version.resources.select_related("report").order_by("position", "name"))

    @property
    def returned(self) -> Review | None:
        """The decision that sent this draft back, with its reason."""
        if self.version is None or self.is_submitted:
            return None
        last = self.version.reviews.order_by("-opened_at").first()
        return last if last is not None and last.state == ReviewState.CHANGES_REQUESTED else None

    @property
    def is_submitted(self) -> bool:
        return self.version is not None and self.version.state != VersionState.DRAFT

    @property
    def is_checking(self) -> bool:
        return any(table.verdict == VerdictStatus.PENDING for table in self.tables)


def open_draft_of(actor: Actor, owner: str, dataset: str) -> Draft:
    """Raises NotFound, NotSignedIn or Forbidden unless the actor may upload to the dataset."""
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    require(actor, Action.UPLOAD, found)
    version = Version.objects.visible_to(actor).filter(dataset=found).open().first()
    if version is not None:
        version.dataset = found
    return Draft(found, version, last_published(found))


def moved_on(request: HttpRequest, draft: Draft) -> HttpResponse | None:
    """Where to go when the draft was submitted meanwhile: it can't be changed here any more."""
    del request
    if not draft.is_submitted:
        return None
    return redirect("ingest:submitted", owner=draft.dataset.organization.slug, dataset=draft.dataset.slug)
