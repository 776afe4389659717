"""The head that all pages of a dataset share: which version, which table, what the reader may do, the tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Prefetch
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.actor import Actor
from catalog.errors import NotFound
from catalog.licenses import License, get_license
from catalog.models import (
    Access,
    Dataset,
    Document,
    Resource,
    ResourceSource,
    Review,
    ReviewState,
    Version,
    VersionState,
)
from catalog.permissions import Action, allowed, can, may_download
from catalog.protocols.citation.styles import cited
from catalog.protocols.entry import Entry
from catalog.selectors.datasets import get_dataset, get_version, list_versions
from catalog.selectors.following import is_following
from catalog.services.reviewing.pending import carry_out_due
from catalog.web.dataset.documents import ShownDocument, shown_documents
from catalog.web.dataset.shown_entry import shown_entry
from catalog.web.table.columns import Column, columns_of

CITATION_FILES = (("bibtex", "BibTeX", "bib"), ("ris", "RIS", "ris"), ("csl-json", "CSL-JSON", "json"))
"""A format of the API's citations, its name, its files' suffix."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the dataset; ``count`` stands beside its label."""

    key: str
    label: str
    href: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the reader may do with the dataset (catalog/permissions.py)."""

    download: bool
    edit: bool
    submit: bool
    review: bool
    withdraw: bool
    grant: bool


class Head:
    """A dataset as one of its versions shows it. ``version`` is None while nothing was ever uploaded."""

    def __init__(self, *, actor: Actor, dataset: Dataset, version: Version | None, tab: str, table: str = "") -> None:
        self.actor = actor
        self.dataset = dataset
        self.version = version
        self.tab = tab
        self.resources: list[Resource] = [] if version is None else _tables(version, with_recipes=tab == "overview")
        self.resource = _chosen(self.resources, table)

    # ------------------------------------------------------------ who
    @cached_property
    def may(self) -> Permissions:
        actions = (Action.EDIT, Action.SUBMIT, Action.REVIEW, Action.WITHDRAW, Action.GRANT)
        may = allowed(self.actor, actions, self.dataset)
        return Permissions(download=self._may_download(), **{action.value: may[action] for action in actions})

    def _may_download(self) -> bool:
        if self.version is None:
            return can(self.actor, Action.DOWNLOAD, self.dataset)
        return may_download(self.actor, self.version)

    @property
    def is_served(self) -> bool:
        """Whether this reader gets this version's bytes: allowed, and not withdrawn."""
        return self.may.download and not self.is_withdrawn

    @property
    def needs_token(self) -> bool:
        """Whether a program needs a token to have the bytes."""
        return self.dataset.access != Access.PUBLIC or self.is_open or self.embargoed_until is not None

    @cached_property
    def is_followed(self) -> bool:
        """Whether the reader is told of what is new."""
        return is_following(self.actor, self.dataset)

    # ------------------------------------------------------------ which
    @property
    def id(self) -> str:
        return f"{self.dataset.organization.slug}/{self.dataset.slug}"

    @property
    def is_open(self) -> bool:
        return self.version is not None and self.version.is_open

    @property
    def is_draft(self) -> bool:
        return self.version is not None and self.version.state == VersionState.DRAFT

    @property
    def is_withdrawn(self) -> bool:
        return self.version is not None and self.version.state == VersionState.WITHDRAWN

    @property
    def is_latest(self) -> bool:
        return self.version is not None and self.version.pk == self.dataset.latest_id

    @property
    def is_old(self) -> bool:
        return self.version is not None and not self.is_latest and not self.is_open and not self.is_withdrawn

    @property
    def embargoed_until(self) -> datetime | None:
        """Until when only members have the bytes."""
        return None if self.version is None else self.version.embargoed_until

    @cached_property
    def successor(self) -> Dataset | None:
        """The dataset to use instead of this one, where the reader may see it."""
        successor = self.dataset.successor
        is_seen = successor is not None and can(self.actor, Action.VIEW, successor)
        return successor if is_seen else None

    @property
    def license(self) -> License | None:
        return get_license(self.dataset.license)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The chosen table's columns; values only where the reader may have the bytes."""
        if self.resource is None:
            return ()
        return columns_of(self.resource, with_values=self.is_served)

    @cached_property
    def documents(self) -> list[Document]:
        """The files that explain the version's tables."""
        return [] if self.version is None else list(self.version.documents.all())

    @property
    def shown_documents(self) -> list[ShownDocument]:
        """The same as a page lists them: with their addresses where the reader may have the bytes."""
        return shown_documents(self.documents, api=self.api, is_served=self.is_served)

    @property
    def kinds(self) -> list[str]:
        """The kinds of columns that there are, in the order of the legend."""
        present = {column.kind for column in self.columns}
        return [kind for kind in ("num", "cat", "time", "bool", "text", "nested") if kind in present]

    @property
    def has_missing(self) -> bool:
        return any(column.missing for column in self.columns)

    @cached_property
    def entry(self) -> Entry | None:
        """The version as other systems are told of it; None for what was never published."""
        return shown_entry(self.dataset, self.version, self.versions, self.resources, self.documents)

    @property
    def citation(self) -> str:
        """How to name this version in a text, with its address; empty for what was never published."""
        return "" if self.entry is None else cited(self.entry, "apa")

    citation_files = CITATION_FILES

    @cached_property
    def versions(self) -> Sequence[Version]:
        """The versions that the reader may see, newest first, an open one before all."""
        return list(list_versions(actor=self.actor, dataset=self.dataset))

    @property
    def published_count(self) -> int:
        return sum(version.sequence is not None for version in self.versions)

    @property
    def open_version(self) -> Version | None:
        return next((version for version in self.versions if version.is_open), None)

    @cached_property
    def open_review(self) -> Review | None:
        if self.version is None:
            return None
        return self.version.reviews.filter(state=ReviewState.OPEN).first()

    @cached_property
    def counts(self) -> dict[str, int]:
        """Checks of all tables of the version: passed, warnings, failed, errored."""
        return checks_of(self.resources)

    @property
    def verdict_label(self) -> str:
        return verdict_label(self.version, self.counts) if self.version is not None else ""

    # ------------------------------------------------------------ where
    @property
    def base(self) -> str:
        """The address under which the tabs of this version lie."""
        owner, slug = self.dataset.organization.slug, self.dataset.slug
        if self.version is None or self.is_latest:
            return reverse("catalog:dataset", args=[owner, slug])
        return reverse("catalog:version", args=[owner, slug, self.version.address])

    @property
    def home(self) -> str:
        return reverse("catalog:dataset", args=[self.dataset.organization.slug, self.dataset.slug])

    @property
    def api(self) -> str:
        """The API's address of this version."""
        name = self.version.address if self.version is not None else "latest"
        return f"/api/v1/datasets/{self.id}/versions/{name}"

    @property
    def table_query(self) -> str:
        """What keeps the chosen table on the way to another tab."""
        if self.resource is None or self.resource == self.resources[0]:
            return ""
        return f"?table={self.resource.name}"

    @property
    def tabs(self) -> list[Tab]:
        base, query = self.base, self.table_query
        tabs = [Tab("overview", _("Overview"), base)]
        if self.version is not None:
            tabs += [
                Tab("data", _("Data"), f"{base}data/{query}"),
                Tab("schema", _("Schema"), f"{base}schema/{query}", len(self.columns) or None),
                Tab("quality", _("Quality"), f"{base}quality/{query}"),
            ]
        tabs.append(Tab("versions", _("Versions"), f"{self.home}versions/", self.published_count or None))
        if self.version is not None:
            tabs.append(Tab("use", _("Use it"), f"{base}use/{query}"))
        if self.dataset.access != Access.PUBLIC or self.embargoed_until is not None:
            tabs.append(Tab("access", _("Access"), f"{self.home}access/"))
        return tabs

    @property
    def tab_path(self) -> str:
        """The tab's own part of an address, for menus that keep it; the tabs of the dataset alone have none."""
        return f"{self.tab}/" if self.tab in {"data", "schema", "quality", "use"} else ""


