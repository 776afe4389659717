"""Jobs as operators see them. Each app hands over, when the site starts, what its own kinds of jobs are called.

The core's page shows uploads, checks and comparisons without importing the apps whose jobs they are, as it does with
their wording (catalog/outcomes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Count, F, Q, QuerySet
from django.utils.functional import Promise

from catalog.errors import NotFound
from catalog.jobs.kind import JobKind
from catalog.jobs.lanes import Lane
from catalog.jobs.leases import LeasedModel
from catalog.models import Dataset

J = TypeVar("J", bound=LeasedModel)


class JobState(StrEnum):
    """What operators ask about a job, whatever its kind calls it."""

    FAILED = "failed"
    RUNNING = "running"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class JobPutBack:
    """An operator has put a failed job back; the app whose kind is called ``noun`` sends the wake-up."""

    noun: str
    pk: Any
    lane: Lane


@dataclass(frozen=True, slots=True)
class JobWords:
    """What a row is: its file or table, whose it is, the page (a path) that shows it, and what went wrong, if so.

    ``is_final`` says that it is tried again only by hand.
    """

    what: str
    dataset: Dataset
    path: str
    problem: str = ""
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job in the list. ``since`` is when it began to wait, ``heard_at`` when its worker last said that it lives."""

    noun: str
    kind: Promise | str
    pk: str
    state: JobState
    lane: Lane
    words: JobWords
    since: datetime
    heard_at: datetime | None
    attempts: int
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBoard(Generic[J]):
    """One kind of job on the board: ``failed`` finds its rows that ended in a failure of ours, ``tell`` describes one.

    ``related`` are the paths that ``tell`` reads; ``again`` the fields, with their values, that a row put back gets
    beside its state.
    """

    kind: JobKind[J]
    title: Promise | str
    failed: Q
    related: tuple[str, ...]
    tell: Callable[[J], JobWords]
    again: Callable[[], dict[str, Any]]

    @property
    def noun(self) -> str:
        return self.kind.noun

    def found(self, state: JobState, lane: Lane | None = None) -> QuerySet[J]:
        """The rows in a state, those that have waited longest first; of failed ones the newest."""
        rows = self.kind.model._default_manager.filter(self._in(state))
        if lane is not None:
            rows = rows.filter(self.kind.sizes.within(lane))
        since = F(self.kind.since)
        return rows.order_by(since.desc(nulls_last=True) if state is JobState.FAILED else since.asc(nulls_last=True))

    def counts(self) -> dict[Lane, dict[JobState, int]]:
        """How many jobs of each lane are in each state; one query."""
        asked = {
            f"{lane}_{state}": Count("pk", filter=self._in(state) & self.kind.sizes.within(lane))
            for lane in Lane
            for state in JobState
        }
        there = self._in(JobState.WAITING) | self._in(JobState.RUNNING) | self._in(JobState.FAILED)
        found = self.kind.model._default_manager.filter(there).aggregate(**asked)
        return {lane: {state: found[f"{lane}_{state}"] for state in JobState} for lane in Lane}

    def shown(self, state: JobState, *, lane: Lane | None, most: int) -> list[ShownJob]:
        """The first rows of a state, described."""
        rows = self.found(state, lane).select_related(*self.related)
        sized = rows.annotate(job_size=F(self.kind.sizes.path), job_since=F(self.kind.since))[:most]
        return [self._shown(row, state) for row in sized]

    def get(self, pk: str) -> J:
        """The row of that key. Raises NotFound."""
        try:
            found = self.kind.model._default_manager.select_related(*self.related).filter(pk=pk).first()
        except (ValidationError, ValueError):
            # A key that can't be read is no job's.
            found = None
        if found is None:
            raise NotFound
        return found

    def _in(self, state: JobState) -> Q:
        if state is JobState.FAILED:
            return self.failed
        return Q(state=self.kind.waiting if state is JobState.WAITING else self.kind.working)

    def _shown(self, row: Any, state: JobState) -> ShownJob:
        return ShownJob(
            noun=self.noun,
            kind=self.title,
            pk=str(row.pk),
            state=state,
            lane=self.kind.sizes.lane_of(row.job_size),
            words=self.tell(row),
            since=row.job_since or row.created,
            heard_at=row.heartbeat_at,
            attempts=row.attempts,
            failures=row.failures,
        )


_boards: list[JobBoard[Any]] = []


def register_board(board: JobBoard[Any]) -> None:
    """Put a kind of job on the board."""
    _boards[:] = [*(item for item in _boards if item.noun != board.noun), board]


def boards() -> Sequence[JobBoard[Any]]:
    """All kinds, in the order in which the apps named them."""
    return tuple(_boards)


def board_of(noun: str) -> JobBoard[Any]:
    """The kind of that name. Raises NotFound."""
    for board in _boards:
        if board.noun == noun:
            return board
    raise NotFound
