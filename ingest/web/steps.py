"""The four steps of "Share data": which is done, which is open, and why one can't be reached yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Resource, Version
from ingest.recipes.opening import is_doubtful
from ingest.web.draft import Draft

FILES, CLEAN, CHECK, SUBMIT, SENT = 1, 2, 3, 4, 5
"""``SENT`` is after the last one."""

# What is said of reading a file in which nothing had to be changed.
_QUIET = frozenset({"decode", "read-header", "read-sheet", "read-objects", "keep-text", "cast", "write-parquet"})


@dataclass(frozen=True, slots=True)
class Step:
    """``words`` say how it stands; ``url`` is empty for the step that is open, and for one that can't be reached."""

    label: str
    url: str
    words: str
    state: Literal["open", "done", "next", "closed"]


def steps(draft: Draft, at: int) -> list[Step]:
    """The steps as they stand while the step ``at`` is open."""
    names = ("ingest:share_dataset", "ingest:map", "ingest:check", "ingest:submit")
    labels = (_("Files & description"), _("Map & clean"), _("Check"), _("Submit"))
    place = [draft.dataset.organization.slug, draft.dataset.slug]
    tables = draft.tables
    found = []
    for number, (label, name) in enumerate(zip(labels, names, strict=True), start=FILES):
        url = reverse(name, args=place) + ("?look" if number == CLEAN else "")
        if at == SENT:
            found.append(Step(label, "", _("done"), "done"))
        elif number == at:
            found.append(Step(label, "", "", "open"))
        elif number != FILES and not tables:
            found.append(Step(label, "", _("after the first table"), "closed"))
        elif number == SUBMIT and draft.is_checking:
            found.append(Step(label, "", _("when the checks are done"), "closed"))
        else:
            asked = sum(len(table.questions) for table in tables) if number == CLEAN else 0
            words = ngettext("%(n)s question", "%(n)s questions", asked) % {"n": asked} if asked else ""
            is_done = number < at and not asked
            found.append(Step(label, url, words or (_("done") if is_done else ""), "done" if is_done else "next"))
    return found


def is_untouched(draft: Draft, tables: Sequence[Resource]) -> bool:
    """Whether there is nothing to look at in step 2: no table was changed, and nothing is asked or proposed.

    A table that stands in the draft as it stood in the version before was looked at there.
    """
    known = {} if draft.version is None else _readings(draft.version.started_from)
    return all(_is_plain(table) or _reading(table) == known.get(table.name) for table in tables)


def _is_plain(table: Resource) -> bool:
    return not table.questions and not table.suggestions and all(map(_is_quiet, table.recipe))


def _is_quiet(step: Mapping[str, Any]) -> bool:
    return step.get("step") in _QUIET and not step.get("refused") and not is_doubtful(step)


def _readings(version: Version | None) -> dict[str, tuple[str, Any]]:
    return {} if version is None else {table.name: _reading(table) for table in version.resources.all()}


def _reading(table: Resource) -> tuple[str, Any]:
    """What was read, and how; the questions of a table that was published are settled by that."""
    return table.original_sha256, table.recipe
