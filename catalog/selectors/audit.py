"""The audit trail as it is read: newest first, filtered, a piece at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from catalog.actor import Actor
from catalog.models import AuditCheck, AuditEvent, Dataset
from catalog.models.audit_event import AuditEventQuerySet

READS = ("resource.downloaded", "resource.read", "changes.downloaded", "document.downloaded")
"""The actions by which somebody had cells or documents."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. Empty words look for nothing; ``since`` and ``until`` are days of the site, both included."""

    who: str = ""
    action: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None
    reads: bool | None = None


def list_events(*, actor: Actor, dataset: Dataset | None = None, asked: Asked) -> AuditEventQuerySet:
    """The events that the actor may see, the newest first, with person and link."""
    rows = AuditEvent.objects.visible_to(actor).select_related("actor", "link").order_by("-pk")
    if dataset is not None:
        rows = rows.filter(dataset_id=dataset.pk)
    if asked.who:
        rows = rows.filter(actor__username=asked.who)
    if asked.action:
        rows = rows.filter(action__startswith=asked.action)
    if asked.about:
        rows = rows.filter(label__icontains=asked.about)
    if asked.since is not None:
        rows = rows.filter(at__gte=_begin(asked.since))
    if asked.until is not None:
        rows = rows.filter(at__lt=_begin(asked.until + timedelta(days=1)))
    if asked.reads is not None:
        rows = rows.filter(action__in=READS) if asked.reads else rows.exclude(action__in=READS)
    return rows


def last_check() -> AuditCheck | None:
    """When the chain was last verified, and what was found."""
    return AuditCheck.objects.select_related("by").first()


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
