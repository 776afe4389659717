"""The dataset and the draft that the pages of "Share data" are about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.models import SENT_BACK, Dataset, Resource, Review, VerdictStatus, Version, VersionState
from catalog.permissions import Action, require
from catalog.selectors.datasets import get_dataset, get_resource
from catalog.services.publishing.starting import LATEST, find_start, tables_to_work_on
from catalog.services.publishing.versions import last_published
from catalog.web.dataset.documents import ShownDocument, shown_documents
from catalog.web.report.failures import SaidOfCheck, said_of_checks


@dataclass(frozen=True)
class Draft:
    """``version`` is None until the first table is stored; ``previous`` is the last published one, ``latest`` the last
    that was not withdrawn.
    """

    dataset: Dataset
    version: Version | None
    previous: Version | None
    latest: Version | None

    @property
    def start(self) -> Version | None:
        """The version whose tables the draft began with, or will begin with once it is opened."""
        return self.latest if self.version is None else self.version.started_from

    @cached_property
    def base_tables(self) -> list[Resource]:
        """The tables that a file can be added to."""
        return tables_to_work_on(self.dataset)

    @property
    def base_columns(self) -> list[str]:
        """The names of their columns, each once."""
        return list(dict.fromkeys(field["name"] for table in self.base_tables for field in table.schema["fields"]))

    @property
    def id(self) -> str:
        return f"{self.dataset.organization.slug}/{self.dataset.slug}"

    @cached_property
    def tables(self) -> list[Resource]:
        """As they stand when they are first asked for: a page asks for them again and again."""
        if self.version is None:
            return []
        return list(self.version.resources.select_related("report").order_by("position", "name"))

    @cached_property
    def documents(self) -> list[ShownDocument]:
        """What explains the tables, as the draft has it now."""
        if self.version is None:
            return []
        api = f"/api/v1/datasets/{self.id}/versions/draft"
        return shown_documents(self.version.documents.all(), api=api, is_served=True)

    @property
    def coming_documents(self) -> int:
        """How many documents the draft will begin with, once it is opened."""
        return 0 if self.version is not None or self.start is None else self.start.documents.count()

    @property
    def returned(self) -> Review | None:
        """The decision that sent this draft back, with its reason."""
        if self.version is None or self.is_submitted:
            return None
        last = self.version.reviews.order_by("-opened_at").first()
        return last if last is not None and last.state in SENT_BACK else None

    @property
    def said_of_checks(self) -> list[SaidOfCheck]:
        """What the steward said of single checks when sending it back."""
        returned = self.returned
        if returned is None or self.version is None:
            return []
        return said_of_checks(self.version, returned.failures)

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
    version = Version.objects.visible_to(actor).filter(dataset=found).open().select_related("started_from").first()
    if version is not None:
        version.dataset = found
    return Draft(found, version, last_published(found), find_start(found, LATEST))


def table_of(draft: Draft, name: str) -> Resource:
    """The draft's table of this name. Raises NotFound, also while there is none yet."""
    if draft.version is None:
        raise NotFound
    return get_resource(version=draft.version, name=name)


def moved_on(request: HttpRequest, draft: Draft) -> HttpResponse | None:
    """Where to go when the draft was submitted meanwhile: it can't be changed here any more."""
    del request
    if not draft.is_submitted:
        return None
    return redirect("ingest:submitted", owner=draft.dataset.organization.slug, dataset=draft.dataset.slug)
