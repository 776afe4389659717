"""The audit trail's chain of hashes: an event that is changed, left out or put in later no longer fits.

Events are written without waiting for each other, as a chain would make them; a sweep links them a few seconds later,
in one order, under a lock. Each link's sha256 is of the event's JSON (RFC 8785's idea: sorted keys, no spaces), its
position and the sha256 before. The newest link goes out of the database too: as an object in the bucket and into
every manifest, so that whoever rewrites the whole chain would have to rewrite those as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC
from typing import Literal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from catalog import keys, storage
from catalog.actor import Actor
from catalog.models import AuditCheck, AuditEvent, AuditLink

BEFORE_THE_FIRST = "0" * 64
BATCH = 2_000
FAULTS_KEPT = 100
_LOCK = 0x6175646974  # "audit", as the number of an advisory lock: one process links at a time.
Kind = Literal["changed", "missing", "cut", "rewritten"]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link. ``position`` is 0 while there is none."""

    position: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not fit: at which position, which event (None where it is not known), and a sentence for a person."""

    position: int
    event: int | None
    kind: Kind
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """``first`` to ``last`` are the positions looked at; ``pending`` counts events that wait for their link.

    ``witnesses`` counts heads outside of the database that were compared. ``faults`` are the first hundred.
    """

    first: int
    last: int
    pending: int
    witnesses: int
    faults: tuple[Fault, ...]
    faults_count: int

    @property
    def is_whole(self) -> bool:
        return self.faults_count == 0


def head() -> Head:
    """The newest link of the chain."""
    newest = AuditLink.objects.order_by("-position").first()
    return Head(0, BEFORE_THE_FIRST) if newest is None else Head(newest.position, newest.sha256)


def link_hash(event: AuditEvent, *, position: int, before: str) -> str:
    """The sha256 (hex) that links an event, as docs/operating.md has it for whoever verifies without us."""
    value = {
        "position": position,
        "before": before,
        "id": event.pk,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "token": event.token_id,
        "address": event.address,
        "action": event.action,
        "object": [event.object_type, event.object_id],
        "dataset": event.dataset_id,
        "label": event.label,
        "detail": event.detail,
    }
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def extend_chain(*, limit: int = 50_000) -> int:
    """Link up to ``limit`` events that wait, oldest first; how many were linked. If another links now, none."""
    linked = 0
    while linked < limit and (count := _extend_by(min(BATCH, limit - linked))):
        linked += count
    return linked


def put_witness() -> Head:
    """Write the newest link to the bucket, where a changed database does not reach. Raises StorageUnavailable."""
    newest = head()
    if newest.position:
        data = json.dumps(asdict(newest)).encode()
        storage.put_bytes(keys.audit_head(newest.position, newest.sha256), data, content_type="application/json")
    return newest


@transaction.atomic
def _extend_by(limit: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "DELETE FROM catalog_auditpending WHERE event_id IN "
            "(SELECT event_id FROM catalog_auditpending ORDER BY event_id LIMIT %s) RETURNING event_id",
            [limit],
        )
        chosen = sorted(row[0] for row in cursor.fetchall())
    events = AuditEvent.objects.in_bulk(chosen)
    newest = head()
    position, before = newest.position, newest.sha256
    links = []
    for number in chosen:
        position += 1
        before = link_hash(events[number], position=position, before=before)
        links.append(AuditLink(position=position, event_id=number, sha256=before))
    AuditLink.objects.bulk_create(links, batch_size=BATCH)
    return len(links)


def verify_chain(*, newest: int | None = None) -> Verification:
    """Hold the chain (or its ``newest`` links) to its events, and to the heads outside of the database.

    Reads the trail once, in pieces. Raises StorageUnavailable.
    """
    last = head().position
    first = 1 if newest is None else max(1, last - newest + 1)
    found: list[Fault] = []
    count = 0
    seen: dict[int, str] = {}
    witnesses = _witnesses(first)
    for item in _examined(first, last, {told.position for told in witnesses}, seen):
        count += 1
        if len(found) < FAULTS_KEPT:
            found.append(item)
    for told in witnesses:
        fault = _compared(told, seen.get(told.position), last)
        if fault is not None:
            count += 1
            found.append(fault)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_auditpending")
        pending = cursor.fetchone()[0]
    return Verification(first, last, pending, len(witnesses), tuple(found[:FAULTS_KEPT]), count)


def record_verification(*, actor: Actor, verification: Verification) -> AuditCheck:
    """Keep what was found, for the page; that somebody looked is no event of the trail."""
    return AuditCheck.objects.create(
        by=actor.user,
        first=verification.first,
        last=verification.last,
        faults=[asdict(item) for item in verification.faults],
        faults_count=verification.faults_count,
    )


def _examined(first: int, last: int, witnesses: set[int], seen: dict[int, str]) -> Iterator[Fault]:
    """Each fault of the positions ``first`` to ``last``; ``seen`` is given the hashes at the witnesses' positions."""
    before = BEFORE_THE_FIRST
    if first > 1:
        before = AuditLink.objects.values_list("sha256", flat=True).filter(position=first - 1).first() or ""
    expected, low = first, first
    while low <= last:
        links = AuditLink.objects.filter(position__gte=low, position__lt=low + BATCH).order_by("position")
        rows = list(links)
        events = AuditEvent.objects.in_bulk([row.event_id for row in rows])
        for row in rows:
            if row.position != expected:
                yield Fault(expected, None, "missing", _("Links are missing before this one."))
            yield from _examined_link(row, events.get(row.event_id), before)
            before, expected = row.sha256, row.position + 1
            if row.position in witnesses:
                seen[row.position] = row.sha256
        low += BATCH


def _examined_link(link: AuditLink, event: AuditEvent | None, before: str) -> Iterator[Fault]:
    if event is None:
        yield Fault(link.position, link.event_id, "missing", _("The event of this link is gone."))
    elif link_hash(event, position=link.position, before=before) != link.sha256:
        yield Fault(link.position, link.event_id, "changed", _("The event, or the link before it, was changed."))


def _witnesses(first: int) -> list[Head]:
    """The heads that lie in the bucket and concern positions from ``first`` on."""
    told = (Head(*keys.read_audit_head(key)) for key in storage.list_keys(keys.AUDIT_HEADS))
    return [item for item in told if item.position >= first]


def _compared(told: Head, stands: str | None, last: int) -> Fault | None:
    if told.position > last:
        return Fault(told.position, None, "cut", _("The bucket has a head of this position: the end was cut off."))
    if stands is not None and stands != told.sha256:
        return Fault(told.position, None, "rewritten", _("The bucket has another hash of this position."))
    return None
