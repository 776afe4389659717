"""What kinds of jobs have in common: how their rows are found, whose turn it is, and what becomes of a failed attempt.

A kind names a table of job rows (catalog.jobs.leases), its two states of work, whose a row is and in which lane it
waits; what is done is given by the app whose job it is, as ``Work``. A message is only a wake-up: it names a row as an
example of a lane, and the sweep finds by state whatever no message was sent for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.errors import Unavailable
from catalog.jobs.fairness import work_in_turn
from catalog.jobs.lanes import Lane, lane_of
from catalog.jobs.leases import (
    MAX_ATTEMPTS,
    MAX_TRIES,
    Lease,
    LeasedModel,
    LeaseLost,
    claim,
    counted_failure,
    held,
    lock_fenced,
)
from catalog.jobs.workspace import workspace

logger = logging.getLogger(__name__)
J = TypeVar("J", bound=LeasedModel)
WAKE_UPS = 200
"""Rows of a kind that a sweep sends wake-ups for, at most: a worker that is woken takes whichever waits."""
TEXT_PER_PARQUET = 4
"""Bytes of text in a byte of Parquet, about; a table is as large as the file that it would be."""
LARGER_LANES = (Lane.MEDIUM, Lane.LARGE)


class NotNowError(Exception):
    """The attempt can't end well at this moment, and nothing is wrong with the job: it counts like an outage."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that failed for a reason of ours.

    ``cause`` is for operators: the name of an exception's class, or the code. ``counts`` are the row's new ``failures``
    and ``attempts``; ``is_final`` says that nobody but an operator tries again.
    """

    code: Literal["unavailable", "worker-lost", "internal"]
    cause: str
    counts: Mapping[str, int]

    @property
    def is_final(self) -> bool:
        return self.counts["failures"] >= MAX_TRIES


@dataclass(frozen=True, slots=True)
class Work(Generic[J]):
    """What a kind of job does with a claimed row.

    ``run`` gets the row, its lease and a folder that is gone afterwards; it writes its result behind the lease's fence.
    ``failed`` writes the failure into the row, which is locked by ``lock`` in the same transaction.
    """

    run: Callable[[J, Lease, Path], None]
    failed: Callable[[J, Failure], None]
    lock: Callable[[J, UUID], J] | None = None
    """For jobs that lock other rows before their own; as ``lock_fenced`` otherwise. Raises LeaseLost."""


class Sizes(Protocol):
    """Tells in which lane a row waits, from one field of it."""

    @property
    def path(self) -> str: ...

    def within(self, lane: Lane) -> Q: ...

    def lane_of(self, value: Any) -> Lane: ...


@dataclass(frozen=True, slots=True)
class LaneColumn:
    """The row says its lane itself."""

    path: str

    def within(self, lane: Lane) -> Q:
        return Q(**{self.path: lane})

    def lane_of(self, value: Any) -> Lane:
        return Lane(value)


@dataclass(frozen=True, slots=True)
class ParquetBytes:
    """The row, or one that it belongs to, says how many bytes of Parquet there are to be read."""

    path: str

    def within(self, lane: Lane) -> Q:
        small, large = (size // TEXT_PER_PARQUET for size in (settings.SMALL_FILE_BYTES, settings.LARGE_FILE_BYTES))
        if lane is Lane.SMALL:
            return Q(**{f"{self.path}__lte": small})
        if lane is Lane.MEDIUM:
            return Q(**{f"{self.path}__gt": small, f"{self.path}__lte": large})
        return Q(**{f"{self.path}__gt": large})

    def lane_of(self, value: Any) -> Lane:
        return lane_of(TEXT_PER_PARQUET * value)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind(Generic[J]):
    """One kind of job.

    ``organization`` and ``since`` name the fields (with their paths) of whose a row is, and since when it waits for its
    result; ``first`` the one by which a sweep sends wake-ups.
    """

    model: type[J]
    noun: str
    waiting: str
    working: str
    organization: str
    since: str
    sizes: Sizes
    first: str = "pk"

    def waiting_in(self, lane: Lane) -> QuerySet[J]:
        """The rows of a lane that a worker may take: those that wait, and those whose worker is gone."""
        free = Q(state=self.waiting) | self._orphaned()
        return self.model._default_manager.filter(free).filter(self.sizes.within(lane))

    def lane_of(self, pk: Any) -> Lane:
        """The lane of a row; one that is gone is no work in any, and looking costs least in the small one."""
        found = self.model._default_manager.filter(pk=pk).values_list(self.sizes.path, flat=True).first()
        return Lane.SMALL if found is None else self.sizes.lane_of(found)

    def find_work(self) -> list[tuple[Any, Lane]]:
        """Rows to wake a worker for, with their lanes: waiting without a message, or left by their worker."""
        now = timezone.now()
        patience = timedelta(seconds=settings.LEASE_SECONDS)
        forgotten = Q(state=self.waiting) & (Q(queued_at__isnull=True) | Q(queued_at__lt=now - patience))
        rows = self.model._default_manager.filter(forgotten | self._orphaned()).order_by(self.first)
        found = [(pk, self.sizes.lane_of(size)) for pk, size in rows.values_list("pk", self.sizes.path)[:WAKE_UPS]]
        self.model._default_manager.filter(pk__in=[pk for pk, _ in found]).update(queued_at=now)
        return found

    def next_of_the_larger_lanes(self) -> list[tuple[Any, Lane]]:
        """One row of each larger lane that waits for a slot, as an example for a wake-up."""
        heads = [
            (self.waiting_in(lane).order_by(self.since).values_list("pk", flat=True), lane) for lane in LARGER_LANES
        ]
        found = [(head.first(), lane) for head, lane in heads]
        return [(pk, lane) for pk, lane in found if pk is not None]

    def do_next(self, pk: Any, work: Work[J]) -> None:
        """Do the job whose turn it is in the lane of the given row, if the worker has a slot for its size."""
        lane = self.lane_of(pk)
        work_in_turn(
            lane,
            lambda row: self._attempt(row, work),
            rows=self.waiting_in(lane),
            organization=self.organization,
            since=self.since,
            waiting=self.waiting,
            working=self.working,
        )

    def do(self, pk: Any, work: Work[J]) -> None:
        """Do this job if it waits, or if the worker that had it is gone; otherwise do nothing."""
        row = claim(self.model, pk, waiting=self.waiting, working=self.working)
        if row is not None:
            self._attempt(row, work)

    def _orphaned(self) -> Q:
        return Q(state=self.working, lease_until__lt=timezone.now())

    def _attempt(self, row: J, work: Work[J]) -> None:
        """A claimed row, whatever comes of it."""
        token = row.lease_token
        if token is None:
            return
        logger.info("%s %s: attempt %s", self.noun, row.pk, row.attempts)
        try:
            if row.attempts > MAX_ATTEMPTS:
                self._record_failure(row, token, work, "worker-lost", "the worker was lost each time")
                return
            with held(self.model, row.pk, token) as lease, workspace(f"{self.noun}s", row.pk) as folder:
                work.run(row, lease, folder)
        except LeaseLost:
            logger.warning("%s %s: another worker has it", self.noun, row.pk)
        except NotNowError as reason:
            logger.warning("%s %s: not now, %s", self.noun, row.pk, reason)
            self._record_failure(row, token, work, "unavailable", "unavailable")
        except (Unavailable, OperationalError, InterfaceError):
            logger.warning("%s %s: a server does not answer", self.noun, row.pk, exc_info=True)
            close_old_connections()
            self._record_failure(row, token, work, "unavailable", "unavailable")
        except Exception as error:
            logger.exception("%s %s: failed", self.noun, row.pk)
            self._record_failure(row, token, work, "internal", type(error).__name__)

    def _record_failure(
        self, row: J, token: UUID, work: Work[J], code: Literal["unavailable", "worker-lost", "internal"], cause: str
    ) -> None:
        """Record a failure of ours, if the lease still is ours and the database answers."""
        try:
            with transaction.atomic():
                locked = lock_fenced(self.model, row.pk, token) if work.lock is None else work.lock(row, token)
                counts = counted_failure(locked, outage=code == "unavailable", since=getattr(locked, self.since))
                if code == "worker-lost":
                    counts["failures"] = MAX_TRIES
                work.failed(locked, Failure(code, cause, counts))
        except LeaseLost:
            logger.warning("%s %s: another worker has it", self.noun, row.pk)
        except Exception:
            # The lease runs out by itself, and the sweep finds the row.
            logger.exception("%s %s: its failure could not be recorded", self.noun, row.pk)
