"""Comparing two versions as a job: who wants a difference, whose turn it is, and what is kept of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.actor import system
from catalog.differences import State, StoredDifference
from catalog.errors import Unavailable
from catalog.events import raise_event
from catalog.fairness import work_in_turn
from catalog.lanes import Lane, lane_of
from catalog.leases import (
    MAX_ATTEMPTS,
    MAX_TRIES,
    NO_LEASE,
    Lease,
    LeaseLost,
    claim,
    counted_failure,
    held,
    lock_fenced,
)
from catalog.models import VerdictStatus, Version
from catalog.transitions import move
from catalog.workspace import workspace
from quality.models import Comparison, ComparisonState
from quality.services.comparing import compare_versions, fingerprint_of

logger = logging.getLogger(__name__)
WAKE_UPS = 200
"""Comparisons that a sweep sends wake-ups for, at most."""
TEXT_PER_PARQUET = 4
"""Bytes of text in a byte of Parquet, about; a table is as large as the file that it would be."""


@dataclass(frozen=True, slots=True)
class ComparisonQueued:
    """A comparison waits for a worker."""

    comparison_id: int


def stored(row: Comparison, *, version: Version, base: Version) -> StoredDifference:
    """A row as the core's pages read it."""
    is_current = row.fingerprint == fingerprint_of(version, base)
    return StoredDifference(version, base, cast("State", row.state), is_current, row.result)


class Shelf:
    """What catalog.differences asks."""

    def find(self, *, version: Version, base: Version) -> StoredDifference | None:
        row = Comparison.objects.filter(version=version, base=base).first()
        return None if row is None else stored(row, version=version, base=base)

    def want(self, *, version: Version, base: Version) -> StoredDifference:
        row = want_comparison(version=version, base=base)
        return stored(row, version=version, base=base)


@transaction.atomic
def want_comparison(*, version: Version, base: Version) -> Comparison:
    """The comparison of the two, queued where there is none of what they are now."""
    now = timezone.now()
    size = version.bytes + base.bytes
    row, is_new = Comparison.objects.get_or_create(
        version=version, base=base, defaults={"since": now, "queued_at": now, "bytes": size}
    )
    if is_new:
        raise_event(ComparisonQueued(row.pk))
        return row
    row = Comparison.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.state in (ComparisonState.QUEUED, ComparisonState.RUNNING):
        return row
    # One that failed for good is tried again when there is something else to compare.
    if row.fingerprint == fingerprint_of(version, base):
        return row
    fresh: dict[str, Any] = {"attempts": 0, "failures": 0, "error": "", "bytes": size, "since": now, "queued_at": now}
    row = move(row, to=ComparisonState.QUEUED, actor=system(), finished_at=None, **fresh)
    raise_event(ComparisonQueued(row.pk))
    return row


def want_against_latest(*, version_id: int) -> None:
    """Have an open version compared with the last published one, once all of its tables are checked."""
    version = Version.objects.select_related("dataset__latest").filter(pk=version_id).first()
    if version is None or not version.is_open or version.dataset.latest is None:
        return
    if not version.resources.filter(verdict=VerdictStatus.PENDING).exists():
        want_comparison(version=version, base=version.dataset.latest)


def find_work() -> list[int]:
    """Ids of comparisons to wake a worker for: those that wait without a message, or whose worker is gone."""
    now = timezone.now()
    patience = timedelta(seconds=settings.LEASE_SECONDS)
    waiting = Q(state=ComparisonState.QUEUED) & (Q(queued_at__isnull=True) | Q(queued_at__lt=now - patience))
    orphaned = Q(state=ComparisonState.RUNNING, lease_until__lt=now)
    found = list(Comparison.objects.filter(waiting | orphaned).order_by("pk").values_list("pk", flat=True)[:WAKE_UPS])
    Comparison.objects.filter(pk__in=found).update(queued_at=now)
    return found


def lane_of_comparison(comparison_id: int) -> Lane:
    """The lane of a comparison: that of the file that both versions would be as text."""
    found = Comparison.objects.filter(pk=comparison_id).values_list("bytes", flat=True).first()
    return lane_of(TEXT_PER_PARQUET * (found or 0))