def open_head(request: HttpRequest, actor: Actor, *, owner: str, dataset: str, version: str = "", tab: str) -> Head:
    """The head of a dataset's page: of the version called so, else the latest, else the draft. Raises NotFound."""
    found = get_dataset(actor=actor, owner=owner, slug=dataset)
    chosen = _version(actor, found, version)
    if chosen is not None and chosen.state == VersionState.IN_REVIEW and carry_out_due(_reviews(chosen)):
        found = get_dataset(actor=actor, owner=owner, slug=dataset)
        chosen = _version(actor, found, version)
    return Head(actor=actor, dataset=found, version=chosen, tab=tab, table=request.GET.get("table", ""))


def _version(actor: Actor, dataset: Dataset, called: str) -> Version | None:
    if called:
        return get_version(actor=actor, dataset=dataset, version=called)
    if dataset.latest_id:
        return get_version(actor=actor, dataset=dataset, version="latest")
    return next((item for item in list_versions(actor=actor, dataset=dataset) if item.is_open), None)


def _reviews(version: Version) -> list[int]:
    """Those on which a decision may be recorded that nobody has carried out yet."""
    return list(version.reviews.filter(state=ReviewState.OPEN).values_list("pk", flat=True))


def checks_of(resources: Sequence[Resource]) -> dict[str, int]:
    """Sums of the tables' check counts."""
    counts = {"passed": 0, "warnings": 0, "failed": 0, "errored": 0}
    for resource in resources:
        for name, count in (resource.report.counts if resource.report else {}).items():
            counts[name] = counts.get(name, 0) + int(count)
    return counts


def verdict_label(version: Version, counts: dict[str, int]) -> str:
    """The verdict with the number that matters: Passed, 2 warnings."""
    if version.verdict == "warnings" and counts["warnings"]:
        found = counts["warnings"]
        return ngettext("Passed, %(n)d warning", "Passed, %(n)d warnings", found) % {"n": found}
    if version.verdict == "failed" and counts["failed"]:
        return ngettext("%(n)d check failed", "%(n)d checks failed", counts["failed"]) % {"n": counts["failed"]}
    return version.get_verdict_display()


def _tables(version: Version, *, with_recipes: bool) -> list[Resource]:
    """A recipe holds the first cells of each change: it is fetched for the page alone that tells it."""
    tables = version.resources.select_related("report", "conforms_to")
    sources = Prefetch("sources", queryset=ResourceSource.objects.defer("recipe"))
    resources = list((tables if with_recipes else tables.defer("recipe")).prefetch_related("parts", sources))
    for resource in resources:
        resource.version = version
    return resources


def _chosen(resources: Sequence[Resource], name: str) -> Resource | None:
    if not name:
        return resources[0] if resources else None
    for resource in resources:
        if resource.name == name:
            return resource
    raise NotFound(
        _("This version has no table “%(name)s”.") % {"name": name},
        remedy=_("The overview lists its tables."),
    )
