"""A draft on the page of one's work: how far it has come, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from catalog.models import SENT_BACK, Dataset, Resource, Review, ReviewState, VerdictStatus, Version


@dataclass(frozen=True, slots=True)
class Step:
    """``tone`` is a chip's; ``reason`` what a steward said; ``href`` is empty on a site that takes no uploads."""

    label: str
    tone: str
    verb: str
    href: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """``version`` is None for a dataset that has no table yet."""

    dataset: Dataset
    version: Version | None
    step: Step
    saved: datetime


def row_of_draft(version: Version) -> DraftRow:
    """The row of a draft, with ``resources`` and ``reviews`` fetched with it."""
    tables = list(version.resources.all())
    saved = max([version.created, version.dataset.modified, *(table.created for table in tables)])
    return DraftRow(version.dataset, version, _step(version, tables), saved)


def row_of_empty(dataset: Dataset) -> DraftRow:
    """The row of a dataset to which nothing was uploaded yet."""
    step = Step(_("No table yet"), "plain", _("Upload a table"), _page("share_dataset", dataset))
    return DraftRow(dataset, None, step, dataset.modified)


def _step(version: Version, tables: list[Resource]) -> Step:
    dataset = version.dataset
    returned = _returned(version)
    if returned is not None:
        is_declined = returned.state == ReviewState.DECLINED
        said = (
            (_("Declined"), "bad", _("Look at it")) if is_declined else (_("Changes asked for"), "warn", _("Change it"))
        )
        return Step(*said, _page("share_dataset", dataset), returned.reason)
    if not tables:
        return Step(_("No table yet"), "plain", _("Upload a table"), _page("share_dataset", dataset))
    doubtful = next((table for table in tables if table.questions), None)
    if doubtful is not None:
        clean = _page("clean", dataset, doubtful.name)
        return Step(_("Questions are open"), "warn", _("Answer"), clean)
    if any(table.verdict == VerdictStatus.PENDING for table in tables):
        return Step(_("Being checked"), "info", _("See the check"), _page("check", dataset))
    if version.verdict in {VerdictStatus.FAILED, VerdictStatus.ERRORED}:
        return Step(version.get_verdict_display(), "bad", _("See the check"), _page("check", dataset))
    return Step(_("Checked"), "ok", _("Submit it"), _page("submit", dataset))


def _returned(version: Version) -> Review | None:
    """The decision that sent it back, if that is the last one."""
    last = next(iter(version.reviews.all()), None)
    return last if last is not None and last.state in SENT_BACK else None


def _page(name: str, dataset: Dataset, *more: str) -> str:
    """A page of "Share data", which belongs to another part of the site."""
    try:
        return reverse(f"ingest:{name}", args=[dataset.organization.slug, dataset.slug, *more])
    except NoReverseMatch:
        return ""
