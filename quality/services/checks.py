"""One check run: profile and expectations over a resource's Parquet, ending in the core's ``record_verdict``."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog import keys, storage
from catalog.actor import system
from catalog.events import VersionChecked, raise_event
from catalog.hashes import canonical_json
from catalog.jobs.kind import Failure, JobKind, ParquetBytes, Work
from catalog.jobs.lanes import Lane, engine_threads
from catalog.jobs.leases import MAX_TRIES, NO_LEASE, Lease, lock_fenced
from catalog.jobs.workspace import fetch
from catalog.models import Resource, VerdictStatus, Version
from catalog.models.version import OPEN_STATES
from catalog.services.reviewing.reports import CheckedTable, record_later_look, record_verdict, show_stage
from catalog.table_schema import TableSchema
from catalog.transitions import move
from quality.models import CheckRun, CheckRunState
from quality.rules.rule import LEVELS, Rule, RuleType
from quality.version import LOOKS

logger = logging.getLogger(__name__)
CHECKS = JobKind(
    model=CheckRun,
    noun="check",
    waiting=CheckRunState.QUEUED,
    working=CheckRunState.RUNNING,
    organization="resource__version__dataset__organization",
    since="created",
    sizes=ParquetBytes("resource__bytes"),
)


@dataclass(frozen=True, slots=True)
class _Look:
    """What is there, beside what the rules say of it: the profile with the content's fingerprint, and personal data."""

    profile: dict[str, Any]
    personal: dict[str, Any]
    seconds: float


def queue_check(*, resource_id: int) -> CheckRun | None:
    """A queued run for the resource; one that waits already serves. None when the resource is gone."""
    if not Resource.objects.filter(pk=resource_id).exists():
        return None
    run, _ = CheckRun.objects.get_or_create(
        resource_id=resource_id, state=CheckRunState.QUEUED, defaults={"queued_at": timezone.now()}
    )
    return run


def find_work() -> list[tuple[int, Lane]]:
    """Runs to wake a worker for, with their lanes; resources that nobody queued are queued here."""
    patience = timedelta(seconds=settings.LEASE_SECONDS)
    pending = Resource.objects.filter(verdict=VerdictStatus.PENDING, created__lt=timezone.now() - patience)
    forgotten = pending.exclude(check_runs__state__in=[CheckRunState.QUEUED, CheckRunState.RUNNING])
    for resource_id in forgotten.values_list("pk", flat=True)[:500]:
        queue_check(resource_id=resource_id)
    return CHECKS.find_work()


def run_next_check(*, run_id: int) -> None:
    """Do the run whose turn it is in the lane of the given one, if the worker has a slot for its size."""
    CHECKS.do_next(run_id, _WORK)


def run_check(*, run_id: int) -> None:
    """Do a queued run, or one whose worker is gone; otherwise do nothing."""
    CHECKS.do(run_id, _WORK)


def _check(run: CheckRun, lease: Lease, folder: Path) -> None:
    """Profile, search for personal data and rules over the table's Parquet, and the verdict recorded."""
    # The engines are imported here: Great Expectations takes three seconds and 250 MB, which only workers pay.
    from quality.checking.freshness import dated
    from quality.checking.increment import check_added, judged_before
    from quality.checking.verdict import verdict
    from quality.services.failing import circumstances_of, store_failing_rows

    resource = (
        Resource.objects.select_related("version__dataset", "report").prefetch_related("parts").get(pk=run.resource_id)
    )
    dataset = resource.version.dataset
    schema = TableSchema.from_descriptor(resource.schema)
    limits: dict[str, Any] = {"memory_limit": settings.ENGINE_MEMORY, "threads": engine_threads()}
    parquet = _fetched(resource, folder)
    lease.check()
    look = _look(resource, schema, parquet, folder, lease, limits)
    if resource.version.state not in OPEN_STATES:
        _keep_beside(run, lease, resource, look)
        return
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
    judged_now = dated(result.outcomes, around.now)
    outcomes = store_failing_rows(resource, judged_now, schema, parquet, folder, **limits)
    lease.check()
    summary = verdict(outcomes)
    sha256 = _store_expectations(dataset.pk, result.expectations_json)
    checked = CheckedTable(
        verdict=VerdictStatus(summary.status),
        score=summary.score,
        counts=dict(summary.counts),
        outcomes=[outcome.to_json() for outcome in outcomes],
        profile=look.profile,
        expectations_sha256=sha256,
        engine={**result.engine, "checks": LOOKS},
        seconds=result.seconds + look.seconds,
        personal=look.personal,
        parts=tuple(part.sha256 for part in resource.parts.all()),
        rules=dataset.all_rules,
    )
    with transaction.atomic():
        row = _lock_run(run, lease.token)
        stale = _is_stale(row.resource, schema=resource.schema, rules=dataset.all_rules)
        record_verdict(actor=system(), resource=resource, result=checked, is_stale=stale)
        _end(row, CheckRunState.DONE)
        raise_event(VersionChecked(resource.version_id))


