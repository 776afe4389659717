"""The to-do list of a version in words, with where each task is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from catalog.reporting.scorecard import Line, Scorecard, Task
from catalog.web.dataset.head import Head

# What is asked, and where: the page of the dataset where it can be done.
_ASKED: Mapping[Task, tuple[str | Promise, str]] = {
    Task.DESCRIPTION: (gettext_lazy("A description of at least %(enough)d characters"), "edit"),
    Task.KEYWORDS: (gettext_lazy("Keywords"), "edit"),
    Task.CONTACT: (gettext_lazy("An e-mail address for questions"), "edit"),
    Task.LICENSE: (gettext_lazy("A licence"), "edit"),
    Task.FREQUENCY: (gettext_lazy("How often new data are promised"), "edit"),
    Task.MEANINGS: (gettext_lazy("What each column means (%(done)d of %(all)d)"), "schema"),
    Task.UNITS: (gettext_lazy("Units of columns that measure something (%(done)d of %(all)d)"), "schema"),
    Task.KEY: (gettext_lazy("A key for each table (%(done)d of %(all)d)"), "schema"),
    Task.CHECKS: (gettext_lazy("Checks that pass (%(failed)d failed, %(warnings)d warned)"), "quality"),
    Task.CELLS: (gettext_lazy("Cells of the original that could be read (%(refused)d refused)"), "quality"),
    Task.FRESH: (gettext_lazy("New data when they were promised"), "edit"),
}


@dataclass(frozen=True, slots=True)
class Todo:
    """One line: what is asked, its points, the share earned, and the address where it is done (empty: not by you)."""

    words: str
    points: int
    earned: float
    share: float
    href: str


@dataclass(frozen=True, slots=True)
class ShownScore:
    """The score with what is left to do, what earns most first, and what is done."""

    score: int
    left: tuple[Todo, ...]
    done: tuple[Todo, ...]


def shown_score(card: Scorecard, head: Head) -> ShownScore:
    """The list as this reader sees it: links for those who may edit."""
    done = tuple(_todo(line, head) for line in card.lines if line.is_done)
    return ShownScore(card.score, tuple(_todo(line, head) for line in card.to_do), done)


def _todo(line: Line, head: Head) -> Todo:
    words, place = _ASKED[line.task]
    return Todo(str(words) % dict(line.params), line.points, line.earned, line.share, _where(place, head))


def _where(place: str, head: Head) -> str:
    if not head.may.edit:
        return ""
    return f"{head.home}edit/" if place == "edit" else f"{head.base}{place}/"
