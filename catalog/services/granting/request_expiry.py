"""What time does to requests for access: nobody answers, that is said, and they expire (called by the sweep)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.actor import Actor
from catalog.models import AccessRequest, AccessRequestState, NoticeKind
from catalog.selectors.grants import maintainers_of
from catalog.services.notifying.letters import told_of_request
from catalog.services.notifying.notices import tell
from catalog.transitions import move

WARNED_BEFORE = timedelta(days=7)
"""How long before a request expires it is said, to the asker and to those who decide."""


def warn_of_expiry() -> int:
    """Say of requests that nobody answers that they expire soon, once; how many it was said of."""
    near = AccessRequest.objects.filter(
        state=AccessRequestState.PENDING,
        warned_at__isnull=True,
        expires_at__lte=timezone.now() + WARNED_BEFORE,
    )
    return sum(_warn(pk) for pk in list(near.values_list("pk", flat=True)))


@transaction.atomic
def _warn(pk: int) -> bool:
    waiting = AccessRequest.objects.filter(pk=pk, state=AccessRequestState.PENDING, warned_at__isnull=True)
    request = waiting.select_for_update(of=("self",)).first()
    if request is None:
        return False
    request.warned_at = timezone.now()
    request.save(update_fields=["warned_at"])
    tell([request.user, *maintainers_of(request.dataset)], NoticeKind.REQUEST_ENDS, **told_of_request(request))
    return True


def expire_unanswered(*, actor: Actor) -> int:
    """End requests that nobody answered in time; how many."""
    over = AccessRequest.objects.filter(state=AccessRequestState.PENDING, expires_at__lte=timezone.now())
    return sum(_expire(actor, pk) for pk in list(over.values_list("pk", flat=True)))


@transaction.atomic
def _expire(actor: Actor, pk: int) -> bool:
    over = AccessRequest.objects.filter(pk=pk, state=AccessRequestState.PENDING, expires_at__lte=timezone.now())
    request = over.select_for_update(of=("self",)).first()
    if request is None:
        return False
    request = move(
        request,
        to=AccessRequestState.EXPIRED,
        actor=actor,
        dataset_id=request.dataset_id,
        label=request.user.username,
        decided_at=timezone.now(),
    )
    tell([request.user], NoticeKind.REQUEST_EXPIRED, **told_of_request(request))
    return True