def _store_expectations(dataset_id: int, run: dict[str, Any]) -> str:
    """Great Expectations' own suite and results into the store; their sha256."""
    data = canonical_json(run)
    sha256 = hashlib.sha256(data).hexdigest()
    storage.put_bytes(keys.expectations(dataset_id, sha256), data, content_type="application/json")
    return sha256


def _fetched(resource: Resource, folder: Path) -> list[Path]:
    dataset_id = resource.version.dataset_id
    return [
        fetch(keys.parquet(dataset_id, part.sha256), folder / f"part-{part.position:05d}.parquet")
        for part in resource.parts.all()
    ]


def _look(
    resource: Resource, schema: TableSchema, parquet: list[Path], folder: Path, lease: Lease, limits: dict[str, Any]
) -> _Look:
    from quality.profiling.fingerprint import fingerprint
    from quality.profiling.profile import profile
    from quality.services.personal import search_personal

    is_open = resource.version.state in OPEN_STATES
    if is_open:
        show_stage(resource_id=resource.pk, stage="profile")
    profiled = profile(parquet=parquet, schema=schema, workdir=folder, **limits)
    lease.check()
    content = fingerprint(parquet, threads=limits["threads"])
    lease.check()
    if is_open:
        show_stage(resource_id=resource.pk, stage="personal")
    personal = search_personal(parquet=parquet, schema=schema, workdir=folder, **limits)
    lease.check()
    return _Look({**profiled.to_json(), "fingerprint": content}, personal, profiled.seconds)


def _keep_beside(run: CheckRun, lease: Lease, resource: Resource, look: _Look) -> None:
    """A published table was looked at again: its report is the manifest's and stays, this one stands beside it."""
    with transaction.atomic():
        row = _lock_run(run, lease.token)
        record_later_look(
            actor=system(),
            resource=resource,
            profile=look.profile,
            personal=look.personal,
            engine={"duckdb": duckdb.__version__, "checks": LOOKS},
            seconds=look.seconds,
        )
        _end(row, CheckRunState.DONE)


def _lock_run(run: CheckRun, token: UUID) -> CheckRun:
    """The run, locked after its version: whoever replaces a table has its version first. Raises LeaseLost."""
    Version.objects.select_for_update(of=("self",)).filter(resources=run.resource_id).first()
    return lock_fenced(CheckRun, run.pk, token)


def _is_stale(now: Resource, *, schema: dict[str, Any], rules: list[dict[str, Any]]) -> bool:
    """Whether what was checked has changed meanwhile: told by the thing itself, and by a run that waits."""
    changed = now.schema != schema or now.version.dataset.all_rules != rules
    return changed or now.check_runs.filter(state=CheckRunState.QUEUED).exists()


def applicable_rules(stored: list[dict[str, object]], resource: Resource) -> list[Rule]:
    """The owner's rules and those of rule sets that speak of this table: it is named, or has all of their columns.

    A rule that fits none of the version's tables is asked of each, and comes back as "could not check": a rule
    that was mistyped must not look like one that passed.
    """
    tables = {
        table.name: {item["name"] for item in table.schema["fields"]} for table in resource.version.resources.all()
    }
    # A rule that stands in several sets, or in a set and among the owner's, is asked once, at its strictest level: to
    # repeat a set's error as a note does not soften it.
    asked: dict[str, Rule] = {}
    for rule in map(Rule.from_stored, stored):
        if _is_meant(rule, resource.name, tables):
            known = asked.get(rule.demand, rule)
            asked[rule.demand] = min(known, rule, key=lambda item: LEVELS.index(item.level))
    return list(asked.values())


def _is_meant(rule: Rule, table: str, tables: Mapping[str, set[str]]) -> bool:
    """Whether a rule is asked of this one of the version's tables, whose columns are given by their names."""
    if rule.table in tables:
        return rule.table == table
    reads = set(rule.reads)
    return bool(rule.table) or reads <= tables[table] or not any(reads <= names for names in tables.values())


def _failed(row: CheckRun, failure: Failure) -> None:
    """Tried again, or recorded as what could not be checked."""
    if failure.is_final and row.resource.version.state in OPEN_STATES:
        _record_errored(row, failure.cause)
        return
    if failure.is_final:
        # Of what is published the report is the manifest's: that nobody could look again is for operators.
        _end(row, CheckRunState.ERRORED, failures=MAX_TRIES, error=failure.cause)
        return
    row = _end(row, CheckRunState.ERRORED, error=failure.cause, **failure.counts)
    if not row.resource.check_runs.filter(state=CheckRunState.QUEUED).exists():
        move(row, to=CheckRunState.QUEUED, actor=system(), queued_at=timezone.now(), finished_at=None)


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


_WORK = Work(_check, _failed, lock=_lock_run)
