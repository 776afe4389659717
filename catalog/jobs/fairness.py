"""Whose job is next: the organizations take turns, so that a thousand files of one don't keep another's waiting.

A message is only a wake-up, and the job that it names is only an example: the worker takes the oldest job of the
organization that was served longest ago.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.db.models import Max, QuerySet
from django.utils import timezone

from catalog.events import raise_event
from catalog.jobs.lanes import Lane, SlotFreed, slot
from catalog.jobs.leases import LeasedModel, claim

J = TypeVar("J", bound=LeasedModel)
RECENT = timedelta(hours=1)
"""Who was not served for so long has no later turn than anybody else."""
_ROUNDS = 3


def work_in_turn(
    lane: Lane,
    work: Callable[[J], None],
    *,
    rows: QuerySet[J],
    organization: str,
    since: str,
    waiting: str,
    working: str,
) -> None:
    """Do the job of ``rows`` whose turn it is, if the worker has a slot for a job of that lane.

    Nothing is done while it has none; whoever has the slot sends the next wake-up.
    """
    with slot(lane) as is_free:
        if not is_free:
            return
        job = claim_fairly(rows, organization=organization, since=since, waiting=waiting, working=working)
        if job is not None:
            work(job)
    if lane is not Lane.SMALL:
        raise_event(SlotFreed())


def claim_fairly(rows: QuerySet[J], *, organization: str, since: str, waiting: str, working: str) -> J | None:
    """Claim the job of ``rows`` whose turn it is; None when there is none, or when others were quicker.

    ``organization`` and ``since`` name the fields (with their paths) of whose it is and how long it has waited.
    """
    model = rows.model
    for _ in range(_ROUNDS):
        oldest = rows.order_by(organization, since).distinct(organization).values_list("pk", organization)
        heads: list[tuple[Any, Any]] = list(oldest)
        if not heads:
            return None
        served = _served(model, organization, [owner for _, owner in heads])
        never = timezone.now() - RECENT
        for pk, _ in sorted(heads, key=lambda head: served.get(head[1], never)):
            row: J | None = claim(model, pk, waiting=waiting, working=working)
            if row is not None:
                return row
    return None


def _served(model: type[LeasedModel], organization: str, owners: list[Any]) -> dict[Any, Any]:
    """When a worker last had a job of each organization."""
    recent = model._default_manager.filter(heartbeat_at__gt=timezone.now() - RECENT)
    counted = recent.filter(**{f"{organization}__in": owners}).order_by().values(organization)
    return dict(counted.annotate(served=Max("heartbeat_at")).values_list(organization, "served"))
