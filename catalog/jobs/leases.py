"""A job is a row: state, attempts, lease and fencing token. The broker's message is only a wake-up.

A worker claims by one locked write, a thread extends the lease, and whatever the worker writes at the end is
fenced by the token. So ``kill -9`` costs one lease, and a duplicate message costs nothing.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import close_old_connections, connection, models, transaction
from django.utils import timezone

from catalog.actor import system
from catalog.transitions import move

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """Another worker has the job now; whoever sees this stops at once and writes nothing."""


MAX_TRIES = 3
"""Failures of ours after which a job waits for an operator."""
MAX_ATTEMPTS = 5
"""Claims after which we believe that the job kills its workers."""
OUTAGE_HOURS = 24
"""So long a server's silence is waited out; then it counts like any failure of ours, and an operator is told."""


class LeasedModel(models.Model):
    """The columns of a job row. ``heartbeat_at`` tells when a worker last said that it lives, ``queued_at`` when the
    last message was sent for it.

    ``attempts`` counts claims, ``failures`` those that ended in a failure of ours.
    """

    attempts = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


J = TypeVar("J", bound=LeasedModel)


def fresh_lease() -> dict[str, Any]:
    """What a claim writes: a new token and the time until which it holds."""
    now = timezone.now()
    return {
        "lease_token": uuid.uuid4(),
        "lease_until": now + timedelta(seconds=settings.LEASE_SECONDS),
        "heartbeat_at": now,
    }


def counted_failure(row: LeasedModel, *, outage: bool, since: datetime | None) -> dict[str, int]:
    """What a failed attempt adds to a job's counts; ``since`` is when the job began to wait for its result.

    A server that does not answer says nothing about the job, so that such an attempt is not counted: an outage of an
    hour must not leave every job of that hour to the operators.
    """
    waited_too_long = since is not None and timezone.now() - since > timedelta(hours=OUTAGE_HOURS)
    if outage and not waited_too_long:
        return {"failures": row.failures, "attempts": row.attempts - 1}
    return {"failures": row.failures + 1, "attempts": row.attempts}


NO_LEASE: dict[str, Any] = {"lease_token": None, "lease_until": None}


class Lease:
    """Holds a claimed row. ``extend`` writes through the fence and tells whether the lease still is ours."""

    def __init__(self, model: type[LeasedModel], pk: Any, token: uuid.UUID) -> None:
        self._model = model
        self._pk = pk
        self._token = token
        self._lost = threading.Event()

    @property
    def token(self) -> uuid.UUID:
        return self._token

    def check(self) -> None:
        """Raises LeaseLost once the lease is known to be another's."""
        if self._lost.is_set():
            raise LeaseLost(f"{self._model.__name__} {self._pk}")

    def extend(self, **changes: Any) -> None:
        """Prolong the lease and write ``changes`` in the same fenced UPDATE.

        Raises LeaseLost when the row carries another token.
        """
        now = timezone.now()
        until = now + timedelta(seconds=settings.LEASE_SECONDS)
        ours = self._model._default_manager.filter(pk=self._pk, lease_token=self._token)
        if not ours.update(lease_until=until, heartbeat_at=now, **changes):
            self._lost.set()
        self.check()

    def report(self, **changes: Any) -> None:
        """Like ``extend``, for what only informs: a database that is away for a while is no reason to give up.

        The job goes on, and its end needs the database anyway. Raises LeaseLost.
        """
        try:
            self.extend(**changes)
        except LeaseLost:
            raise
        except Exception:
            logger.exception("could not extend the lease of %s %s", self._model.__name__, self._pk)
            # Otherwise every later use of this broken connection would fail, also when the database is back.
            close_old_connections()


@contextmanager
def held(model: type[LeasedModel], pk: Any, token: uuid.UUID) -> Iterator[Lease]:
    """Keep the lease of a claimed row alive from a thread of its own until the block ends."""
    lease = Lease(model, pk, token)
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(settings.LEASE_SECONDS / 3):
            try:
                lease.report()
            except LeaseLost:
                logger.warning("lost the lease of %s %s", model.__name__, pk)
                break
        connection.close()

    thread = threading.Thread(target=beat, name=f"lease-{pk}", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        stop.set()
        thread.join(timeout=settings.LEASE_SECONDS)


@transaction.atomic
def claim(model: type[J], pk: Any, *, waiting: str, working: str) -> J | None:
    """Take the job for this worker: it waits, or its worker's lease ran out. None when there is nothing to take.

    ``attempts`` counts every claim; whether that is too many is the caller's to say.
    """
    row = model._default_manager.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if row is None:
        return None
    state = getattr(row, "state", "")
    if state == waiting:
        return move(row, to=working, actor=system(), attempts=row.attempts + 1, **fresh_lease())
    if state == working and row.lease_until is not None and row.lease_until < timezone.now():
        logger.warning("%s %s was left by its worker; attempt %s", model.__name__, pk, row.attempts + 1)
        changes = {"attempts": row.attempts + 1, **fresh_lease()}
        for name, value in changes.items():
            setattr(row, name, value)
        row.save(update_fields=list(changes))
        return row
    return None


def lock_fenced(model: type[J], pk: Any, token: uuid.UUID) -> J:
    """The row, locked, if the lease still is ours; to be called inside the transaction that writes the result.

    Raises LeaseLost.
    """
    row = model._default_manager.select_for_update(of=("self",)).filter(pk=pk, lease_token=token).first()
    if row is None:
        raise LeaseLost(f"{model.__name__} {pk}")
    return row