def waiting_in(lane: Lane) -> QuerySet[Comparison]:
    """The comparisons of a lane that a worker may take: those that wait, and those whose worker is gone."""
    small, large = (size // TEXT_PER_PARQUET for size in (settings.SMALL_FILE_BYTES, settings.LARGE_FILE_BYTES))
    sizes = {Lane.SMALL: Q(bytes__lte=small), Lane.MEDIUM: Q(bytes__gt=small, bytes__lte=large)}
    orphaned = Q(state=ComparisonState.RUNNING, lease_until__lt=timezone.now())
    waiting = Comparison.objects.filter(Q(state=ComparisonState.QUEUED) | orphaned)
    return waiting.filter(sizes.get(lane, Q(bytes__gt=large)))


def next_of_the_larger_lanes() -> list[tuple[int, Lane]]:
    """One comparison of each larger lane that waits for a slot, as an example for a wake-up."""
    lanes = (Lane.MEDIUM, Lane.LARGE)
    found = [(waiting_in(lane).order_by("pk").values_list("pk", flat=True).first(), lane) for lane in lanes]
    return [(pk, lane) for pk, lane in found if pk is not None]


def run_next_comparison(*, comparison_id: int) -> None:
    """Do the comparison whose turn it is in the lane of the given one, if the worker has a slot for its size."""
    lane = lane_of_comparison(comparison_id)
    work_in_turn(
        lane,
        _work,
        rows=waiting_in(lane),
        organization="version__dataset__organization",
        since="since",
        waiting=ComparisonState.QUEUED,
        working=ComparisonState.RUNNING,
    )


def run_comparison(*, comparison_id: int) -> None:
    """Do a queued comparison, or one whose worker is gone; otherwise do nothing."""
    row = claim(Comparison, comparison_id, waiting=ComparisonState.QUEUED, working=ComparisonState.RUNNING)
    if row is not None:
        _work(row)


def _work(row: Comparison) -> None:
    """A claimed comparison, whatever comes of it."""
    if row.lease_token is None:
        return
    logger.info("comparison %s: version %s, attempt %s", row.pk, row.version_id, row.attempts)
    try:
        if row.attempts > MAX_ATTEMPTS:
            _end(lock_fenced(Comparison, row.pk, row.lease_token), "the worker was lost each time")
            return
        with held(Comparison, row.pk, row.lease_token) as lease, workspace("comparisons", row.pk) as folder:
            versions = Version.objects.select_related("dataset__organization")
            version, base = (versions.get(pk=pk) for pk in (row.version_id, row.base_id))
            fingerprint = fingerprint_of(version, base)
            result = compare_versions(version=version, base=base, known=row.result, folder=folder, pulse=lease.check)
            _keep(row, lease, fingerprint, result)
    except LeaseLost:
        logger.warning("comparison %s: another worker has it", row.pk)
    except (Unavailable, OperationalError, InterfaceError):
        logger.warning("comparison %s: a server does not answer", row.pk, exc_info=True)
        close_old_connections()
        _retry_or_give_up(row, row.lease_token, "unavailable")
    except Exception as error:
        logger.exception("comparison %s: failed", row.pk)
        _retry_or_give_up(row, row.lease_token, type(error).__name__)


@transaction.atomic
def _keep(row: Comparison, lease: Lease, fingerprint: str, result: dict[str, Any]) -> None:
    """Write the result; if a draft has moved on meanwhile, whoever looks next has it compared again."""
    locked = lock_fenced(Comparison, row.pk, lease.token)
    changes: dict[str, Any] = {"result": result, "fingerprint": fingerprint, "finished_at": timezone.now()}
    move(locked, to=ComparisonState.DONE, actor=system(), **NO_LEASE, **changes)


@transaction.atomic
def _end(row: Comparison, error: str) -> None:
    """It could not be compared, and that is said; what was known of an earlier state is not shown as this one's."""
    version, base = row.version, row.base
    changes: dict[str, Any] = {
        "result": {},
        "fingerprint": fingerprint_of(version, base),
        "finished_at": timezone.now(),
    }
    move(row, to=ComparisonState.ERRORED, actor=system(), error=error, failures=MAX_TRIES, **NO_LEASE, **changes)


def _retry_or_give_up(row: Comparison, token: UUID, reason: str) -> None:
    try:
        with transaction.atomic():
            locked = lock_fenced(Comparison, row.pk, token)
            counts: dict[str, Any] = dict(counted_failure(locked, outage=reason == "unavailable", since=locked.since))
            if counts["failures"] >= MAX_TRIES:
                _end(locked, reason)
                return
            locked = move(locked, to=ComparisonState.ERRORED, actor=system(), error=reason, **NO_LEASE, **counts)
            move(locked, to=ComparisonState.QUEUED, actor=system(), queued_at=timezone.now())
    except LeaseLost:
        logger.warning("comparison %s: another worker has it", row.pk)
    except Exception:
        # The lease runs out by itself, and the sweep finds the row.
        logger.exception("comparison %s: its failure could not be recorded", row.pk)
