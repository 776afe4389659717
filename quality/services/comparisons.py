"""Comparing two versions as a job: who wants a difference, whose turn it is, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django.db import transaction
from django.utils import timezone

from catalog.actor import system
from catalog.differences import State, StoredDifference
from catalog.events import raise_event
from catalog.jobs.kind import Failure, JobKind, ParquetBytes, Work
from catalog.jobs.leases import MAX_TRIES, NO_LEASE, Lease, lock_fenced
from catalog.models import VerdictStatus, Version
from catalog.transitions import move
from quality.models import Comparison, ComparisonState
from quality.services.comparing import compare_versions, fingerprint_of

COMPARISONS = JobKind(
    model=Comparison,
    noun="comparison",
    waiting=ComparisonState.QUEUED,
    working=ComparisonState.RUNNING,
    organization="version__dataset__organization",
    since="since",
    sizes=ParquetBytes("bytes"),
)


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


def run_next_comparison(*, comparison_id: int) -> None:
    """Do the comparison whose turn it is in the lane of the given one, if the worker has a slot for its size."""
    COMPARISONS.do_next(comparison_id, _WORK)


def run_comparison(*, comparison_id: int) -> None:
    """Do a queued comparison, or one whose worker is gone; otherwise do nothing."""
    COMPARISONS.do(comparison_id, _WORK)


def _compare(row: Comparison, lease: Lease, folder: Path) -> None:
    versions = Version.objects.select_related("dataset__organization")
    version, base = (versions.get(pk=pk) for pk in (row.version_id, row.base_id))
    fingerprint = fingerprint_of(version, base)
    result = compare_versions(version=version, base=base, known=row.result, folder=folder, pulse=lease.check)
    _keep(row, lease, fingerprint, result)


@transaction.atomic
def _keep(row: Comparison, lease: Lease, fingerprint: str, result: dict[str, Any]) -> None:
    """Write the result; if a draft has moved on meanwhile, whoever looks next has it compared again."""
    locked = lock_fenced(Comparison, row.pk, lease.token)
    changes: dict[str, Any] = {"result": result, "fingerprint": fingerprint, "finished_at": timezone.now()}
    move(locked, to=ComparisonState.DONE, actor=system(), **NO_LEASE, **changes)


def _failed(row: Comparison, failure: Failure) -> None:
    """Tried again, or said to be impossible; what was known of an earlier state is not shown as this one's."""
    changes: dict[str, Any] = {"error": failure.cause, **NO_LEASE, **failure.counts}
    if not failure.is_final:
        row = move(row, to=ComparisonState.ERRORED, actor=system(), **changes)
        move(row, to=ComparisonState.QUEUED, actor=system(), queued_at=timezone.now())
        return
    fingerprint = fingerprint_of(row.version, row.base)
    changes |= {"result": {}, "fingerprint": fingerprint, "finished_at": timezone.now(), "failures": MAX_TRIES}
    move(row, to=ComparisonState.ERRORED, actor=system(), **changes)


_WORK = Work(_compare, _failed)
