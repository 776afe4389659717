"""One check run: profile and expectations over a resource's Parquet, ending in the core's ``record_verdict``."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog import keys, storage
from catalog.actor import system
from catalog.errors import Unavailable
from catalog.events import VersionChecked, raise_event
from catalog.fairness import work_in_turn
from catalog.hashes import canonical_json
from catalog.lanes import Lane, engine_threads, lane_of
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
from catalog.models import Resource, VerdictStatus, Version
from catalog.services.reports import CheckedTable, record_verdict, show_stage
from catalog.table_schema import TableSchema
from catalog.transitions import move
from catalog.workspace import fetch, workspace
from quality.models import CheckRun, CheckRunState
from quality.rules.rule import LEVELS, Rule, RuleType

logger = logging.getLogger(__name__)
WAKE_UPS = 200
"""Runs that a sweep sends wake-ups for, at most: a worker that is woken takes whichever waits."""
TEXT_PER_PARQUET = 4
"""Bytes of text in a byte of Parquet, about; a table is as large as the file that it would be."""


def queue_check(*, resource_id: int) -> CheckRun | None:
    """A queued run for the resource; one that waits already serves. None when the resource is gone."""
    if not Resource.objects.filter(pk=resource_id).exists():
        return None
    run, _ = CheckRun.objects.get_or_create(
        resource_id=resource_id, state=CheckRunState.QUEUED, defaults={"queued_at": timezone.now()}
    )
    return run


def find_work() -> list[int]:
    """Ids of runs to wake a worker for, found by state; resources that nobody queued are queued here."""
    now = timezone.now()
    patience = timedelta(seconds=settings.LEASE_SECONDS)
    forgotten = Resource.objects.filter(verdict=VerdictStatus.PENDING, created__lt=now - patience).exclude(
        check_runs__state__in=[CheckRunState.QUEUED, CheckRunState.RUNNING]
    )
    for resource_id in forgotten.values_list("pk", flat=True)[:500]:
        queue_check(resource_id=resource_id)
    waiting = Q(state=CheckRunState.QUEUED) & (Q(queued_at__isnull=True) | Q(queued_at__lt=now - patience))
    orphaned = Q(state=CheckRunState.RUNNING, lease_until__lt=now)
    found = list(CheckRun.objects.filter(waiting | orphaned).order_by("pk").values_list("pk", flat=True)[:WAKE_UPS])
    CheckRun.objects.filter(pk__in=found).update(queued_at=now)
    return found


def lane_of_run(run_id: int) -> Lane:
    """The lane of a run: that of the file that the table would be as text."""
    found = CheckRun.objects.filter(pk=run_id).values_list("resource__bytes", flat=True).first()
    return lane_of(TEXT_PER_PARQUET * (found or 0))


def waiting_in(lane: Lane) -> QuerySet[CheckRun]:
    """The runs of a lane that a worker may take: those that wait, and those whose worker is gone."""
    small, large = (size // TEXT_PER_PARQUET for size in (settings.SMALL_FILE_BYTES, settings.LARGE_FILE_BYTES))
    sizes = {
        Lane.SMALL: Q(resource__bytes__lte=small),
        Lane.MEDIUM: Q(resource__bytes__gt=small, resource__bytes__lte=large),
        Lane.LARGE: Q(resource__bytes__gt=large),
    }
    orphaned = Q(state=CheckRunState.RUNNING, lease_until__lt=timezone.now())
    return CheckRun.objects.filter(Q(state=CheckRunState.QUEUED) | orphaned).filter(sizes[lane])


def next_of_the_larger_lanes() -> list[tuple[int, Lane]]:
    """One run of each larger lane that waits for a slot, as an example for a wake-up."""
    lanes = (Lane.MEDIUM, Lane.LARGE)
    found = [(waiting_in(lane).order_by("pk").values_list("pk", flat=True).first(), lane) for lane in lanes]
    return [(pk, lane) for pk, lane in found if pk is not None]


def run_next_check(*, run_id: int) -> None:
    """Do the run whose turn it is in the lane of the given one, if the worker has a slot for its size."""
    lane = lane_of_run(run_id)
    work_in_turn(
        lane,
        _work,
        rows=waiting_in(lane),
        organization="resource__version__dataset__organization",
        since="created",
        waiting=CheckRunState.QUEUED,
        working=CheckRunState.RUNNING,
    )


def run_check(*, run_id: int) -> None:
    """Do a queued run, or one whose worker is gone; otherwise do nothing."""
    run = claim(CheckRun, run_id, waiting=CheckRunState.QUEUED, working=CheckRunState.RUNNING)
    if run is not None:
        _work(run)


def _work(run: CheckRun) -> None:
    """A claimed run, whatever comes of it."""
    if run.lease_token is None:
        return
    logger.info("check %s: resource %s, attempt %s", run.pk, run.resource_id, run.attempts)
    try:
        if run.attempts > MAX_ATTEMPTS:
            _give_up(run, run.lease_token, "the worker was lost each time")
            return
        with held(CheckRun, run.pk, run.lease_token) as lease, workspace("checks", run.pk) as folder:
            _check(run, lease, folder)
    except LeaseLost:
        logger.warning("check %s: another worker has it", run.pk)
    except (Unavailable, OperationalError, InterfaceError):
        logger.warning("check %s: a server does not answer", run.pk, exc_info=True)
        close_old_connections()
        _retry_or_give_up(run, run.lease_token, "unavailable")
    except Exception as error:
        logger.exception("check %s: failed", run.pk)
        _retry_or_give_up(run, run.lease_token, type(error).__name__)


def _check(run: CheckRun, lease: Lease, folder: Path) -> None:
    # The engines are imported here: Great Expectations takes three seconds and 250 MB, which only workers pay.
    from quality.checking.increment import check_added, judged_before
    from quality.checking.verdict import verdict
    from quality.profiling.profile import profile
    from quality.services.failing import circumstances_of, store_failing_rows
    from quality.services.personal import search_personal

    resource = (
        Resource.objects.select_related("version__dataset", "report").prefetch_related("parts").get(pk=run.resource_id)
    )
    dataset = resource.version.dataset
    show_stage(resource_id=resource.pk, stage="profile")
    parquet = [
        fetch(keys.parquet(dataset.pk, part.sha256), folder / f"part-{part.position:05d}.parquet")
        for part in resource.parts.all()
    ]
    lease.check()
    schema = TableSchema.from_descriptor(resource.schema)
    limits: dict[str, Any] = {"memory_limit": settings.ENGINE_MEMORY, "threads": engine_threads()}
    profiled = profile(parquet=parquet, schema=schema, workdir=folder, **limits)
    lease.check()
    show_stage(resource_id=resource.pk, stage="personal")
    personal = search_personal(parquet=parquet, schema=schema, workdir=folder, **limits)
    lease.check()
    show_stage(resource_id=resource.pk, stage="validate")
    rules = applicable_rules(dataset.all_rules, resource)
    around = circumstances_of(resource, folder)
    if around.earlier is None:
        # The first of its kind has nothing to be compared with.
        rules = [rule for rule in rules if rule.type is not RuleType.DRIFT]
    limits["circumstances"] = around
    judged = judged_before(resource.report, [(part.sha256, part.rows) for part in resource.parts.all()])
    result = check_added(parquet=parquet, judged=judged, schema=schema, rules=rules, workdir=folder, **limits)
    lease.check()
    outcomes = store_failing_rows(resource, result.outcomes, schema, parquet, folder, **limits)
    lease.check()
    summary = verdict(outcomes)
    data = canonical_json(result.expectations_json)
    sha256 = hashlib.sha256(data).hexdigest()
    storage.put_bytes(keys.expectations(dataset.pk, sha256), data, content_type="application/json")
    checked = CheckedTable(
        verdict=VerdictStatus(summary.status),
        score=summary.score,
        counts=dict(summary.counts),
        outcomes=[outcome.to_json() for outcome in outcomes],
        profile=profiled.to_json(),
        expectations_sha256=sha256,
        engine=dict(result.engine),
        seconds=result.seconds + profiled.seconds,
        personal=personal,
        parts=tuple(part.sha256 for part in resource.parts.all()),
        rules=dataset.all_rules,
    )
    with transaction.atomic():
        row = _lock_run(run, lease.token)
        stale = _is_stale(row.resource, schema=resource.schema, rules=dataset.all_rules)
        record_verdict(actor=system(), resource=resource, result=checked, is_stale=stale)
        _end(row, CheckRunState.DONE)
        raise_event(VersionChecked(resource.version_id))


def _lock_run(run: CheckRun, token: UUID) -> CheckRun:
    """The run, locked after its version: whoever replaces a table has its version first. Raises LeaseLost."""
    Version.objects.select_for_update(of=("self",)).filter(resources=run.resource_id).first()
    return lock_fenced(CheckRun, run.pk, token)


def _is_stale(now: Resource, *, schema: dict[str, Any], rules: list[dict[str, Any]]) -> bool:
    """Whether what was checked has changed meanwhile: told by the thing itself, and by a run that waits."""
    changed = now.schema != schema or now.version.dataset.all_rules != rules
    return changed or now.check_runs.filter(state=CheckRunState.QUEUED).exists()


def applicable_rules(stored: list[dict[str, object]], resource: Resource) -> list[Rule]:
    """The owner's rules and those of rule sets that speak of this table: all of their columns are its columns.

    A rule that fits none of the version's tables is asked of each, and comes back as "could not check": a rule
    that was mistyped must not look like one that passed.
    """
    tables = {table.pk: {item["name"] for item in table.schema["fields"]} for table in resource.version.resources.all()}
    # A rule that stands in several sets, or in a set and among the owner's, is asked once, at its strictest level: to
    # repeat a set's error as a note does not soften it.
    asked: dict[str, Rule] = {}
    for rule in map(Rule.from_stored, stored):
        known = asked.get(rule.question, rule)
        asked[rule.question] = min(known, rule, key=lambda item: LEVELS.index(item.level))
    return [
        rule
        for rule in asked.values()
        if set(rule.reads) <= tables[resource.pk] or not any(set(rule.reads) <= names for names in tables.values())
    ]


def _retry_or_give_up(run: CheckRun, token: UUID, reason: str) -> None:
    try:
        with transaction.atomic():
            row = _lock_run(run, token)
            counts = counted_failure(row, outage=reason == "unavailable", since=row.created)
            if counts["failures"] >= MAX_TRIES:
                _record_errored(row, reason)
                return
            row = _end(row, CheckRunState.ERRORED, error=reason, **counts)
            if not row.resource.check_runs.filter(state=CheckRunState.QUEUED).exists():
                move(row, to=CheckRunState.QUEUED, actor=system(), queued_at=timezone.now(), finished_at=None)
    except LeaseLost:
        logger.warning("check %s: another worker has it", run.pk)
    except Exception:
        # The lease runs out by itself, and the sweep finds the row.
        logger.exception("check %s: its failure could not be recorded", run.pk)


def _give_up(run: CheckRun, token: UUID, reason: str) -> None:
    with transaction.atomic():
        _record_errored(_lock_run(run, token), reason)


def _record_errored(row: CheckRun, reason: str) -> None:
    """Record that it could not be checked: a verdict of its own, which people see, and never "passed"."""
    result = CheckedTable(
        verdict=VerdictStatus.ERRORED,
        score=None,
        counts={"passed": 0, "warnings": 0, "failed": 0, "errored": 1},
        outcomes=[],
        profile={},
        expectations_sha256="",
        engine={},
        seconds=0,
    )
    record_verdict(actor=system(), resource=row.resource, result=result, is_stale=False)
    _end(row, CheckRunState.ERRORED, failures=MAX_TRIES, error=reason)


def _end(row: CheckRun, state: CheckRunState, **changes: Any) -> CheckRun:
    logger.info("check %s: %s", row.pk, state)
    return move(row, to=state, actor=system(), finished_at=timezone.now(), **NO_LEASE, **changes)
